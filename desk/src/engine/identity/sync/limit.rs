//! How many may leave in one synchronisation.

use std::fmt;

/// The most people that a synchronisation may disable or deprive of their tokens, or an identity
/// system take away in an hour: `5%` of those there are, or `12`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LeaverLimit {
    /// Of a hundred people of the directory, rounded up.
    Percent(f64),
    /// So many.
    People(u64),
}

impl Default for LeaverLimit {
    fn default() -> Self {
        Self::Percent(5.0)
    }
}

impl LeaverLimit {
    /// Reads `5%`, `0.5%` or `12`.
    ///
    /// # Errors
    /// What it should look like.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong =
            || "write a share such as 5% (0% to 100%), or a number of people such as 12".to_owned();
        let text = text.trim();
        match text.strip_suffix('%') {
            Some(percent) => {
                let percent: f64 = percent.trim().parse().map_err(|_| wrong())?;
                if (0.0..=100.0).contains(&percent) {
                    Ok(Self::Percent(percent))
                } else {
                    Err(wrong())
                }
            }
            None => text.parse().map(Self::People).map_err(|_| wrong()),
        }
    }

    /// How many of `people`.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of people, rounded"
    )]
    pub(crate) fn of(self, people: u64) -> u64 {
        match self {
            Self::Percent(percent) => (people as f64 * percent / 100.0).ceil() as u64,
            Self::People(people) => people,
        }
    }

    /// Whether it is a share.
    pub(crate) fn is_share(self) -> bool {
        matches!(self, Self::Percent(_))
    }

    /// Whether somebody says in so many words that all may leave.
    pub(crate) fn is_everybody(self) -> bool {
        self == Self::Percent(100.0)
    }
}

impl fmt::Display for LeaverLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percent(percent) => write!(f, "{percent}%"),
            Self::People(people) => write!(f, "{people}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_or_a_number_may_leave() {
        assert_eq!(LeaverLimit::parse("5%"), Ok(LeaverLimit::Percent(5.0)));
        assert_eq!(LeaverLimit::parse(" 0.5 % "), Ok(LeaverLimit::Percent(0.5)));
        assert_eq!(LeaverLimit::parse("12"), Ok(LeaverLimit::People(12)));
        for wrong in ["", "%", "-1", "101%", "NaN%", "five", "1.5"] {
            assert!(LeaverLimit::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_share_is_rounded_up_so_that_small_places_work() {
        let limit = LeaverLimit::default();
        assert_eq!([1, 3, 100].map(|people| limit.of(people)), [1, 1, 5]);
        assert_eq!((LeaverLimit::People(0).of(100), LeaverLimit::Percent(0.0).of(100)), (0, 0));
    }
}
