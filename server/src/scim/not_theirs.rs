//! What is said of people of whom something is refused, with their ids and what an operator can do:
//! those who are kept in Latchkey itself, and members who are nobody here. Tests: below, and
//! `server/tests/server/scim/{mod,groups}.rs`.

use desk::NetId;

/// How many are named.
const MAX_NAMED: usize = 5;

/// The ids of some, at most so many of them.
fn named(netids: &[NetId]) -> String {
    let some: Vec<String> =
        netids.iter().take(MAX_NAMED).map(|netid| format!("“{netid}”")).collect();
    match netids.len().saturating_sub(MAX_NAMED) {
        0 => some.join(", "),
        more => format!("{} and {more} more", some.join(", ")),
    }
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

/// Some who were to be put into a group are kept here.
pub(super) fn members(netids: &[NetId]) -> String {
    let whose = match netids {
        [one] => one.as_str(),
        _ => "NETID",
    };
    format!(
        "Kept in Latchkey itself, by a NetID password or a role \
         there, and not the identity system's to change: {}. Leave them out of the group; or, to \
         hand an account over, run {}, and where it has a NetID password there have the person \
         {SINGLE_SIGN_ON}.",
        named(netids),
        hand_over(whose)
    )
}

/// Some who were to be put into a group are nobody here.
pub(super) fn unknown(netids: &[NetId]) -> String {
    format!(
        "Nobody here has the id {}: push them to /Users first, or leave them out.",
        named(netids)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn netids(many: usize) -> Vec<NetId> {
        (0..many).map(|n| NetId::parse(&format!("n{n}")).expect("a NetID")).collect()
    }

    #[test]
    fn of_many_the_first_are_named_and_the_others_counted() {
        assert_eq!(named(&netids(1)), "“n0”");
        assert_eq!(named(&netids(5)), "“n0”, “n1”, “n2”, “n3”, “n4”");
        assert_eq!(named(&netids(7)), "“n0”, “n1”, “n2”, “n3”, “n4” and 2 more");
    }

    #[test]
    fn the_command_is_that_of_the_one_who_is_meant() {
        let all = netids(2);
        for stated in [one(&all[0], true), one(&all[0], false), members(&all[..1])] {
            assert!(
                stated.contains("“n0”") && stated.contains("`latchkey user link n0`"),
                "{stated}"
            );
        }
        assert!(one(&all[0], true).contains("single sign-on"));
        assert!(!one(&all[0], false).contains("single sign-on"));
        let both = members(&all);
        assert!(both.contains("“n0”, “n1”") && both.contains("user link NETID`"), "{both}");
    }
}
