//! Points in time, and their words.
//!
//! Ours, around the crate `time`: it reckons days, but its parser and formatter would be loaded by
//! every browser, which needs two forms of a day and one of an hour.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// How far the clocks of nodes that share a store may differ, in seconds.
pub(crate) const MAX_CLOCK_SKEW: i64 = 3600;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A point in time: milliseconds since 1970-01-01 00:00 UTC.
///
/// Its words are the same on the server and in the browser, so that a hydrated page finds the text
/// it was sent.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Moment(pub i64);

impl Moment {
    /// The last one that can be written: 9999-12-31T23:59:59.999Z.
    pub const LAST: Self = Self(253_402_300_799_999);

    /// Later by this many days of 24 hours.
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(DAY_MS)))
    }

    /// Later by this many seconds.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// Whole seconds from `self` to `later`, negative where `later` is earlier.
    #[must_use]
    pub const fn seconds_until(self, later: Self) -> i64 {
        (later.0 - self.0).div_euclid(1000)
    }

    /// Whether some clock can have shown it by `now`. What was written down as a present moment,
    /// and lies further ahead than the clocks of nodes may differ, was written by a clock that was
    /// wrong: nothing that would still go on by it does.
    #[must_use]
    pub const fn can_have_been(self, now: Self) -> bool {
        self.0 <= now.plus_seconds(MAX_CLOCK_SKEW).0
    }

    /// How many seconds there are between the two, whichever is earlier: for what is to last so
    /// long after a moment, which a clock may have shown that was ahead.
    #[must_use]
    pub const fn seconds_apart(self, other: Self) -> i64 {
        self.0.abs_diff(other.0).cast_signed() / 1000
    }

    /// The last millisecond of a day given as `YYYY-MM-DD`, UTC; none where it is no such date.
    #[must_use]
    pub fn end_of_day(date: &str) -> Option<Self> {
        let mut parts = date.splitn(3, '-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if year.len() != 4 || month.len() != 2 || day.len() != 2 {
            return None;
        }
        let month = time::Month::try_from(month.parse::<u8>().ok()?).ok()?;
        let date =
            time::Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()?;
        Some(Self(date.midnight().assume_utc().unix_timestamp() * 1000 + DAY_MS - 1))
    }

    fn parts(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.min(Self::LAST).0.div_euclid(1000))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// Its day, in days since 1970 UTC.
    #[must_use]
    pub fn days(self) -> i64 {
        self.0.div_euclid(86_400_000)
    }

    /// `2026-11-24`, UTC: the value of a date field.
    #[must_use]
    pub fn date(self) -> String {
        let t = self.parts();
        format!("{:04}-{:02}-{:02}", t.year(), u8::from(t.month()), t.day())
    }

    /// `24 Nov 2026`, UTC.
    #[must_use]
    pub fn day(self) -> String {
        let t = self.parts();
        format!("{} {} {}", t.day(), MONTHS[usize::from(u8::from(t.month())) - 1], t.year())
    }

    /// `24 Nov 2026, 09:05 UTC`: the exact time a person reads.
    #[must_use]
    pub fn exact(self) -> String {
        format!("{} UTC", self.clock())
    }

    /// `24 Nov 2026, 09:05`: the same of a moment that has been moved to a zone.
    #[must_use]
    pub fn clock(self) -> String {
        let t = self.parts();
        format!("{}, {:02}:{:02}", self.day(), t.hour(), t.minute())
    }

    /// As the clock shows it that is this many minutes ahead of UTC: its words are then those of
    /// that clock.
    #[must_use]
    pub const fn on_a_clock_ahead_by(self, minutes: i64) -> Self {
        self.plus_seconds(minutes.saturating_mul(60))
    }

    /// `2026-11-24T09:05:01Z` (RFC 3339): for machines and for a `time` element.
    #[must_use]
    pub fn rfc3339(self) -> String {
        let t = self.parts();
        format!("{}T{:02}:{:02}:{:02}Z", self.date(), t.hour(), t.minute(), t.second())
    }

    /// `2026-11-24T09:05:01.234Z` (RFC 3339): to the millisecond, for copies that are held against
    /// the original.
    #[must_use]
    pub fn rfc3339_exact(self) -> String {
        let text = self.rfc3339();
        format!("{}.{:03}Z", text.trim_end_matches('Z'), self.0.rem_euclid(1000))
    }

    /// Reads what [`Moment::rfc3339_exact`] writes; none where it is anything else.
    #[must_use]
    pub fn parse_exact(text: &str) -> Option<Self> {
        let (date, time) = text.split_once('T')?;
        let mut parts = time.strip_suffix('Z')?.split([':', '.']);
        let mut next =
            |most: i64| parts.next()?.parse::<i64>().ok().filter(|part| (0..=most).contains(part));
        let (hour, minute, second, ms) = (next(23)?, next(59)?, next(59)?, next(999)?);
        let midnight = Self::end_of_day(date)?.0 + 1 - DAY_MS;
        let moment = Self(midnight + ((hour * 60 + minute) * 60 + second) * 1000 + ms);
        (moment.rfc3339_exact() == text).then_some(moment)
    }

    /// How many days are left until then, of which a begun one counts.
    #[must_use]
    pub const fn days_left(self, now: Self) -> i64 {
        self.0.saturating_sub(now.0).saturating_add(DAY_MS - 1).div_euclid(DAY_MS)
    }

    /// How long ago, as seen at `now`: `just now`, `5 minutes ago`, `3 days ago`. The future counts
    /// as just now.
    #[must_use]
    pub fn ago(self, now: Self) -> String {
        match self.seconds_until(now) {
            ..60 => "just now".to_owned(),
            seconds => format!("{} ago", Span(seconds)),
        }
    }

    /// How long until, as seen at `now`: `in 5 minutes`, `in 29 days`. The past counts as now.
    #[must_use]
    pub fn ahead(self, now: Self) -> String {
        match now.seconds_until(self) {
            ..60 => "in a moment".to_owned(),
            // A token made a minute ago for 90 days expires in 90 days, not in 89.
            seconds @ 86_400.. => format!("in {}", Span(seconds + 3600)),
            seconds => format!("in {}", Span(seconds)),
        }
    }
}

/// Seconds in the largest unit that holds at least one of it.
struct Span(i64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match self.0 {
            s if s < 3600 => (s / 60, "minute"),
            s if s < 2 * 86_400 => (s / 3600, "hour"),
            s if s < 120 * 86_400 => (s / 86_400, "day"),
            s if s < 730 * 86_400 => (s / (30 * 86_400), "month"),
            s => (s / (365 * 86_400), "year"),
        };
        write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Moment = Moment(1_795_511_101_234);

    #[test]
    fn the_words_of_a_moment() {
        assert_eq!(MOMENT.rfc3339(), "2026-11-24T09:05:01Z");
        assert_eq!(MOMENT.exact(), "24 Nov 2026, 09:05 UTC");
        assert_eq!(MOMENT.on_a_clock_ahead_by(13 * 60).clock(), "24 Nov 2026, 22:05");
        assert_eq!(MOMENT.on_a_clock_ahead_by(-10 * 60).day(), "23 Nov 2026");
        assert_eq!(MOMENT.date(), "2026-11-24");
    }

    #[test]
    fn what_no_clock_can_have_shown_yet_was_shown_by_one_that_was_wrong() {
        for (ahead, can) in [(-9_999_999, true), (0, true), (3600, true), (3601, false)] {
            assert_eq!(MOMENT.plus_seconds(ahead).can_have_been(MOMENT), can, "{ahead}");
        }
        assert_eq!(MOMENT.seconds_apart(MOMENT.plus_seconds(9)), 9);
        assert_eq!(MOMENT.plus_seconds(9).seconds_apart(MOMENT), 9);
    }

    #[test]
    fn an_exact_moment_is_read_as_it_is_written() {
        assert_eq!(MOMENT.rfc3339_exact(), "2026-11-24T09:05:01.234Z");
        for moment in [MOMENT, Moment(0), Moment(999), Moment(1_709_164_800_007)] {
            assert_eq!(Moment::parse_exact(&moment.rfc3339_exact()), Some(moment));
        }
        for wrong in [
            "",
            "2026-11-24",
            "2026-11-24T09:05:01Z",
            "2026-11-24T9:05:01.234Z",
            "2026-13-24T09:05:01.234Z",
            "2026-11-24T09:05:01.234Zx",
        ] {
            assert_eq!(Moment::parse_exact(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn ago_and_ahead_take_the_largest_unit() {
        for (seconds, words) in [
            (-9, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (7199, "1 hour ago"),
            (172_800, "2 days ago"),
            (90 * 86_400, "90 days ago"),
            (150 * 86_400, "5 months ago"),
            (800 * 86_400, "2 years ago"),
        ] {
            assert_eq!(MOMENT.ago(MOMENT.plus_seconds(seconds)), words);
        }
        assert_eq!(MOMENT.plus_days(30).ahead(MOMENT), "in 30 days");
        assert_eq!(MOMENT.plus_days(90).ahead(MOMENT.plus_seconds(59)), "in 90 days");
        assert_eq!(MOMENT.plus_days(1).ahead(MOMENT.plus_seconds(7200)), "in 22 hours");
        assert_eq!(MOMENT.ahead(MOMENT), "in a moment");
    }

    #[test]
    fn a_begun_day_is_a_day() {
        let end = MOMENT.plus_days(3);
        assert_eq!(end.days_left(MOMENT), 3);
        assert_eq!(end.days_left(Moment(MOMENT.0 + 1)), 3);
        assert_eq!(end.days_left(MOMENT.plus_days(2).plus_seconds(1)), 1);
        assert_eq!((end.days_left(end), end.days_left(end.plus_days(1))), (0, -1));
    }

    #[test]
    fn what_is_beyond_the_last_moment_is_written_as_that() {
        assert_eq!(Moment::LAST.rfc3339_exact(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Moment::end_of_day("9999-12-31"), Some(Moment::LAST));
        for beyond in [Moment::LAST.plus_seconds(8 * 3600), Moment(i64::MAX)] {
            assert_eq!(beyond.rfc3339(), "9999-12-31T23:59:59Z");
            assert_eq!(beyond.day(), "31 Dec 9999");
        }
    }

    #[test]
    fn a_day_ends_before_the_next_begins() {
        let end = Moment::end_of_day("2026-11-24").expect("a date");
        assert_eq!(end.date(), "2026-11-24");
        assert_eq!(Moment(end.0 + 1).date(), "2026-11-25");
    }
}
