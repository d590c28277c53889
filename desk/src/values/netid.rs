//! The name that a person logs in with.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{NETID_MAX, Refusal};

/// A person's campus login name, lower case: the user's key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NetId(String);

impl NetId {
    /// Trims, lower-cases and checks a typed NetID: 1 to [`NETID_MAX`] of `a-z 0-9 . _ -`,
    /// beginning with a letter or digit.
    ///
    /// # Errors
    /// [`Refusal::NetIdUnreadable`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = text.trim().to_ascii_lowercase();
        let good =
            |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'.' | b'_' | b'-');
        let begins_well = text.bytes().next().is_some_and(|c| c.is_ascii_alphanumeric());
        if begins_well && text.len() <= NETID_MAX && text.bytes().all(good) {
            Ok(Self(text))
        } else {
            Err(Refusal::NetIdUnreadable)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_and_spaces_around_do_not_matter() {
        assert_eq!(NetId::parse("  SAM "), NetId::parse("sam"));
    }

    #[test]
    fn a_letter_that_only_looks_like_one_makes_no_netid() {
        for text in [
            "\u{212a}im",
            "ki\u{212a}",
            "bo\u{17f}\u{17f}",
            "ｓam",
            "İda",
            "ada\u{200b}",
            "a\u{430}da",
        ] {
            assert_eq!(NetId::parse(text), Err(Refusal::NetIdUnreadable), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_netid_is_refused() {
        let long = "a".repeat(65);
        for text in [
            "",
            " ",
            "sam smith",
            "sam@campus",
            "-sam",
            ".sam",
            "sám",
            "sam\u{0}",
            "a/b",
            "user:sam",
            "*",
            &long,
        ] {
            assert_eq!(NetId::parse(text), Err(Refusal::NetIdUnreadable), "{text:?}");
        }
    }
}
