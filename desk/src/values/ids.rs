//! Names of records that requests bring with them: each parsed once, so that what is none never
//! reaches the store.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Refusal;

/// Whether it is the SHA-256 of something, as hex.
fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
}

macro_rules! digest {
    ($(#[$doc:meta])* $name:ident, $unknown:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Reads what a request brings.
            ///
            /// # Errors
            /// As for one that does not exist: it is none.
            pub fn parse(text: &str) -> Result<Self, Refusal> {
                if is_digest(text) { Ok(Self(text.to_owned())) } else { Err(Refusal::$unknown) }
            }

            /// Of a digest that was just computed, or read from the store.
            #[cfg(feature = "engine")]
            pub(crate) fn of(digest: String) -> Self {
                Self(digest)
            }

            /// The digest of nothing that anybody has: for samples.
            #[must_use]
            pub fn sample() -> Self {
                Self::sample_of(0)
            }

            /// One of several of them.
            #[must_use]
            pub fn sample_of(number: usize) -> Self {
                Self(format!("{number:064x}"))
            }

            /// 64 hex digits.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The first 16 hex digits: enough to tell them apart in logs and headers.
            #[must_use]
            pub fn short(&self) -> &str {
                self.0.get(..16).unwrap_or(&self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

digest! {
    /// A token's record id: the SHA-256 of the token. It names the token in forms and is no secret.
    TokenId, TokenUnknown
}

digest! {
    /// A session's record id: the SHA-256 of its cookie. It names the session in forms and is no
    /// secret.
    SessionId, SessionUnknown
}

digest! {
    /// A notice's record id: the SHA-256 of what it tells, whom and by which channel, so that each
    /// is there once however often it is made. It is no secret.
    NoticeId, Unreadable
}

/// The name of an application that may ask about tokens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientName(String);

impl ClientName {
    /// 1 to 64 lower-case letters, digits and hyphens, beginning with a letter.
    ///
    /// # Errors
    /// [`Refusal::ClientUnreadable`].
    pub fn parse(name: &str) -> Result<Self, Refusal> {
        let good = (1..=64).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if good { Ok(Self(name.to_owned())) } else { Err(Refusal::ClientUnreadable) }
    }

    /// The name alone, without the `(client)` that the audit puts before it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_digest_is_an_id() {
        let good = "0123456789abcdef".repeat(4);
        assert_eq!(TokenId::parse(&good).expect("an id").short(), "0123456789abcdef");
        for bad in [
            "",
            "0",
            &good[1..],
            &good.to_uppercase(),
            &format!("{}g", &good[1..]),
            &format!("{good}0"),
        ] {
            assert_eq!(TokenId::parse(bad), Err(Refusal::TokenUnknown), "{bad}");
            assert_eq!(SessionId::parse(bad), Err(Refusal::SessionUnknown), "{bad}");
        }
    }

    #[test]
    fn a_clients_name_is_plain() {
        for name in ["rt", "rt-5", "a", &"a".repeat(64)] {
            assert!(ClientName::parse(name).is_ok(), "{name}");
        }
        for name in ["", "RT", "5rt", "-rt", "rt 5", "rt:5", "ü", "(client)", &"a".repeat(65)] {
            assert_eq!(ClientName::parse(name), Err(Refusal::ClientUnreadable), "{name}");
        }
    }
}
