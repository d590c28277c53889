//! What a token may do.

use serde::{Deserialize, Serialize};

use crate::Refusal;

/// What a token may do at the application that accepts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Whatever its owner may do.
    #[default]
    Full,
    /// Only requests that change nothing: GET, HEAD and OPTIONS.
    Read,
}

impl Access {
    /// The word kept in the store and sent in forms: `full` or `read`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Read => "read",
        }
    }

    /// Reads the word of a form; an empty one means [`Access::Full`], the form's default.
    ///
    /// # Errors
    /// [`Refusal::AccessUnknown`] for any other word.
    pub fn parse(word: &str) -> Result<Self, Refusal> {
        match word.trim() {
            "" | "full" => Ok(Self::Full),
            "read" => Ok(Self::Read),
            _ => Err(Refusal::AccessUnknown),
        }
    }

    /// Whether a request with this HTTP method is within the access (methods are case-sensitive,
    /// RFC 9110 §9.1).
    #[must_use]
    pub fn allows(self, method: &str) -> bool {
        self == Self::Full || matches!(method, "GET" | "HEAD" | "OPTIONS")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_allows_only_methods_that_change_nothing() {
        for method in ["GET", "HEAD", "OPTIONS"] {
            assert!(Access::Read.allows(method), "{method}");
        }
        for method in ["POST", "PUT", "PATCH", "DELETE", "get", "", "PROPFIND"] {
            assert!(!Access::Read.allows(method), "{method}");
            assert!(Access::Full.allows(method), "{method}");
        }
    }

    #[test]
    fn an_unknown_word_is_refused() {
        assert_eq!(Access::parse("write"), Err(Refusal::AccessUnknown));
        assert_eq!(Access::parse(" read "), Ok(Access::Read));
    }
}
