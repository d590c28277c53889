//! The words of a plan, and what programs read of it.

use desk::{RtToken, Secret};

use super::*;

fn person(netid: &str, what: PlannedWhat, tokens: usize) -> PlannedPerson {
    PlannedPerson {
        netid: NetId::parse(netid).expect("a NetID"),
        rt_name: netid.to_owned(),
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

/// What the plan is of: alice and a leaver have a password, and others have made tokens.
fn import() -> RtImport {
    let person = |id: u64, name: &str, disabled: bool| RtPerson {
        id,
        name: name.to_owned(),
        real_name: String::new(),
        email: String::new(),
        password: Some(Secret::new("!bcrypt!".to_owned())),
        disabled,
        privileged: true,
        created: None,
    };
    let mut people = vec![person(1, "alice", false), person(2, "gus", true)];
    people.extend((10..32).map(|id| person(id, &format!("owner{id}"), false)));
    let token = |id: u64, owner: u64| RtToken {
        id,
        owner,
        hash: Secret::new("!bcrypt!".to_owned()),
        description: String::new(),
        created: None,
        created_by: 14,
        last_used: None,
        expires: None,
    };
    let tokens = [token(3, 1), token(4, 1)].into_iter();
    let tokens = tokens.chain((10..32).map(|id| token(id, id))).collect();
    let map = [("Kim@example.org".to_owned(), NetId::parse("kim").ok())].into();
    RtImport { people, tokens, map, passwords: true }
}

#[test]
fn a_plan_names_who_comes_and_what_does_not_by_reason() {
    let text = written(&import(), &plan());
    for line in [
        "alice  alice                   a new account, local password, 2 tokens\n",
        "  b@example.org\u{FFFD}[2J\n",
        "give it by --map.\n",
        "  alice: tokens 7, 9\n",
        "Have their owners renew them.\n  alice: 1 token\n\n",
        "To bring in: 1 account, 1 local password, 2 tokens. Brought in before: 1 token. Left \
            out: 1 person, 0 local passwords, 2 tokens.\n",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains("ada") && !text.contains('\u{1b}'), "{text}");
    assert!(text.contains(LeftOutWhy::Expired.words()), "{text}");
}

#[test]
fn tokens_that_others_have_made_are_counted_by_owner_and_the_first_are_named() {
    let plan = RtPlan { made_by_others: (3..5).chain(10..32).collect(), ..plan() };
    let text = written(&import(), &plan);
    for line in ["  alice: 2 tokens\n", "  owner10: 1 token\n", "  … and 3 more: --json has "] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains("owner30"), "{text}");
    assert_eq!(json_of(&plan)["made_by_others"].as_array().map(Vec::len), Some(24));
}

#[test]
fn names_that_meet_are_told_with_the_netid_they_meet_in() {
    let names = ["Kim@example.org", "kim"];
    let left_out = names.map(|name| left(name, None, LeftOutWhy::SameNetId)).into();
    let text = written(&import(), &RtPlan { left_out, ..RtPlan::default() });
    assert!(text.contains("\n  kim: Kim@example.org, kim\n"), "{text}");
}

#[test]
fn a_new_account_that_is_disabled_leaves_its_password_behind() {
    let gus = PlannedPerson { disabled: true, ..person("gus", PlannedWhat::MakeAccount, 1) };
    let plan = RtPlan { people: vec![gus], ..RtPlan::default() };
    let text = written(&import(), &plan);
    assert!(text.contains("a new account, disabled, its password stays behind, 1 token\n"));
    assert!(!text.contains("Left out"), "{text}");
    let without = written(&RtImport { passwords: false, ..import() }, &plan);
    assert!(!without.contains("behind"), "{without}");
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
