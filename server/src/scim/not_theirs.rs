//! What is said of people of whom something is refused, with their ids and what an operator can do:
//! those who are kept in Latchkey itself, members who are nobody here, and who would lose something
//! where too many have lost something already. Tests: below, and
//! `server/tests/server/scim/{mod,groups}.rs`.

use std::collections::BTreeSet;

use desk::{Loss, NetId};
use http::StatusCode;

use super::response::ScimError;
use crate::quoted::quoted;

/// How many are named.
const MAX_NAMED: usize = 5;

/// The ids of some, at most so many of them.
fn named<T>(ids: &[T], shown: impl Fn(&T) -> String) -> String {
    let some: Vec<String> = ids.iter().take(MAX_NAMED).map(shown).collect();
    match ids.len().saturating_sub(MAX_NAMED) {
        0 => some.join(", "),
        more => format!("{} and {more} more", some.join(", ")),
    }
}

fn netids(netids: &[NetId]) -> String {
    named(netids, |netid| format!("“{netid}”"))
}

/// How an account is handed over; of several `whose` stands for the id.
fn hand_over(whose: &str) -> String {
    format!(
        "`latchkey user link {whose}` on the server (with --subject SUB where there is an OpenID \
         provider)"
    )
}

/// What ends a NetID password of the desk's own.
const SINGLE_SIGN_ON: &str = "log in once by single sign-on, which ends that password";

/// Somebody is kept here, by a NetID password or else by a role alone.
pub(super) fn one(netid: &NetId, has_password: bool) -> String {
    let link = hand_over(netid.as_str());
    if has_password {
        format!(
            "“{netid}” has a NetID password in Latchkey itself: the account is not the identity \
             system's to change. Leave it out there; or, to hand it over, run {link} and have the \
             person {SINGLE_SIGN_ON}."
        )
    } else {
        format!(
            "“{netid}” has a role in Latchkey itself: the account is not the identity system's to \
             change. Leave it out there; or, to hand it over with that role, run {link}, and send \
             the request again."
        )
    }
}

/// Some who were to be put into a group cannot be: all that is wrong, in one answer.
pub(super) fn members(unknown: &[NetId], own: &[NetId], no_ids: &BTreeSet<String>) -> ScimError {
    let no_ids: Vec<&String> = no_ids.iter().collect();
    let all: Vec<String> = [
        (!unknown.is_empty()).then(|| nobody(unknown)),
        (!no_ids.is_empty()).then(|| nobodys(&no_ids)),
        (!own.is_empty()).then(|| kept_here(own)),
    ]
    .into_iter()
    .flatten()
    .collect();
    if unknown.is_empty() && no_ids.is_empty() {
        ScimError::of(StatusCode::FORBIDDEN, "", &all.join(" "))
    } else {
        ScimError::value(&all.join(" "))
    }
}

/// Some who were to be put into a group are kept here.
fn kept_here(own: &[NetId]) -> String {
    let whose = match own {
        [one] => one.as_str(),
        _ => "NETID",
    };
    format!(
        "Kept in Latchkey itself, by a NetID password or a role \
         there, and not the identity system's to change: {}. Leave them out of the group; or, to \
         hand an account over, run {}, and where it has a NetID password there have the person \
         {SINGLE_SIGN_ON}.",
        netids(own),
        hand_over(whose)
    )
}

/// Some who were to be put into a group are nobody here.
fn nobody(unknown: &[NetId]) -> String {
    format!(
        "Nobody here has the id {}: push them to /Users first, or leave them out.",
        netids(unknown)
    )
}

/// Some members are named by what is nobody's id.
fn nobodys(no_ids: &[&String]) -> String {
    let are = if no_ids.len() == 1 { "is nobody's id" } else { "are nobody's ids" };
    format!(
        "{} {are}: a member's value is the id of somebody at /Users.",
        named(no_ids, |id| quoted(id))
    )
}

/// Somebody was to be made by a name that is given to nobody.
pub(super) fn reserved(netid: &str) -> String {
    format!(
        "“{netid}” is a reserved name (people.reserved_netids in Latchkey's configuration): nobody \
         gets an account by it. Leave it out of what is provisioned."
    )
}

/// Somebody would lose something, and as many have within the hour as may.
pub(super) fn leaver(netid: &NetId, loss: &Loss, most: u64) -> String {
    let (loses, hint) = match loss {
        Loss::Account => ("leave".to_owned(), ""),
        Loss::Rights { role, tokens, is_first_group } => {
            let role = role.map(|(from, _)| format!("the role {}", from.title()));
            let tokens = tokens.then(|| "the right to have tokens".to_owned());
            let all: Vec<String> = role.into_iter().chain(tokens).collect();
            let hint = if *is_first_group {
                " Their first group replaces what an administrator or an import has given them: \
                 put them into a group that gives it, too, before."
            } else {
                ""
            };
            (format!("lose {}", all.join(" and ")), hint)
        }
    };
    let people = match most {
        1 => "1 person leaves or loses rights".to_owned(),
        most => format!("{most} people leave or lose rights"),
    };
    format!(
        "“{netid}” would {loses}, and no more than {people} in an hour here \
         (scim.max_leavers_per_hour). Nothing was changed: try again later.{hint}"
    )
}

#[cfg(test)]
mod tests {
    use desk::Role;

    use super::*;

    fn people(many: usize) -> Vec<NetId> {
        (0..many).map(|n| NetId::parse(&format!("n{n}")).expect("a NetID")).collect()
    }

    #[test]
    fn of_many_the_first_are_named_and_the_others_counted() {
        assert_eq!(netids(&people(1)), "“n0”");
        assert_eq!(netids(&people(5)), "“n0”, “n1”, “n2”, “n3”, “n4”");
        assert_eq!(netids(&people(7)), "“n0”, “n1”, “n2”, “n3”, “n4” and 2 more");
    }

    #[test]
    fn the_command_is_that_of_the_one_who_is_meant() {
        let all = people(2);
        for stated in [one(&all[0], true), one(&all[0], false), kept_here(&all[..1])] {
            assert!(
                stated.contains("“n0”") && stated.contains("`latchkey user link n0`"),
                "{stated}"
            );
        }
        assert!(one(&all[0], true).contains("single sign-on"));
        assert!(!one(&all[0], false).contains("single sign-on"));
        let both = kept_here(&all);
        assert!(both.contains("“n0”, “n1”") && both.contains("user link NETID`"), "{both}");
    }

    #[test]
    fn who_would_lose_something_is_named_with_what_it_is() {
        let nora = &people(1)[0];
        let left = leaver(nora, &Loss::Account, 10);
        assert!(
            left.starts_with(
                "“n0” would leave, and no more than 10 people leave or lose rights in"
            ),
            "{left}"
        );
        assert!(left.ends_with("try again later."), "{left}");
        let rights = |role, tokens, is_first_group| {
            leaver(nora, &Loss::Rights { role, tokens, is_first_group }, 1)
        };
        let both = rights(Some((Role::HelpDesk, Role::Staff)), true, false);
        assert!(
            both.contains("lose the role Help Desk and the right to have tokens, and no")
                && both.contains("than 1 person leaves or loses rights in"),
            "{both}"
        );
        let first = rights(None, true, true);
        assert!(
            first.contains("would lose the right to have tokens, and")
                && first.ends_with("a group that gives it, too, before."),
            "{first}"
        );
    }

    #[test]
    fn all_that_is_wrong_with_members_is_in_one_answer() {
        let (all, no_ids) = (people(3), BTreeSet::from([String::new(), "a@b".to_owned()]));
        let refused = members(&all[..2], &all[2..], &no_ids);
        let detail = refused.detail();
        for each in ["has the id “n0”, “n1”:", "“”, “a@b” are nobody's ids:", "user link n2`"]
        {
            assert!(detail.contains(each), "{each}: {detail}");
        }
    }
}
