//! What is said of a local password that is set for somebody, and what it stays behind: an account
//! that is disabled, or a local password that is closed, is so afterwards too. Made on the server,
//! so that no page loads the words. Tests: below, `server/tests/server/people/hurdles.rs`.

use desk::{Hurdles, UserPage};

use super::api::Said;
use crate::admin::words::TO_SAY;
use crate::components::{Kind, Notice};

/// What a person's page says.
pub(super) fn said(page: &UserPage) -> Said {
    if page.set_password_denied.is_some() {
        return Said::default();
    }
    let hurdles = Hurdles::from(page);
    let user = &page.user;
    let called = if user.name.is_empty() { &user.netid } else { &user.name };
    let before = before(hurdles, called);
    Said {
        hurdles: (!before.is_empty())
            .then(|| Notice { kind: Kind::Warn, ..Notice::good(before.join("\n")) }),
        unsaved: match free(hurdles) {
            None => format!("Once it is saved, say to {called}: {TO_SAY}"),
            Some(free) => format!("Once it is saved and {free}, say to {called}: {TO_SAY}"),
        },
        saved: format!("Saved. {}", now_say(hurdles, called)),
    }
}

/// What is said once it is set.
pub(super) fn was_set(hurdles: Hurdles, netid: &str, called: &str) -> String {
    let set = format!("Initial local password set for {netid}.");
    if free(hurdles).is_none() {
        return format!(
            "{set} It takes effect immediately. Ask {called} to change it under Settings → About \
                Me."
        );
    }
    let disabled = hurdles.disabled.then(|| {
        let enable = enable(hurdles);
        format!(" The account is still disabled: {called} cannot log in to change it. {enable}")
    });
    let closed = hurdles.closed.then(|| {
        let open = open(hurdles);
        format!(" It is still closed after too many wrong ones, and cannot be used. {open}")
    });
    let (disabled, closed) = (disabled.unwrap_or_default(), closed.unwrap_or_default());
    format!("{set}{disabled}{closed} Then ask {called} to change it under Settings → About Me.")
}

/// What they are told on the telephone.
pub(super) fn now_say(hurdles: Hurdles, called: &str) -> String {
    match free(hurdles) {
        None => format!("Now say to {called}: {TO_SAY}"),
        Some(free) => format!("Once {free}, say to {called}: {TO_SAY}"),
    }
}

/// Before it is set: what it will stay behind, and who takes that away.
fn before(hurdles: Hurdles, called: &str) -> Vec<String> {
    let disabled = hurdles.disabled.then(|| {
        let enable = enable(hurdles);
        format!(
            "The account is disabled, and stays so when a local password is set: {called} cannot \
                log in. {enable}"
        )
    });
    let closed = hurdles.closed.then(|| {
        let open = open(hurdles);
        format!("The local password is closed, and a new one stays so: it cannot be used. {open}")
    });
    disabled.into_iter().chain(closed).collect()
}

fn enable(hurdles: Hurdles) -> &'static str {
    if hurdles.may_enable {
        "You enable it under Account: take the tick off Disabled."
    } else {
        "An administrator can enable it."
    }
}

fn open(hurdles: Hurdles) -> &'static str {
    if hurdles.may_open {
        "You open it with Open local password, above."
    } else {
        "The Help Desk can open it."
    }
}

/// What has to be so before it is good for anything; none: nothing.
fn free(hurdles: Hurdles) -> Option<&'static str> {
    match (hurdles.disabled, hurdles.closed) {
        (false, false) => None,
        (true, false) => Some("the account is enabled"),
        (false, true) => Some("it is open"),
        (true, true) => Some("the account is enabled and it is open"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Hurdles =
        Hurdles { disabled: false, closed: false, may_enable: false, may_open: false };

    #[test]
    fn where_nothing_is_in_the_way_it_takes_effect_at_once() {
        assert_eq!(
            was_set(FREE, "sam", "Sam Staff"),
            "Initial local password set for sam. It takes effect immediately. Ask Sam Staff to \
                change it under Settings → About Me."
        );
        assert_eq!(before(FREE, "Sam Staff"), Vec::<String>::new());
        assert_eq!(now_say(FREE, "Sam"), format!("Now say to Sam: {TO_SAY}"));
    }

    #[test]
    fn each_role_is_told_before_and_after_what_stays_and_who_takes_it_away() {
        for (disabled, closed, may_enable, may_open, words) in [
            (true, false, false, false, &["An administrator can enable it."][..]),
            (true, false, true, true, &["You enable it under Account: take the tick off"][..]),
            (false, true, false, false, &["The Help Desk can open it."][..]),
            (false, true, false, true, &["You open it with Open local password, above."][..]),
            (true, true, false, true, &["An administrator can enable it.", "You open it"][..]),
        ] {
            let hurdles = Hurdles { disabled, closed, may_enable, may_open };
            let after = was_set(hurdles, "tia", "Tia");
            let before = before(hurdles, "Tia").join("\n");
            for words in words {
                assert!(before.contains(words), "{before}");
                assert!(after.contains(words), "{after}");
            }
            assert!(!after.contains("immediately"), "{after}");
            assert!(after.ends_with("Then ask Tia to change it under Settings → About Me."));
            let say = now_say(hurdles, "Tia");
            assert!(say.starts_with("Once ") && say.contains(", say to Tia: “"), "{say}");
        }
    }
}
