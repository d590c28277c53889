//! Who has rights by groups of an identity system that the configuration hears of no longer: said
//! by `check` and at the start, ended by `latchkey directory end-groups`. Tests:
//! `server/tests/server/command_line/unheard.rs`.

use desk::{Desk, NetId, Refusal, Unheard};
use serde_json::json;

use super::desk_source::DeskSource;
use super::exit::{ExitCode, Failure, NOT_GOOD};
use super::show;

/// How many people are named in one line.
const NAMED: usize = 10;

/// What is to be said of them; none: there is nobody.
pub(super) async fn warning(desk: &Desk) -> Result<Option<String>, Refusal> {
    let found = desk.console().rights_of_unheard_groups().await?;
    if found.is_empty() {
        return Ok(None);
    }
    let mut names: Vec<String> = found.iter().take(NAMED).map(words).collect();
    if found.len() > NAMED {
        names.push(format!("{} more", found.len() - NAMED));
    }
    Ok(Some(format!(
        "groups of the identity system that no longer count (scim.groups, groups.*) still give \
         rights: {}. `latchkey directory end-groups` takes them away, and with --dry-run lists \
         everybody.",
        names.join(", ")
    )))
}

fn words(one: &Unheard) -> String {
    let role = (one.becomes < one.role).then(|| format!("{} → {}", one.role, one.becomes));
    let tokens = one.loses_tokens.then(|| "tokens".to_owned());
    format!("{} ({})", one.netid, role.into_iter().chain(tokens).collect::<Vec<_>>().join(", "))
}

/// Takes it from them.
pub(super) async fn end(
    source: &DeskSource<'_>,
    dry: bool,
    as_json: bool,
) -> Result<ExitCode, Failure> {
    let desk = source.open().await?;
    let console = desk.console();
    let (ended, kept, changed) = if dry {
        (console.rights_of_unheard_groups().await?, Vec::new(), Vec::new())
    } else {
        let done = console.end_rights_of_unheard_groups().await?;
        (done.ended, done.kept, done.changed_meanwhile)
    };
    source.close(&desk).await;
    if as_json {
        let one = |one: &Unheard| {
            json!({
                "netid": one.netid, "role": one.role, "becomes": one.becomes,
                "loses_tokens": one.loses_tokens,
            })
        };
        show::json(&json!({
            "dry_run": dry, "ended": ended.iter().map(one).collect::<Vec<_>>(), "kept": kept,
            "changed_meanwhile": changed,
        }))?;
    } else {
        for one in &ended {
            show::print(&words(one));
        }
        let people = show::people(ended.len());
        show::print(&if ended.is_empty() {
            "Nobody has rights from a group that no longer counts.".to_owned()
        } else if dry {
            format!("Nothing was done. Rights from these groups would be taken from {people}.")
        } else {
            format!("Rights from these groups were taken from {people}.")
        });
        let list =
            |netids: &[NetId]| netids.iter().map(NetId::as_str).collect::<Vec<_>>().join(", ");
        if !kept.is_empty() {
            show::complain(&format!(
                "{} is the last enabled administrator and stays one: make somebody else an \
                    administrator first.",
                list(&kept)
            ));
        }
        if !changed.is_empty() {
            show::complain(&format!(
                "{} changed at this moment, and nothing was taken from them: try again.",
                list(&changed)
            ));
        }
    }
    Ok(if kept.is_empty() && changed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(NOT_GOOD)
    })
}
