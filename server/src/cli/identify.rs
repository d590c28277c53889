//! `latchkey token identify`: what a string is that somebody has found, and whose. Tests:
//! `server/tests/server/command_line/leaks.rs`.

use clap::Args;
use desk::{Identified, Moment, NetId, TokenView};
use serde_json::{Value, json};

use super::desk_source::DeskSource;
use super::exit::{ExitCode, Failure, NOT_GOOD};
use super::passwords::Asker;
use super::show;
use super::token::why_not;

/// `latchkey token identify`
#[derive(Args, Debug)]
pub(super) struct Identify {
    /// Read the string from standard input
    #[arg(long)]
    token_stdin: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Identify {
    pub(super) async fn run(self, source: &DeskSource<'_>) -> Result<ExitCode, Failure> {
        let text = Asker::new(self.token_stdin).ask("Token")?;
        let desk = source.open().await?;
        let identified = desk.console().identify(text.expose().trim()).await?;
        let now = desk.now();
        if self.json {
            show::json(&as_json(&identified, now))?;
        } else {
            show::print(&in_words(&identified, now));
        }
        let is_ours = matches!(identified, Identified::Token { .. });
        Ok(if is_ours { ExitCode::SUCCESS } else { ExitCode::from(NOT_GOOD) })
    }
}

fn in_words(identified: &Identified, now: Moment) -> String {
    match identified {
        Identified::Malformed => {
            "No token of any Latchkey: its form or its checksum is wrong.".to_owned()
        }
        Identified::Unknown => "A token of Latchkey’s by its form and checksum, and none that is \
            known here: another desk’s, or one that ended long ago."
            .to_owned(),
        Identified::Token { owner, name, token } => of_token(owner, name, token, now),
    }
}

fn of_token(owner: &NetId, name: &str, token: &TokenView, now: Moment) -> String {
    let used = token.used.as_ref().map_or_else(
        || "never".to_owned(),
        |used| {
            let from = if used.address.is_empty() { "–" } else { &used.address };
            format!("{} from {from}", used.at.exact())
        },
    );
    let lines = [
        ("owner", format!("{owner} ({name})")),
        ("id", token.id.short().to_owned()),
        ("description", token.description.clone()),
        ("access", token.access.word().to_owned()),
        ("created", token.created.exact()),
        ("state", why_not(token, now).unwrap_or_else(|| "works".to_owned())),
        ("last used", used),
    ];
    let lines = lines.map(|(what, text)| format!("{what:<12} {}", show::visible(&text)));
    lines.join("\n")
}

fn as_json(identified: &Identified, now: Moment) -> Value {
    match identified {
        Identified::Malformed => json!({ "is_token": false }),
        Identified::Unknown => json!({ "is_token": true, "known": false }),
        Identified::Token { owner, name, token } => json!({
            "is_token": true, "known": true, "owner": owner, "name": name,
            "works": why_not(token, now).is_none(), "token": token,
        }),
    }
}
