//! What is in the way of somebody's tokens or local password, and the way out of it: in words, for
//! a page, made on the server so that no page loads them. Tests: below,
//! `server/tests/server/people/closed.rs`, `end2end/tests/about-me.spec.ts`, `auth-tokens.spec.ts`.

use desk::{Denied, Helper, LocalState, Me, Moment, Refusal, Source, Standing};

use crate::components::{Notice, NoticeKind};

/// What is in somebody's way at `now`; none: nothing. It is [`NoticeKind::Bad`] where their local
/// password is closed or has lapsed, so that none helps, and only then.
pub(crate) fn in_the_way(
    me: &Me,
    standing: Standing,
    contact: &str,
    now: Moment,
) -> Option<Notice> {
    let Standing { closed, ask } = standing;
    let warn =
        |lines: &[String]| Notice { kind: NoticeKind::Warn, ..Notice::good(lines.join("\n")) };
    let contact = if ask == Helper::HelpDesk && !contact.is_empty() {
        vec![format!("Help Desk: {contact}")]
    } else {
        Vec::new()
    };
    if closed {
        return Some(Notice::bad(
            [vec![Refusal::AccountClosed(ask).to_string()], contact, closed_lines(me, ask)]
                .concat()
                .join("\n"),
        ));
    }
    if !me.privileged {
        return Some(warn(&[vec![Denied::ActorNotPrivileged(ask).to_string()], contact].concat()));
    }
    match me.local.state {
        LocalState::Own => None,
        // That it has lapsed stands above every page.
        LocalState::Initial if me.local.lapses_at.is_some_and(|at| at <= now) => {
            Some(Notice::bad([contact, lapsed_lines(&me.netid, ask)].concat().join("\n")))
        }
        LocalState::Initial if me.local.is_weak_import() => {
            Some(warn(&[WEAK_IMPORT.to_owned()]).with_link("/settings/about-me", "About Me"))
        }
        LocalState::Initial => Some(
            warn(&[Denied::OnlyInitial.to_string()]).with_link("/settings/about-me", "About Me"),
        ),
        LocalState::None if me.may_set_first_password => Some(
            warn(&[NONE_YET.to_owned()])
                .with_link("/settings/about-me", "Choose your local password"),
        ),
        LocalState::None if me.first_password_when_fresh && me.by_provider => {
            let again = "/login/oidc?fresh&next=/settings/about-me";
            Some(warn(&[NONE_YET.to_owned()]).with_link(again, "Log in again and choose it"))
        }
        LocalState::None if me.first_password_when_fresh => {
            Some(warn(&[format!("{NONE_YET} {}", Denied::LoginNotFresh)]))
        }
        LocalState::None => {
            let denied = Denied::FirstPasswordBySomeoneElse(ask).to_string();
            Some(warn(&[vec![denied], contact, first_lines(&me.netid, ask)].concat()))
        }
    }
}

const WEAK_IMPORT: &str = "Your password from Request Tracker is too weak to go on with. Choose \
    another: it makes, changes and revokes your auth tokens.";

const NONE_YET: &str = "You do not have a local password yet.";

/// How somebody gets their first local password.
fn first_lines(netid: &str, ask: Helper) -> Vec<String> {
    if ask == Helper::Operator {
        return vec![
            format!("They run: latchkey user set-password {netid} --own"),
            "You type it there yourself, so that it is your own at once.".to_owned(),
        ];
    }
    vec![
        format!("Say: “My NetID is {netid}. Please set a first local password for me.”"),
        READ_OUT.to_owned(),
    ]
}

const READ_OUT: &str = "They read an initial password out to you, good for 7 days. Choose your own \
    with it under Settings, About Me; then make your auth tokens.";

/// How somebody gets another one whose initial one has lapsed.
fn lapsed_lines(netid: &str, ask: Helper) -> Vec<String> {
    if ask == Helper::Operator {
        return first_lines(netid, ask);
    }
    vec![
        format!(
            "Say: “My NetID is {netid}. My initial local password has lapsed. Please set a new \
                one.”"
        ),
        READ_OUT.to_owned(),
    ]
}

/// How somebody gets a closed one opened.
fn closed_lines(me: &Me, ask: Helper) -> Vec<String> {
    let netid = &me.netid;
    let goes_on = "You can log in as before, and your auth tokens go on working.".to_owned();
    // Where it is kept here, nobody changes their own.
    let another = if me.source == Source::BuiltIn {
        "ask whoever runs Latchkey for another NetID password first."
    } else {
        "change your NetID password first."
    };
    let not_you = format!(
        "If it was not you who typed it wrong, somebody else was logged in as you: {another}"
    );
    if ask == Helper::Operator {
        return vec![format!("They run: latchkey user open {netid}"), goes_on, not_you];
    }
    vec![
        format!("Say: “My NetID is {netid}. My local password is closed. Please open it.”"),
        "They ask whether it was you who typed it wrong. If so, they open it, and it is the same \
            as before; if you have forgotten it, they set an initial one too."
            .to_owned(),
        not_you,
        goes_on,
    ]
}

#[cfg(test)]
mod tests {
    use desk::{LocalPassword, Role};

    use super::*;

    const NOW: Moment = Moment(1_795_511_101_234);

    fn me(role: Role, state: LocalState) -> Me {
        Me {
            netid: "sam".to_owned(),
            name: "Sam".to_owned(),
            email: String::new(),
            role,
            privileged: true,
            source: Source::BuiltIn,
            local: LocalPassword { state, ..LocalPassword::default() },
            confirmed_until: None,
            may_set_first_password: false,
            first_password_when_fresh: false,
            by_provider: false,
        }
    }

    fn words(me: &Me, closed: bool, ask: Helper) -> String {
        in_the_way(me, Standing { closed, ask }, "extension 4711", NOW)
            .map(|notice| notice.text)
            .unwrap_or_default()
    }

    #[test]
    fn each_role_is_told_whom_to_ask_and_what_happens_then() {
        for (role, ask, whom, how) in [
            (
                Role::Staff,
                Helper::HelpDesk,
                "Contact the Help Desk and",
                "Help Desk: extension 4711",
            ),
            (Role::Rep, Helper::HelpDesk, "Contact the Help Desk and", "Help Desk: extension 4711"),
            (
                Role::HelpDesk,
                Helper::Administrator,
                "Contact an administrator and",
                "Say: “My NetID is sam.",
            ),
            (
                Role::Admin,
                Helper::AnotherAdministrator,
                "Contact another administrator and",
                "Say: “My NetID is sam.",
            ),
            (
                Role::Admin,
                Helper::Operator,
                "Contact whoever runs the server and",
                "They run: latchkey user ",
            ),
        ] {
            let none = words(&me(role, LocalState::None), false, ask);
            let closed = words(&me(role, LocalState::Own), true, ask);
            for text in [&none, &closed] {
                assert!(text.contains(whom) && text.contains(how), "{role}: {text}");
                assert_eq!(text.contains("Help Desk"), ask == Helper::HelpDesk, "{role}: {text}");
            }
            if ask == Helper::Operator {
                assert!(
                    none.contains("latchkey user set-password sam --own")
                        && closed.contains("latchkey user open sam")
                );
            }
            let unprivileged =
                words(&Me { privileged: false, ..me(role, LocalState::None) }, false, ask);
            assert!(
                unprivileged.contains(&format!("Contact {ask} if you need them.")),
                "{unprivileged}"
            );
        }
    }

    #[test]
    fn nobody_is_told_to_change_a_netid_password_that_is_kept_here() {
        for (source, changes) in [(Source::BuiltIn, false), (Source::Ldap, true)] {
            for ask in [Helper::HelpDesk, Helper::Operator] {
                let me = Me { source, ..me(Role::Staff, LocalState::Own) };
                let reported = words(&me, true, ask);
                assert_eq!(reported.contains("change your NetID password"), changes, "{reported}");
                assert_eq!(reported.contains("for another NetID password"), !changes, "{reported}");
            }
        }
    }

    #[test]
    fn of_a_lapsed_one_it_is_said_whom_to_ask_and_not_to_choose_another_by_it() {
        let lapsing = |at: Moment| {
            let mut me = me(Role::Staff, LocalState::Initial);
            me.local.lapses_at = Some(at);
            in_the_way(
                &me,
                Standing { closed: false, ask: Helper::HelpDesk },
                "extension 4711",
                NOW,
            )
            .unwrap()
        };
        let good = lapsing(Moment(NOW.0 + 1));
        assert_eq!(good.kind, NoticeKind::Warn);
        assert!(good.text.starts_with("Choose your own local password"), "{}", good.text);
        let over = lapsing(NOW);
        assert_eq!((over.kind, over.links.len()), (NoticeKind::Bad, 0));
        assert!(
            over.text.starts_with(
                "Help Desk: extension 4711\nSay: “My NetID is sam. My initial local password has \
                    lapsed. Please set a new one.”\n"
            ),
            "{}",
            over.text
        );
    }

    #[test]
    fn one_from_request_tracker_that_is_too_weak_is_called_so_and_was_not_read_out() {
        let mut me = me(Role::Staff, LocalState::Initial);
        me.local.lapses_at = Some(Moment(NOW.0 + 1));
        me.local.set_by = "Helen".to_owned();
        assert!(!words(&me, false, Helper::HelpDesk).contains("Request Tracker"));
        me.local.set_by = "Request Tracker".to_owned();
        let text = words(&me, false, Helper::HelpDesk);
        assert!(text.starts_with("Your password from Request Tracker is too weak"), "{text}");
        me.local.state = LocalState::Own;
        assert_eq!(words(&me, false, Helper::HelpDesk), "");
    }

    #[test]
    fn only_one_that_does_not_help_is_bad_and_nothing_is_said_where_nothing_is_in_the_way() {
        let kind = |me: &Me, closed| {
            in_the_way(me, Standing { closed, ask: Helper::HelpDesk }, "", NOW)
                .map(|notice| notice.kind)
        };
        assert_eq!(kind(&me(Role::Staff, LocalState::Own), false), None);
        for state in [LocalState::None, LocalState::Initial] {
            assert_eq!(kind(&me(Role::Staff, state), false), Some(NoticeKind::Warn));
        }
        for state in [LocalState::Initial, LocalState::Own] {
            assert_eq!(kind(&me(Role::Staff, state), true), Some(NoticeKind::Bad));
        }
    }
}
