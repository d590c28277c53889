//! What a token is for.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{DESCRIPTION_MAX, Refusal, is_invisible};

/// What a token is for, in its owner's words: one line, not blank, nothing invisible in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Description(String);

impl Description {
    /// Trims the ends and checks the rest.
    ///
    /// Control characters and the invisible marks that reorder text (bidirectional controls, Trojan
    /// Source, CVE-2021-42574) are refused: a list of tokens must show each for what it is.
    ///
    /// # Errors
    /// [`Refusal::DescriptionBlank`], [`Refusal::DescriptionTooLong`],
    /// [`Refusal::DescriptionInvisible`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Refusal::DescriptionBlank);
        }
        if text.chars().count() > DESCRIPTION_MAX {
            return Err(Refusal::DescriptionTooLong);
        }
        if text.chars().any(is_invisible) {
            return Err(Refusal::DescriptionInvisible);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_trimmed_and_the_rest_kept() {
        assert_eq!(
            Description::parse("  Backup script – Bücher \n").map(|d| d.to_string()),
            Ok("Backup script – Bücher".to_owned())
        );
    }

    #[test]
    fn blank_is_refused() {
        for blank in ["", "   ", "\u{3000}\n"] {
            assert_eq!(Description::parse(blank), Err(Refusal::DescriptionBlank), "{blank:?}");
        }
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(Description::parse(&"ü".repeat(255)).is_ok());
        assert_eq!(Description::parse(&"ü".repeat(256)), Err(Refusal::DescriptionTooLong));
    }

    #[test]
    fn what_cannot_be_seen_is_refused() {
        for text in [
            "a\u{0}b",
            "a\tb",
            "a\nb",
            "pay\u{202E}lap",
            "a\u{200F}b",
            "a\u{2066}b",
            "zero\u{200B}width",
            "tag\u{E0041}",
        ] {
            assert_eq!(Description::parse(text), Err(Refusal::DescriptionInvisible), "{text:?}");
        }
        assert!(Description::parse("family 👩\u{200D}👩\u{200D}👧").is_ok());
    }
}
