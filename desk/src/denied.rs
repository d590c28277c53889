//! Why the rules refuse: the sentence for the person who was refused, a short word for logs and the
//! audit, and the words for whoever reads that. Tests: below, and `app/src/components/happened.rs`.

use serde::{Deserialize, Serialize};

use crate::{Helper, Role};

/// Why the rules ([`rules::check`](crate::rules::check)) forbid an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Denied {
    /// The actor's account is disabled.
    #[error("Your account is disabled. Contact the Help Desk.")]
    ActorDisabled,
    /// The actor's account is not privileged.
    #[error(
        "Your account is not allowed to have a local password or auth tokens. Contact {0} if you \
            need them."
    )]
    ActorNotPrivileged(Helper),
    /// The action belongs to a higher role.
    #[error("You do not have the right to do this.")]
    RoleTooLow,
    /// The subject's role is above the actor's.
    #[error("You cannot do this for someone whose role is above your own.")]
    SubjectAbove {
        /// The subject's role.
        role: Role,
    },
    /// The subject is not allowed to have a local password.
    #[error(
        "This person’s account is not privileged, so it cannot have a local password or auth \
            tokens. An administrator can change that."
    )]
    SubjectNotPrivileged,
    /// The subject's account is disabled.
    #[error("This person’s account is disabled. An administrator can enable it.")]
    SubjectDisabled,
    /// The actor is the subject where they must not be.
    #[error("Use Settings → About Me for your own password.")]
    Oneself,
    /// An administrator would lock themselves out.
    #[error("You cannot change your own role, privilege or account. Ask {0}.")]
    OwnAccount(Helper),
    /// The actor acts on others only with a local password of their own.
    #[error("You need a local password of your own first.")]
    NoOwnLocalPassword,
    /// The actor has only an initial local password.
    #[error("Choose your own local password first: the initial one is good for nothing else.")]
    OnlyInitial,
    /// The actor's first local password is set by someone else.
    #[error("You do not have a local password yet. Contact {0} and ask them to set one.")]
    FirstPasswordBySomeoneElse(Helper),
    /// Setting one's first password by oneself takes a fresh log-in.
    #[error(
        "Log out and in again: a first local password can be set within 5 minutes of logging in."
    )]
    LoginNotFresh,
    /// There is a local password already: it is changed, not set.
    #[error("You have a local password already. Change it with the current one.")]
    HasLocalPassword,
    /// No role may: a token is made by its owner alone.
    #[error(
        "Nobody can make a token for another person. Ask them to make it under Settings → Auth \
            Tokens."
    )]
    NobodyEver,
}

macro_rules! reasons {
    ($(
        $variant:ident $({ $field:ident: $value:expr })? $(($helper:expr))?
            = $code:literal, $words:literal;
    )+) => {
        impl Denied {
            /// All of them; where one is about a role, any.
            pub const ALL: &[Self] = &[$(Self::$variant $({ $field: $value })? $(($helper))?,)+];

            /// A short word for logs and the audit.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $code,)+
                }
            }

            /// The same in words, for whoever reads the audit.
            #[must_use]
            pub const fn reason(self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $words,)+
                }
            }
        }
    };
}

reasons! {
    ActorDisabled = "actor-disabled", "The account is disabled";
    ActorNotPrivileged(Helper::HelpDesk) = "actor-not-privileged", "The account is not privileged";
    RoleTooLow = "role-too-low", "The role is too low";
    SubjectAbove { role: Role::Admin } = "subject-above", "Their role is above the actor’s";
    SubjectNotPrivileged = "subject-not-privileged", "The other’s account is not privileged";
    SubjectDisabled = "subject-disabled", "The other’s account is disabled";
    Oneself = "oneself", "Not to oneself";
    OwnAccount(Helper::AnotherAdministrator) = "own-account", "Not to one’s own account";
    NoOwnLocalPassword = "no-own-local-password", "No local password of their own";
    OnlyInitial = "only-initial", "Only an initial local password";
    FirstPasswordBySomeoneElse(Helper::HelpDesk) = "first-password-by-someone-else",
        "The first local password is set by someone else";
    LoginNotFresh = "login-not-fresh", "The log-in was too long ago";
    HasLocalPassword = "has-local-password", "There is a local password already";
    NobodyEver = "nobody-ever", "Not allowed to anybody";
}

impl Denied {
    /// Whom it says to ask; none: nobody, or always the same.
    #[must_use]
    pub const fn ask(self) -> Option<Helper> {
        match self {
            Self::ActorNotPrivileged(ask)
            | Self::FirstPasswordBySomeoneElse(ask)
            | Self::OwnAccount(ask) => Some(ask),
            _ => None,
        }
    }

    /// The same by somebody else's help, where it names any.
    #[must_use]
    pub const fn asking(self, ask: Helper) -> Self {
        match self {
            Self::ActorNotPrivileged(_) => Self::ActorNotPrivileged(ask),
            Self::FirstPasswordBySomeoneElse(_) => Self::FirstPasswordBySomeoneElse(ask),
            Self::OwnAccount(_) => Self::OwnAccount(ask),
            other => other,
        }
    }

    /// Reads a code; none where no refusal has it.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|denied| denied.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_back_and_no_two_are_alike() {
        for (n, denied) in Denied::ALL.iter().enumerate() {
            assert_eq!(Denied::ALL.iter().position(|other| other.code() == denied.code()), Some(n));
            assert_eq!(Denied::parse(denied.code()).map(Denied::code), Some(denied.code()));
        }
    }
}
