//! What an import would do and what it has done, for people and as JSON: who comes, and what cannot
//! come, by reason and with what to do. Tests: below, and
//! `server/tests/server/command_line/request_tracker/moving.rs`.

use std::collections::BTreeMap;

use desk::{LeftOut, LeftOutWhy, PlannedPerson, PlannedWhat, Role, RtDone, RtPlan};
use serde_json::{Value, json};

use crate::cli::exit::{ExitCode, Failure};
use crate::cli::show::{self, counted};

/// What is done about names that the desk cannot take as they are.
const BY_MAP: &str = "Write each of them with a NetID into a CSV file headed “rt name,netid”, and \
    give it by --map.";

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
pub(super) fn tell_plan(plan: &RtPlan, is_json: bool) -> Result<ExitCode, Failure> {
    if is_json {
        show::json(&json_of(plan))?;
    } else {
        show_plan(plan);
        show::print("Nothing was written.");
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints what would be done.
pub(super) fn show_plan(plan: &RtPlan) {
    let text = written(plan);
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
    format!(
        "{}, {}, {}",
        counted(accounts, "account"),
        counted(passwords, "local password"),
        counted(tokens, "token")
    )
}

/// The plan for people.
fn written(plan: &RtPlan) -> String {
    let mut text = String::new();
    let rows: Vec<_> = plan.people.iter().filter(|person| is_changed(person)).map(row).collect();
    if !rows.is_empty() {
        text.push_str(&show::table(["NetID", "Request Tracker’s name", "what"], rows));
        text.push('\n');
    }
    for (why, left) in by_reason(&plan.left_out) {
        text.push_str(&format!("Left out: {}.\n", why.words()));
        if matches!(why, LeftOutWhy::NoNetId | LeftOutWhy::SameNetId) {
            text.push_str(&format!("{BY_MAP}\n"));
        }
        for (name, tokens) in left {
            text.push_str(&format!("  {}{}\n", show::visible(name), numbers(&tokens)));
        }
        text.push('\n');
    }
    text.push_str(&notes(plan));
    let accounts = plan.people.iter().filter(|person| is_new(person)).count();
    let passwords = plan.people.iter().filter(|person| person.brings_password).count();
    text.push_str(&format!("To bring in: {}.", counts(accounts, passwords, plan.tokens_new)));
    if plan.tokens_already > 0 {
        let already = counted(plan.tokens_already, "token");
        text.push_str(&format!(" Brought in before: {already}."));
    }
    text.push('\n');
    text
}

/// What else is to be known of those that come.
fn notes(plan: &RtPlan) -> String {
    let mut text = String::new();
    if plan.descriptions_changed > 0 {
        text.push_str(&format!(
            "Descriptions that are cut, or freed of what nobody sees in them: {}.\n",
            plan.descriptions_changed
        ));
    }
    if !plan.made_by_others.is_empty() {
        text.push_str(&format!(
            "Made by somebody else than their owner, who may know them{}. Have their owners renew \
             them.\n",
            numbers(&plan.made_by_others)
        ));
    }
    text
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

/// What becomes of their account; of one that is here, with its role.
fn account(person: &PlannedPerson) -> String {
    let role = person.role.map(|role| format!(" ({})", role.title())).unwrap_or_default();
    format!("{}{role}", person.what.words())
}

fn row(person: &PlannedPerson) -> [String; 3] {
    let facts = [
        Some(account(person)),
        person.disabled.then(|| "disabled".to_owned()),
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
            "role": person.role.map(Role::word),
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
mod tests {
    use desk::NetId;

    use super::*;

    fn person(netid: &str, what: PlannedWhat, tokens: usize) -> PlannedPerson {
        PlannedPerson {
            netid: NetId::parse(netid).expect("a NetID"),
            rt_name: netid.to_owned(),
            role: (what == PlannedWhat::Already).then_some(Role::Rep),
            what,
            brings_password: tokens == 2,
            disabled: false,
            tokens,
        }
    }

    fn left(rt_name: &str, token: Option<u64>, why: LeftOutWhy) -> LeftOut {
        LeftOut { rt_name: rt_name.to_owned(), token, why }
    }

    fn plan() -> RtPlan {
        RtPlan {
            people: vec![
                person("alice", PlannedWhat::MakeAccount, 2),
                person("ada", PlannedWhat::Already, 0),
            ],
            left_out: vec![
                left("b@example.org\u{1b}[2J", None, LeftOutWhy::NoNetId),
                left("alice", Some(7), LeftOutWhy::Expired),
                left("alice", Some(9), LeftOutWhy::Expired),
            ],
            tokens_new: 2,
            tokens_already: 1,
            descriptions_changed: 1,
            made_by_others: vec![3],
        }
    }

    #[test]
    fn a_plan_names_who_comes_and_what_does_not_by_reason() {
        let text = written(&plan());
        for line in [
            "alice  alice                   a new account, local password, 2 tokens\n",
            "  b@example.org\u{FFFD}[2J\n",
            "give it by --map.\n",
            "  alice: tokens 7, 9\n",
            "who may know them: token 3.",
            "To bring in: 1 account, 1 local password, 2 tokens. Brought in before: 1 token.\n",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        assert!(!text.contains("ada") && !text.contains('\u{1b}'), "{text}");
        assert!(text.contains(LeftOutWhy::Expired.words()), "{text}");
    }

    #[test]
    fn of_an_account_that_is_here_it_says_the_role_and_what_is_added() {
        let mut plan = plan();
        plan.people[1].tokens = 3;
        let text = written(&plan);
        let row = "an account that is here (Campus Services rep), 3 tokens\n";
        assert!(text.contains(row), "{text}");
        let json = json_of(&plan);
        assert!(json["people"][0]["role"].is_null());
        assert_eq!(json["people"][1]["role"], "rep");
    }

    #[test]
    fn nothing_comes_where_nobody_and_nothing_is_new() {
        let mut plan = plan();
        assert!(!is_empty(&plan));
        plan.people.retain(|person| !is_new(person));
        assert!(!is_empty(&plan));
        plan.tokens_new = 0;
        assert!(is_empty(&plan));
    }

    #[test]
    fn programs_read_the_same() {
        let json = json_of(&plan());
        assert_eq!(json["people"][0]["what"], "make_account");
        assert_eq!(json["people"][1]["what"], "already");
        assert_eq!(json["left_out"][1]["token"], 7);
        assert!(json["left_out"][0]["token"].is_null());
        assert_eq!((&json["tokens_new"], &json["tokens_already"]), (&json!(2), &json!(1)));
    }
}
