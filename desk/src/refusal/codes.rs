//! What programs make of a refusal: the field it belongs beside, the HTTP status, and the word for
//! logs and the audit.

use super::{Field, Refusal};

impl Refusal {
    /// The field it belongs beside; none where it is about the whole form.
    #[must_use]
    pub fn field(&self) -> Option<Field> {
        use Refusal as R;
        Some(match self {
            R::DescriptionBlank | R::DescriptionTooLong | R::DescriptionInvisible => {
                Field::Description
            }
            R::AccessUnknown => Field::Access,
            R::ExpiryUnreadable | R::ExpiryTwice | R::ExpiryPast | R::ExpiryBeyondCap { .. } => {
                Field::Expires
            }
            R::GracePeriodUnknown => Field::GracePeriod,
            R::NetworkUnreadable { .. } | R::TooManyNetworks => Field::Networks,
            R::CurrentPasswordMissing
            | R::CurrentPasswordIncorrect
            | R::CurrentPasswordIncorrectSpace => Field::CurrentPassword,
            R::OwnPasswordMissing | R::OwnPasswordIncorrect | R::OwnPasswordIncorrectSpace => {
                Field::OwnPassword
            }
            R::PasswordTooShort
            | R::PasswordSpace
            | R::PasswordTooLong
            | R::PasswordTooEasy { .. }
            | R::PasswordUnchanged
            | R::PasswordsSame => Field::NewPassword,
            R::PasswordsDiffer => Field::Retype,
            R::RoleUnknown => Field::Role,
            R::NetIdUnreadable => Field::NetId,
            _ => return None,
        })
    }

    /// The HTTP status that fits (RFC 9110 §15).
    #[must_use]
    pub fn status(&self) -> u16 {
        use Refusal as R;
        match self {
            R::LoginIncorrect
            | R::LoginIncorrectSpace
            | R::SessionEnded
            | R::SignOnInterrupted
            | R::SignOnRefused
            | R::SignOnCancelled => 401,
            R::TooManyAttempts { .. }
            | R::AccountClosed(_)
            | R::TokensTooFast
            | R::SessionTooFast { .. } => 429,
            R::CrossSite
            | R::PlainHttp
            | R::NotAllowed(_)
            | R::InitialLapsed(_)
            | R::NetIdReserved { .. }
            | R::AnotherPerson
            | R::AccountNotLinked
            | R::PageOfAnother { .. } => 403,
            R::UserUnknown | R::TokenUnknown | R::SessionUnknown | R::ClientUnknown => 404,
            R::SentAlready { .. }
            | R::TokenOver
            | R::TokensOfAnother { .. }
            | R::ClientExists
            | R::TooManyTokens { .. }
            | R::ChangedMeanwhile
            | R::AccountChanged { .. }
            | R::TokenChanged
            | R::LastAdministrator => 409,
            R::TooLarge => 413,
            R::Unreadable => 400,
            R::StoreNearlyFull => 507,
            R::Unavailable
            | R::ConnectionLost
            | R::OutcomeNotKnown { .. }
            | R::DirectoryUnavailable
            | R::SignOnMisconfigured => 503,
            _ => 422,
        }
    }

    /// A short word for logs and the audit: never what was typed.
    #[must_use]
    pub fn code(&self) -> &'static str {
        use Refusal as R;
        match self {
            R::LoginIncorrect | R::LoginIncorrectSpace => "login-incorrect",
            R::TooManyAttempts { .. } => "too-many-attempts",
            R::AccountClosed(_) => "account-closed",
            R::DirectoryUnavailable => "directory-unavailable",
            R::SignOnInterrupted => "sign-on-interrupted",
            R::SignOnRefused => "sign-on-refused",
            R::SignOnCancelled => "sign-on-cancelled",
            R::SignOnMisconfigured => "sign-on-misconfigured",
            R::NetIdReserved { .. } => "netid-reserved",
            R::AnotherPerson => "another-person",
            R::AccountNotLinked => "account-not-linked",
            R::TokensOfAnother { .. } => "tokens-of-another",
            R::SessionEnded => "session-ended",
            R::CrossSite => "cross-site",
            R::PlainHttp => "plain-http",
            R::NotAllowed(denied) => denied.code(),
            R::CurrentPasswordMissing | R::OwnPasswordMissing => "password-missing",
            R::CurrentPasswordIncorrect
            | R::CurrentPasswordIncorrectSpace
            | R::OwnPasswordIncorrect
            | R::OwnPasswordIncorrectSpace => "password-incorrect",
            R::PasswordsDiffer => "passwords-differ",
            R::PasswordTooShort => "password-too-short",
            R::PasswordSpace => "password-space",
            R::PasswordTooLong => "password-too-long",
            R::PasswordTooEasy { .. } => "password-too-easy",
            R::PasswordUnchanged => "password-unchanged",
            R::PasswordsSame => "passwords-same",
            R::InitialLapsed(_) => "initial-lapsed",
            R::UserUnknown => "user-unknown",
            R::TokenUnknown => "token-unknown",
            R::TokenOver => "token-over",
            R::SessionUnknown => "session-unknown",
            R::TooManyTokens { .. } => "too-many-tokens",
            R::SentAlready { .. } => "sent-already",
            R::PageOfAnother { .. } => "page-of-another",
            R::Unavailable | R::ConnectionLost => "unavailable",
            R::OutcomeNotKnown { .. } => "outcome-not-known",
            R::ChangedMeanwhile | R::AccountChanged { .. } | R::TokenChanged => "changed-meanwhile",
            R::LastAdministrator => "last-administrator",
            R::TokensTooFast => "tokens-too-fast",
            R::SessionTooFast { .. } => "session-too-fast",
            R::StoreNearlyFull => "store-nearly-full",
            R::TooLarge => "too-large",
            _ => "unreadable",
        }
    }
}
