//! What people are told where they look, by mail or by the operator's webhook: the kinds of
//! notices, and one of them as it is sent. Who is told what, and when:
//! `engine/notices`. Tests: below, and `desk/tests/desk/notices/`.

use serde::{Deserialize, Serialize};

use crate::{Moment, NoticeId, TokenId};

/// Declares the kinds once: variant, code, whether the person may do without it.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal, optional: $optional:literal;)+) => {
        /// What a notice is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum NoticeKind {
            $($(#[$doc])* $name,)+
        }

        impl NoticeKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its code, as the configuration, the store and the webhook have it. Never changed.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// Whether the person whom it is for may switch it off. What tells them that somebody
            /// else may have their account they may not: whoever has it would do that first.
            #[must_use]
            pub const fn is_optional(self) -> bool {
                match self { $(Self::$name => $optional,)+ }
            }
        }
    };
}

kinds! {
    /// A token was made, or renewed, in their name.
    TokenMade = "token-made", optional: true;
    /// A token of theirs was used from a network that it was never used from before.
    TokenNewNetwork = "token-new-network", optional: true;
    /// A token of theirs that is in use ends soon.
    TokenExpires = "token-expires", optional: true;
    /// A token of theirs that nobody uses ends soon: the one question whether it is needed.
    TokenIdle = "token-idle", optional: true;
    /// A local password was set for them, or their first one by themselves.
    PasswordSet = "password-set", optional: false;
    /// Their local password was changed.
    PasswordChanged = "password-changed", optional: false;
    /// Their local password was closed after too many wrong ones.
    PasswordClosed = "password-closed", optional: false;
    /// Their account was disabled, here or since a directory no longer has them.
    AccountClosed = "account-closed", optional: false;
    /// A token of theirs was found where strangers could read it, and revoked.
    TokenLeaked = "token-leaked", optional: false;
    /// They, or whoever is logged in as them, switched mails of theirs off.
    NoticesChanged = "notices-changed", optional: false;
    /// A string of another system that they still use will not be taken any more.
    OldStringsEnd = "old-strings-end", optional: false;
    /// Something of somebody else's that the operator wants administrators to hear of.
    ForAdministrators = "for-administrators", optional: false;
}

impl NoticeKind {
    /// Of those that the audit tells of, as they happen, what administrators may be told too.
    pub const OF_THE_AUDIT: [Self; 7] = [
        Self::TokenMade,
        Self::TokenNewNetwork,
        Self::PasswordSet,
        Self::PasswordChanged,
        Self::PasswordClosed,
        Self::AccountClosed,
        Self::TokenLeaked,
    ];

    /// Whether it is told for some days more where a person has switched it off: what tells that
    /// somebody else may act as them.
    #[must_use]
    pub const fn is_muted_later(self) -> bool {
        matches!(self, Self::TokenMade | Self::TokenNewNetwork)
    }

    /// Reads a code; none where no kind has it.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

/// By what a notice goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Channel {
    /// A mail to the person.
    Mail,
    /// The operator's webhook.
    Webhook,
}

impl Channel {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Mail, Self::Webhook];

    /// Its code, as the store has it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
        }
    }
}

/// A notice as it is to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The same however often it is tried.
    pub id: NoticeId,
    /// What it is about.
    pub kind: NoticeKind,
    /// Whom it is for.
    pub netid: String,
    /// Their name; their NetID where they have none.
    pub name: String,
    /// Their address; by mail it is one, otherwise it may be empty.
    pub email: String,
    /// When what it tells happened, or was seen.
    pub at: Moment,
    /// The token that it is about; none: it is about none, or about several.
    pub token: Option<NoticeToken>,
    /// Who did it, in words: `you`, somebody's name, `the operator`; empty: nobody in particular.
    pub by: String,
    /// The same as the audit has it, for programs: a NetID or `(console)`; empty: nobody in
    /// particular.
    pub by_code: String,
    /// A local password was set that is good for choosing another, and for nothing else.
    pub initial: bool,
    /// The address that it was done from; empty: none that says anything.
    pub address: String,
    /// The network that a token was used from for the first time; empty: it is not about that, or
    /// there are many.
    pub network: String,
    /// What is said beside the network, or of somebody else's leaked token; empty: nothing.
    pub note: String,
    /// How many days the token has left, or the old strings have, of which a begun one counts;
    /// none: it is not about that.
    pub days_left: Option<i64>,
    /// What else there is to say. Where `token` is none and the kind is about tokens it says all
    /// there is: a sentence of several at once ("12 more tokens were made in your name since 24 Nov
    /// 2026, 09:05 UTC."), or a description whose token is not found any more. Of
    /// [`NoticeKind::ForAdministrators`] what happened, and to whom, in the desk's own words alone.
    pub detail: String,
    /// `detail` is a sentence of the desk's own, and no text that somebody else wrote.
    pub own_words: bool,
    /// What somebody else wrote of it, as administrators read it: a fact, and never Latchkey's own
    /// word; empty: nothing.
    pub quoted: String,
    /// How often it was tried in vain.
    pub tries: u32,
}

/// A token that a notice is about. Never its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeToken {
    /// Its record id.
    pub id: TokenId,
    /// What it is for, as its owner says now.
    pub description: String,
    /// When it expires; none: never.
    pub expires: Option<Moment>,
    /// It was taken over from Request Tracker.
    pub from_rt: bool,
}

/// How the queue of notices is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticesWaiting {
    /// How many wait to be sent; of more than ten thousand, ten thousand.
    pub waiting: u64,
    /// When the one was made that has waited longest; none: none waits.
    pub oldest: Option<Moment>,
    /// How many of the last thirty days were given up; counted as those that wait.
    pub given_up: u64,
}

/// A token's end in its owner's calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarEntry {
    /// The first 16 hex digits of the token's id: the same as long as it is the same token.
    pub id: String,
    /// What it is for.
    pub description: String,
    /// When it expires.
    pub expires: Moment,
}

/// Which optional notices a person wants; all others of those are off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeChoice {
    /// Those that they want by mail.
    pub wanted: Vec<NoticeKind>,
}

/// A person's own notices, as their page shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnNotices {
    /// Mails are sent at all.
    pub mail: bool,
    /// Where to; empty: their directory has no address for them.
    pub email: String,
    /// The optional kinds that are told here, and whether they want each.
    pub optional: Vec<(NoticeKind, bool)>,
    /// The others that people are told here.
    pub always: Vec<NoticeKind>,
    /// When they made the address of their calendar; none: there is none.
    pub calendar: Option<Moment>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_as_its_kind_and_no_two_are_alike() {
        for kind in NoticeKind::ALL {
            assert_eq!(NoticeKind::parse(kind.code()), Some(*kind));
        }
        assert_eq!(NoticeKind::parse("token_made"), None);
    }

    #[test]
    fn nobody_can_switch_off_what_tells_that_somebody_else_has_their_account() {
        let optional: Vec<&str> = NoticeKind::ALL
            .iter()
            .filter(|kind| kind.is_optional())
            .map(|kind| kind.code())
            .collect();
        assert_eq!(optional, ["token-made", "token-new-network", "token-expires", "token-idle"]);
    }
}
