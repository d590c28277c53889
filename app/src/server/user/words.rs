//! What a person's page says of their local password as it is now: that it is closed, why none can
//! be set, what to say of one that is. Asked for anew with the page, so that nothing of it is of
//! before. Tests: below, `server/tests/server/people/{closed,set_password}.rs` and
//! `end2end/tests/live.spec.ts`.

use desk::{Denied, Hurdle, LocalState, Source, UserPage};

use super::was_set::{no_way_in, now_say, then_say};
use crate::admin::user::api::Words;
use crate::components::{Notice, NoticeKind};

/// Of somebody's page; `can`: they have a way to log in; `visitor`: the name of who looks.
pub(super) fn of(page: &UserPage, can: bool, visitor: &str) -> Words {
    let user = &page.user;
    let called = if user.name.is_empty() { &user.netid } else { &user.name };
    let hurdle = Hurdle::from(page);
    let denied = page.set_password_denied.map(|denied| why_not(page, denied));
    Words {
        closed: if page.closed { closed(page) } else { String::new() },
        warning: (!can && denied.is_none()).then(|| warn(no_way_in(called))),
        denied,
        unsaved: then_say(hurdle, can, called),
        saved: format!("Saved. {}", now_say(hurdle, can, called)),
        over: over(page, called, visitor),
    }
}

fn warn(text: String) -> Notice {
    Notice { kind: NoticeKind::Warn, text, links: Vec::new() }
}

/// Why, to who looks: an administrator is not told to ask one.
fn reason(page: &UserPage, denied: Denied) -> String {
    if denied == Denied::SubjectDisabled && page.administer_denied.is_none() {
        "This person’s account is disabled. Enable it first, under Account.".to_owned()
    } else {
        denied.to_string()
    }
}

fn why_not(page: &UserPage, denied: Denied) -> Notice {
    let notice = warn(reason(page, denied));
    match denied {
        Denied::Oneself | Denied::OnlyInitial | Denied::NoOwnLocalPassword => {
            notice.with_link("/settings/about-me", "About Me")
        }
        _ => notice,
    }
}

/// That it is closed, and who opens it; to who may, what they ask and say on the telephone.
fn closed(page: &UserPage) -> String {
    let how = match page.open_denied {
        None => to_ask(page.source),
        Some(Denied::RoleTooLow) => "The Help Desk can open it.".to_owned(),
        Some(denied) => reason(page, denied),
    };
    format!(
        "This person’s local password is closed after 100 wrong ones, and stays closed when a new \
            one is set. They can still log in, and their auth tokens work.\n{how}"
    )
}

/// What whoever opens a closed local password asks and says on the telephone. Where the NetID
/// password is kept here, nobody changes their own.
fn to_ask(source: Source) -> String {
    let another = if source == Source::BuiltIn {
        "Ask whoever runs Latchkey to give them another NetID password."
    } else {
        "Say: “Change your NetID password now.”"
    };
    format!(
        "Ask: “Have you typed your local password wrong many times?”
If yes, open it. If they have forgotten it, set a new one under Access Control too.
If no, somebody else was logged in as them. {another} Once they have, end all their sessions and \
open it, and say: “Log in and look at Settings, Activity.”"
    )
}

/// That it is not the one that the visitor has set, if they have set one.
fn over(page: &UserPage, called: &str, visitor: &str) -> Option<Notice> {
    let by = page.local.set_by.as_str();
    match page.local.state {
        LocalState::None => None,
        LocalState::Own => {
            Some(Notice::good(format!("{called} has chosen a local password of their own.")))
        }
        LocalState::Initial if by == visitor => None,
        LocalState::Initial => {
            let by = if by.is_empty() { "somebody else" } else { by };
            Some(warn(format!(
                "An initial local password was set by {by}. Any that was set before it no longer \
                    works."
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use desk::{LocalPassword, Role, UserRow};

    use super::*;

    /// tia's page as the Help Desk sees it.
    fn page() -> UserPage {
        UserPage {
            user: UserRow {
                netid: "tia".to_owned(),
                name: "Tia".to_owned(),
                email: String::new(),
                role: Role::Staff,
                privileged: true,
                disabled: false,
                local: LocalState::None,
                closed: false,
                tokens: None,
            },
            local: LocalPassword::default(),
            source: Source::BuiltIn,
            departed_at: None,
            departed: false,
            subject: None,
            linked: false,
            holder: None,
            former: None,
            closed: false,
            set_password_denied: None,
            revoke_denied: None,
            administer_denied: Some(Denied::RoleTooLow),
            open_denied: None,
            tokens: None,
            sessions: None,
            history: None,
        }
    }

    fn set_by(by: &str, state: LocalState) -> UserPage {
        let local = LocalPassword { state, set_by: by.to_owned(), ..LocalPassword::default() };
        UserPage { local, ..page() }
    }

    #[test]
    fn one_that_was_opened_is_said_at_once() {
        let closed = of(&UserPage { closed: true, ..page() }, true, "Helen");
        assert!(closed.saved.starts_with("Saved. Once it is open, say to Tia: "));
        assert!(closed.closed.contains("Have you typed your local password wrong"));
        let open = of(&page(), true, "Helen");
        assert!(open.saved.starts_with("Saved. Now say to Tia: ") && open.closed.is_empty());
        let to_open = UserPage { closed: true, open_denied: Some(Denied::RoleTooLow), ..page() };
        assert!(of(&to_open, true, "Rae").closed.ends_with("\nThe Help Desk can open it."));
    }

    #[test]
    fn what_somebody_else_has_set_is_over_what_the_visitor_has() {
        let over = |page: UserPage| of(&page, true, "Ada").over;
        assert_eq!(over(page()), None);
        assert_eq!(over(set_by("Ada", LocalState::Initial)), None);
        let other = over(set_by("Helen", LocalState::Initial)).expect("it is said");
        assert!(other.text.starts_with("An initial local password was set by Helen. "));
        assert_eq!(other.kind, NoticeKind::Warn);
        let own = over(set_by("", LocalState::Own)).expect("it is said");
        assert_eq!(own, Notice::good("Tia has chosen a local password of their own."));
    }

    #[test]
    fn of_whoever_has_no_way_in_it_is_said_before_one_is_set() {
        assert_eq!(of(&page(), true, "Helen").warning, None);
        let warning = of(&page(), false, "Helen").warning.expect("it is said");
        assert!(warning.text.starts_with("Tia cannot log in yet: "), "{}", warning.text);
    }

    #[test]
    fn an_administrator_is_not_told_to_ask_one() {
        let denied = Some(Denied::SubjectDisabled);
        let disabled = UserPage { set_password_denied: denied, ..page() };
        let text = |page: &UserPage| of(page, true, "Ada").denied.expect("it is said").text;
        assert_eq!(text(&disabled), Denied::SubjectDisabled.to_string());
        let by_admin = UserPage { administer_denied: None, ..disabled };
        assert!(text(&by_admin).ends_with("Enable it first, under Account."));
    }
}
