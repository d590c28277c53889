//! Whom a notice is for, and whether they are still to be told, as it is a moment before it is
//! sent. Tests: below, `desk/tests/desk/notices/{kinds,queue}.rs`, and
//! `desk/tests/desk/directory/another.rs`.

use crate::engine::notices::own::is_of_another;
use crate::store::notices::NoticeState;
use crate::store::rows::User;
use crate::{Channel, Moment, NoticeKind, Role, is_email_address};

/// Somebody whom notices are for.
pub(super) struct Recipient {
    pub(super) user: User,
    /// The kinds that they do not want.
    pub(super) off: Vec<String>,
    /// When they last switched off what is told on for some days.
    pub(super) muted_at: Option<Moment>,
}

/// For how many days it is.
const MUTED_LATER_DAYS: i64 = 3;

impl Recipient {
    /// What becomes of a notice of what happened at `at` where they are not told of it, and why;
    /// none: they are told.
    pub(super) fn why_not(
        &self,
        kind: NoticeKind,
        at: Moment,
        channel: Channel,
        now: Moment,
    ) -> Option<(NoticeState, &'static str)> {
        let dropped = |why| Some((NoticeState::Dropped, why));
        let user = &self.user;
        let is_closing = kind == NoticeKind::AccountClosed;
        if user.person.disabled != is_closing {
            return dropped("the account is closed, or open again");
        }
        // Whoever leaves is told that alone.
        if !is_closing && is_of_another(user, at, now) {
            return dropped("who had the NetID then has left");
        }
        if kind == NoticeKind::ForAdministrators && user.person.role != Role::Admin {
            return dropped("they are no administrator any more");
        }
        if channel == Channel::Mail {
            if kind.is_optional() && self.is_off(kind, at) {
                return dropped("they do not want it");
            }
            if !is_email_address(&user.email) {
                let why = "there is no e-mail address for this person";
                return Some((NoticeState::Undeliverable, why));
            }
        }
        None
    }

    /// Whether they do not want what happened at `at`.
    fn is_off(&self, kind: NoticeKind, at: Moment) -> bool {
        let is_muted_later =
            |muted: Moment| kind.is_muted_later() && at < muted.plus_days(MUTED_LATER_DAYS);
        self.off.iter().any(|code| code == kind.code())
            && !self.muted_at.is_some_and(is_muted_later)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::identity::fixtures::user;
    use crate::{FormerHolder, Holder};

    const NOW: Moment = Moment(1_795_511_101_234);

    /// Whether it is told that a local password was set at this moment, where who had the NetID
    /// before has left at the other.
    fn is_sent(left: Moment, at: Moment) -> bool {
        let former = Some(FormerHolder { at: left, who: Holder::default() });
        let user = User { former, email: "pia@example.edu".to_owned(), ..user("pia") };
        let recipient = Recipient { user, off: Vec::new(), muted_at: None };
        recipient.why_not(NoticeKind::PasswordSet, at, Channel::Mail, NOW).is_none()
    }

    #[test]
    fn what_happened_before_somebody_left_is_not_for_who_comes_after_them() {
        let left = NOW.plus_days(-1);
        assert!(!is_sent(left, left.plus_seconds(-1)) && !is_sent(left, left));
        assert!(is_sent(left, left.plus_seconds(1)));
        assert!(is_sent(NOW.plus_days(400), NOW), "by a clock that was wrong");
    }
}
