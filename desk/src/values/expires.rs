//! When a token expires.

use serde::{Deserialize, Serialize};

use crate::{Moment, Refusal};

/// When a token stops working, as its form says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expires {
    /// Never.
    Never,
    /// At this moment.
    At(Moment),
}

impl Expires {
    /// Reads the form: `choice` is `30`, `90` or `365` (days from now), `never` or `custom`; with `custom`, `date` is
    /// `YYYY-MM-DD` and the token works through the end of that day (UTC).
    ///
    /// `cap_days` is the operator's longest life, if any; `Never` is then beyond it too.
    ///
    /// # Errors
    /// [`Refusal::ExpiryUnreadable`], [`Refusal::ExpiryPast`], [`Refusal::ExpiryBeyondCap`].
    pub fn parse(choice: &str, date: &str, now: Moment, cap_days: Option<u32>) -> Result<Self, Refusal> {
        let expires = match choice.trim() {
            "never" => Self::Never,
            "custom" => Self::At(Moment::end_of_day(date.trim()).ok_or(Refusal::ExpiryUnreadable)?),
            "30" => Self::At(now.plus_days(30)),
            "90" => Self::At(now.plus_days(90)),
            "365" => Self::At(now.plus_days(365)),
            _ => return Err(Refusal::ExpiryUnreadable),
        };
        match (expires, cap_days) {
            (Self::At(at), _) if at <= now => Err(Refusal::ExpiryPast),
            // A day of grace: a custom date counts to its end.
            (Self::At(at), Some(days)) if at > now.plus_days(i64::from(days) + 1) => Err(Refusal::ExpiryBeyondCap { days }),
            (Self::Never, Some(days)) => Err(Refusal::ExpiryBeyondCap { days }),
            _ => Ok(expires),
        }
    }

    /// The moment, or none for never.
    #[must_use]
    pub fn moment(self) -> Option<Moment> {
        match self {
            Self::Never => None,
            Self::At(at) => Some(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_790_000_000_000);

    #[test]
    fn choices_count_from_now() {
        assert_eq!(Expires::parse("30", "", NOW, None), Ok(Expires::At(NOW.plus_days(30))));
        assert_eq!(Expires::parse("never", "", NOW, None), Ok(Expires::Never));
    }

    #[test]
    fn a_custom_date_counts_to_its_end() {
        let today = NOW.date();
        assert!(Expires::parse("custom", &today, NOW, None).is_ok());
    }

    #[test]
    fn the_past_is_refused() {
        assert_eq!(Expires::parse("custom", "2020-01-31", NOW, None), Err(Refusal::ExpiryPast));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for date in ["", "tomorrow", "2026-02-30", "31.12.2027", "2027-13-01", "99999-01-01"] {
            assert_eq!(Expires::parse("custom", date, NOW, None), Err(Refusal::ExpiryUnreadable), "{date}");
        }
        assert_eq!(Expires::parse("7", "", NOW, None), Err(Refusal::ExpiryUnreadable));
    }

    #[test]
    fn the_operators_cap_holds() {
        assert_eq!(Expires::parse("never", "", NOW, Some(90)), Err(Refusal::ExpiryBeyondCap { days: 90 }));
        assert_eq!(Expires::parse("365", "", NOW, Some(90)), Err(Refusal::ExpiryBeyondCap { days: 90 }));
        assert!(Expires::parse("90", "", NOW, Some(90)).is_ok());
    }
}
