//! Why the rules refuse, in a short word for logs and the audit, and in words for whoever reads that. What the person who was
//! refused reads is the error's own sentence ([`Denied`]). Tests: below, and `app/src/parts/happened.rs`.

use crate::{Denied, Role};

macro_rules! reasons {
    ($($variant:ident $({ $field:ident: $value:expr })? = $code:literal, $words:literal;)+) => {
        impl Denied {
            /// All of them; where one is about a role, any.
            pub const ALL: &[Self] = &[$(Self::$variant $({ $field: $value })?,)+];

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
    ActorNotPrivileged = "actor-not-privileged", "The account is not privileged";
    RoleTooLow = "role-too-low", "The role is too low";
    SubjectAbove { role: Role::Admin } = "subject-above", "The other’s role is above";
    SubjectNotPrivileged = "subject-not-privileged", "The other’s account is not privileged";
    SubjectDisabled = "subject-disabled", "The other’s account is disabled";
    Oneself = "oneself", "Not to oneself";
    OwnAccount = "own-account", "Not to one’s own account";
    NoOwnLocalPassword = "no-own-local-password", "No local password of their own";
    OnlyInitial = "only-initial", "Only an initial local password";
    FirstPasswordBySomeoneElse = "first-password-by-someone-else", "The first local password is set by someone else";
    LoginNotFresh = "login-not-fresh", "The log-in was too long ago";
    HasLocalPassword = "has-local-password", "There is a local password already";
    NobodyEver = "nobody-ever", "Nobody may";
}

impl Denied {
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
