//! When a token expires.

use serde::{Deserialize, Serialize};

use crate::{Moment, Refusal};

/// How much earlier than in UTC a day ends where it ends first (UTC+14), and how much later where
/// it ends last (UTC−12).
const FIRST: i64 = -14 * HOUR;
const LAST: i64 = 12 * HOUR;
const HOUR: i64 = 60 * 60 * 1000;

/// When a token stops working, as its form says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expires {
    /// It works until it is revoked.
    Never,
    /// At this moment.
    At(Moment),
}

impl Expires {
    /// Reads the form: `choice` is `30`, `90` or `365` (days from now), `never` or `custom`; with
    /// `custom`, `date` is `YYYY-MM-DD` and the token works through the end of that day: until
    /// `until` (milliseconds since 1970), its last millisecond where the person is, as their
    /// browser reckons it; where that is empty, UTC's.
    ///
    /// `cap_days` is the operator's longest life, if any; `Never` is then beyond it too.
    ///
    /// # Errors
    /// [`Refusal::ExpiryUnreadable`], [`Refusal::ExpiryPast`], [`Refusal::ExpiryBeyondCap`].
    pub fn parse(
        choice: &str,
        date: &str,
        until: &str,
        now: Moment,
        cap_days: Option<u32>,
    ) -> Result<Self, Refusal> {
        let expires = match choice.trim() {
            "never" => Self::Never,
            "custom" => {
                Self::At(end_of(date.trim(), until.trim()).ok_or(Refusal::ExpiryUnreadable)?)
            }
            "30" => Self::At(now.plus_days(30)),
            "90" => Self::At(now.plus_days(90)),
            "365" => Self::At(now.plus_days(365)),
            _ => return Err(Refusal::ExpiryUnreadable),
        };
        // Beyond that no day has a name: also where the last one ends later than in UTC.
        let furthest = u32::try_from(now.seconds_until(Moment::LAST) / 86_400).unwrap_or(0);
        match (expires, cap_days) {
            (Self::At(at), _) if at <= now => Err(Refusal::ExpiryPast),
            // A day of grace: a custom date counts to its end.
            (Self::At(at), Some(days)) if at > now.plus_days(i64::from(days) + 1) => {
                Err(Refusal::ExpiryBeyondCap { days })
            }
            (Self::At(at), _) if at > Moment::LAST => {
                Err(Refusal::ExpiryBeyondCap { days: furthest })
            }
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

/// The last millisecond of a day, where it is said as one of the zones that there are has it; else
/// UTC's.
fn end_of(date: &str, until: &str) -> Option<Moment> {
    let utc = Moment::end_of_day(date)?;
    if until.is_empty() {
        return Some(utc);
    }
    let at: i64 = until.parse().ok()?;
    (FIRST..=LAST).contains(&at.checked_sub(utc.0)?).then_some(Moment(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_790_000_000_000);

    #[test]
    fn choices_count_from_now() {
        assert_eq!(Expires::parse("30", "", "", NOW, None), Ok(Expires::At(NOW.plus_days(30))));
        assert_eq!(Expires::parse("never", "", "", NOW, None), Ok(Expires::Never));
    }

    #[test]
    fn a_custom_date_counts_to_its_end() {
        let today = NOW.date();
        assert!(Expires::parse("custom", &today, "", NOW, None).is_ok());
    }

    #[test]
    fn a_custom_date_counts_to_its_end_where_the_person_is() {
        let utc = Moment::end_of_day("2026-12-31").expect("a date").0;
        // Auckland in summer, Berlin on the day before summer time, Los Angeles in winter, the
        // first and the last zone.
        for ahead in [13 * HOUR, HOUR, -8 * HOUR, 14 * HOUR, -12 * HOUR, HOUR / 4, 0] {
            let at = utc - ahead;
            assert_eq!(
                Expires::parse("custom", "2026-12-31", &at.to_string(), NOW, None),
                Ok(Expires::At(Moment(at))),
                "{ahead}"
            );
        }
    }

    #[test]
    fn an_end_that_no_zone_has_is_refused() {
        let utc = Moment::end_of_day("2026-12-31").expect("a date").0;
        for at in [utc - 14 * HOUR - 1, utc + 12 * HOUR + 1, 0, i64::MIN, i64::MAX] {
            let refused = Expires::parse("custom", "2026-12-31", &at.to_string(), NOW, None);
            assert_eq!(refused, Err(Refusal::ExpiryUnreadable), "{at}");
        }
        for until in ["soon", "1.5", "NaN", "99999999999999999999"] {
            assert_eq!(
                Expires::parse("custom", "2026-12-31", until, NOW, None),
                Err(Refusal::ExpiryUnreadable),
                "{until}"
            );
        }
    }

    #[test]
    fn today_is_no_past_while_it_lasts_where_the_person_is() {
        // 19:00 in Los Angeles: in UTC the day is over.
        let now = Moment(Moment::end_of_day("2026-11-28").expect("a date").0 + 3 * HOUR);
        let end = Moment::end_of_day("2026-11-28").expect("a date").0 + 8 * HOUR;
        assert_eq!(Expires::parse("custom", "2026-11-28", "", now, None), Err(Refusal::ExpiryPast));
        assert_eq!(
            Expires::parse("custom", "2026-11-28", &end.to_string(), now, None),
            Ok(Expires::At(Moment(end)))
        );
    }

    #[test]
    fn the_last_day_of_all_is_one_where_it_ends_no_later_than_in_utc() {
        let utc = Moment::LAST.0;
        let until = |ahead: i64| {
            Expires::parse("custom", "9999-12-31", &(utc - ahead).to_string(), NOW, None)
        };
        for ahead in [0, HOUR, 14 * HOUR] {
            assert_eq!(until(ahead), Ok(Expires::At(Moment(utc - ahead))));
        }
        for ahead in [-1, -8 * HOUR, -12 * HOUR] {
            assert!(matches!(until(ahead), Err(Refusal::ExpiryBeyondCap { .. })), "{ahead}");
        }
    }

    #[test]
    fn the_past_is_refused() {
        assert_eq!(Expires::parse("custom", "2020-01-31", "", NOW, None), Err(Refusal::ExpiryPast));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for date in ["", "tomorrow", "2026-02-30", "31.12.2027", "2027-13-01", "99999-01-01"] {
            assert_eq!(
                Expires::parse("custom", date, "", NOW, None),
                Err(Refusal::ExpiryUnreadable),
                "{date}"
            );
        }
        assert_eq!(Expires::parse("7", "", "", NOW, None), Err(Refusal::ExpiryUnreadable));
    }

    #[test]
    fn the_operators_cap_holds() {
        assert_eq!(
            Expires::parse("never", "", "", NOW, Some(90)),
            Err(Refusal::ExpiryBeyondCap { days: 90 })
        );
        assert_eq!(
            Expires::parse("365", "", "", NOW, Some(90)),
            Err(Refusal::ExpiryBeyondCap { days: 90 })
        );
        assert!(Expires::parse("90", "", "", NOW, Some(90)).is_ok());
    }
}
