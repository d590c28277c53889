//! How long an old token goes on beside the one that takes its place.

use std::fmt;

use crate::Refusal;

/// For how long an old token goes on working beside the one that takes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GracePeriod {
    minutes: i64,
    words: &'static str,
}

impl GracePeriod {
    /// Not at all: the old one is revoked.
    pub const NONE: Self = Self { minutes: 0, words: "no time" };

    /// What there is to choose from, the shortest first.
    pub const ALL: [Self; 4] = [
        Self::NONE,
        Self { minutes: 60, words: "1 hour" },
        Self { minutes: 24 * 60, words: "1 day" },
        Self { minutes: 7 * 24 * 60, words: "7 days" },
    ];

    /// The choice of a form: whole minutes, one of [`GracePeriod::ALL`].
    ///
    /// # Errors
    /// [`Refusal::GracePeriodUnknown`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        Self::ALL
            .into_iter()
            .find(|grace| grace.minutes.to_string() == text)
            .ok_or(Refusal::GracePeriodUnknown)
    }

    /// Its length in minutes: what a form sends.
    #[must_use]
    pub fn minutes(self) -> i64 {
        self.minutes
    }

    /// Its length in milliseconds.
    #[must_use]
    pub fn milliseconds(self) -> i64 {
        self.minutes * 60_000
    }
}

/// `1 day`.
impl fmt::Display for GracePeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_offered_can_be_chosen() {
        for grace in GracePeriod::ALL {
            assert_eq!(GracePeriod::parse(&grace.minutes().to_string()), Ok(grace));
        }
        for text in ["", "1", "-60", "60.0", "99999999999999999999"] {
            assert_eq!(GracePeriod::parse(text), Err(Refusal::GracePeriodUnknown), "{text}");
        }
    }
}
