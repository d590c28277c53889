//! What an import would do and what it has done, for people and as JSON: who comes, and what cannot
//! come, by reason and with what to do. Tests: `plan/tests.rs`, and
//! `server/tests/server/command_line/request_tracker/moving.rs`.

use std::collections::{BTreeMap, HashMap, HashSet};

use desk::{
    LeftOut, LeftOutWhy, NetId, PlannedPerson, PlannedWhat, RtDone, RtImport, RtPerson, RtPlan,
};
use serde_json::{Value, json};

use crate::cli::exit::{ExitCode, Failure};
use crate::cli::show::{self, counted};

/// What is done about names that the desk cannot take as they are.
const BY_MAP: &str = "Write each of them with a NetID into a CSV file headed “rt name,netid”, and \
    give it by --map.";

/// The most owners that are named of whom it is said that others have made their tokens.
const NAMED_OWNERS: usize = 20;

/// Whether nothing would come.
pub(super) fn is_empty(plan: &RtPlan) -> bool {
    plan.tokens_new == 0 && !plan.people.iter().any(is_changed)
}

fn is_new(person: &PlannedPerson) -> bool {
    person.what == PlannedWhat::MakeAccount
}

/// Whether anything becomes of somebody.
fn is_changed(person: &PlannedPerson) -> bool {
    is_new(person) || person.brings_password || person.tokens > 0
}

/// Prints what would be done, and that it was not.
pub(super) fn tell_plan(
    import: &RtImport,
    plan: &RtPlan,
    is_json: bool,
) -> Result<ExitCode, Failure> {
    if is_json {
        show::json(&json_of(plan))?;
    } else {
        show_plan(import, plan);
        show::print("Nothing was written.");
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints what would be done.
pub(super) fn show_plan(import: &RtImport, plan: &RtPlan) {
    let text = written(import, plan);
    // A reader that has gone away (`| head`) is no failure.
    let _ = show::write(&text);
}

/// Prints what was done, and what is next.
pub(super) fn tell_done(done: RtDone, is_json: bool) -> Result<ExitCode, Failure> {
    if is_json {
        show::json(&json!({
            "accounts": done.accounts, "passwords": done.passwords, "tokens": done.tokens,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    if done == RtDone::default() {
        show::print("There was nothing new to bring in.");
        return Ok(ExitCode::SUCCESS);
    }
    show::print(&format!(
        "Brought in: {}.\nOld strings and passwords are good here from now on. Next, requests that \
         carry one go to Latchkey; how many have moved says `latchkey rt status`",
        counts(done.accounts, done.passwords, done.tokens)
    ));
    Ok(ExitCode::SUCCESS)
}

fn counts(accounts: usize, passwords: usize, tokens: usize) -> String {
    format!("{}, {}", counted(accounts, "account"), passwords_and_tokens(passwords, tokens))
}

fn passwords_and_tokens(passwords: usize, tokens: usize) -> String {
    format!("{}, {}", counted(passwords, "local password"), counted(tokens, "token"))
}

/// The plan for people.
fn written(import: &RtImport, plan: &RtPlan) -> String {
    let mut text = String::new();
    let kept_back = kept_back(import);
    let rows: Vec<_> = plan
        .people
        .iter()
        .filter(|person| is_changed(person))
        .map(|person| row(person, kept_back.contains(person.rt_name.as_str())))
        .collect();
    if !rows.is_empty() {
        text.push_str(&show::table(["NetID", "Request Tracker’s name", "what"], rows));
        text.push('\n');
    }
    for (why, left) in by_reason(&plan.left_out) {
        text.push_str(&format!("Left out: {}.\n", why.words()));
        if matches!(why, LeftOutWhy::NoNetId | LeftOutWhy::SameNetId) {
            text.push_str(&format!("{BY_MAP}\n"));
        }
        if why == LeftOutWhy::SameNetId {
            text.push_str(&meetings(import, left.keys().copied()));
        } else {
            for (name, tokens) in left {
                text.push_str(&format!("  {}{}\n", show::visible(name), numbers(&tokens)));
            }
        }
        text.push('\n');
    }
    text.push_str(&notes(import, plan));
    let accounts = plan.people.iter().filter(|person| is_new(person)).count();
    let passwords = plan.people.iter().filter(|person| person.brings_password).count();
    text.push_str(&format!("To bring in: {}.", counts(accounts, passwords, plan.tokens_new)));
    if plan.tokens_already > 0 {
        let already = counted(plan.tokens_already, "token");
        text.push_str(&format!(" Brought in before: {already}."));
    }
    text.push_str(&stays_behind(&plan.left_out));
    text.push('\n');
    text
}

/// How much is left out, and how many people wholly.
fn stays_behind(left_out: &[LeftOut]) -> String {
    if left_out.is_empty() {
        return String::new();
    }
    let tokens = left_out.iter().filter(|left| left.token.is_some()).count();
    let is_wholly = |left: &&LeftOut| {
        left.token.is_none()
            && matches!(
                left.why,
                LeftOutWhy::NoNetId
                    | LeftOutWhy::SameNetId
                    | LeftOutWhy::Reserved
                    | LeftOutWhy::ByMap
            )
    };
    let people = left_out.iter().filter(is_wholly).count();
    let passwords = left_out.len() - tokens - people;
    format!(" Left out: {}, {}.", show::people(people), passwords_and_tokens(passwords, tokens))
}

/// Those whose local password does not come with a new account, because they are disabled.
fn kept_back(import: &RtImport) -> HashSet<&str> {
    let has_one = |person: &&RtPerson| person.disabled && person.password.is_some();
    let people = import.people.iter().filter(|_| import.passwords);
    people.filter(has_one).map(|person| person.name.as_str()).collect()
}

/// Which names would be one person here, by whom.
fn meetings<'a>(import: &RtImport, names: impl Iterator<Item = &'a str>) -> String {
    let mut met: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in names {
        let netid = match import.map.get(name) {
            Some(netid) => netid.clone(),
            None => NetId::parse(name).ok(),
        };
        let netid = netid.map(|netid| netid.to_string()).unwrap_or_default();
        met.entry(netid).or_default().push(show::visible(name));
    }
    met.iter().map(|(netid, names)| format!("  {netid}: {}\n", names.join(", "))).collect()
}

/// What else is to be known of those that come.
fn notes(import: &RtImport, plan: &RtPlan) -> String {
    let mut text = String::new();
    if plan.descriptions_changed > 0 {
        text.push_str(&format!(
            "Descriptions that are cut, or freed of what nobody sees in them: {}.\n",
            plan.descriptions_changed
        ));
    }
    if !plan.made_by_others.is_empty() {
        text.push_str(
            "Made by somebody else than their owner, who may know them. Have their owners renew \
             them.\n",
        );
        let owners = owners(import, &plan.made_by_others);
        for (name, many) in owners.iter().take(NAMED_OWNERS) {
            text.push_str(&format!("  {}: {}\n", show::visible(name), counted(*many, "token")));
        }
        if owners.len() > NAMED_OWNERS {
            text.push_str(&format!(
                "  … and {} more: --json has the numbers of all these tokens.\n",
                owners.len() - NAMED_OWNERS
            ));
        }
        text.push('\n');
    }
    text
}

/// Whose tokens these are, by name there, and how many.
fn owners<'a>(import: &'a RtImport, tokens: &[u64]) -> BTreeMap<&'a str, usize> {
    let wanted: HashSet<u64> = tokens.iter().copied().collect();
    let names: HashMap<u64, &str> =
        import.people.iter().map(|person| (person.id, person.name.as_str())).collect();
    let mut owners = BTreeMap::new();
    for token in import.tokens.iter().filter(|token| wanted.contains(&token.id)) {
        if let Some(name) = names.get(&token.owner) {
            *owners.entry(*name).or_default() += 1;
        }
    }
    owners
}

/// Numbers of Request Tracker's tokens.
fn numbers(tokens: &[u64]) -> String {
    let numbers: Vec<String> = tokens.iter().map(u64::to_string).collect();
    match tokens.len() {
        0 => String::new(),
        1 => format!(": token {}", numbers.join(", ")),
        _ => format!(": tokens {}", numbers.join(", ")),
    }
}

fn row(person: &PlannedPerson, is_kept_back: bool) -> [String; 3] {
    let facts = [
        Some(person.what.words().to_owned()),
        person.disabled.then(|| "disabled".to_owned()),
        (person.disabled && is_kept_back).then(|| "its password stays behind".to_owned()),
        person.brings_password.then(|| "local password".to_owned()),
        (person.tokens > 0).then(|| counted(person.tokens, "token")),
    ];
    let what = facts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    [person.netid.to_string(), person.rt_name.clone(), what]
}

/// Those that do not come, by why: each person with the numbers of their tokens it is about; none:
/// it is about the person.
fn by_reason(left_out: &[LeftOut]) -> BTreeMap<LeftOutWhy, BTreeMap<&str, Vec<u64>>> {
    let mut reasons: BTreeMap<LeftOutWhy, BTreeMap<&str, Vec<u64>>> = BTreeMap::new();
    for left in left_out {
        let of_person = reasons.entry(left.why).or_default().entry(&left.rt_name).or_default();
        of_person.extend(left.token);
    }
    reasons
}

fn json_of(plan: &RtPlan) -> Value {
    let person = |person: &PlannedPerson| {
        json!({
            "netid": person.netid, "rt_name": person.rt_name,
            "what": if is_new(person) { "make_account" } else { "already" },
            "brings_password": person.brings_password, "disabled": person.disabled,
            "tokens": person.tokens,
        })
    };
    let left = |left: &LeftOut| {
        let why = left.why.words();
        json!({ "rt_name": left.rt_name, "token": left.token, "why": why })
    };
    json!({
        "people": plan.people.iter().map(person).collect::<Vec<_>>(),
        "left_out": plan.left_out.iter().map(left).collect::<Vec<_>>(),
        "tokens_new": plan.tokens_new,
        "tokens_already": plan.tokens_already,
        "descriptions_changed": plan.descriptions_changed,
        "made_by_others": plan.made_by_others,
    })
}

#[cfg(test)]
mod tests;
