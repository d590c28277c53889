//! How wrong passwords count: pure arithmetic. Tests: here.
//!
//! | | log-in, by account and source | local password, by account |
//! |---|---|---|
//! | a wrong one | one more, before it is looked at | the same |
//! | a right one | that one back, and one step down | the same |
//! | time | one step down each quarter of an hour | one step down each day |
//! | delay after the last wrong one | 1, 3, 5, 10 s at 3, 9, 25, 50 | the same |
//! | closed | never | at 100, until somebody opens it |
//!
//! *Why one step.* A right password that cleared the count would give a guesser as many tries for
//! nothing as its owner logs in, or confirms, in between. One step gives back no more than what the
//! owner has put on top. The owner notices nothing of it: a delay runs from the last wrong one, and
//! who types a right one waits for none.

use crate::Moment;
use crate::store::throttle::Failures;

/// Wrong local passwords after which it is closed until someone with the right opens it.
pub(crate) const CLOSED_AFTER: i64 = 100;

/// Beyond so many a log-in's count does not grow: the longest delay is reached, and the row has an
/// end.
const LOG_IN_COUNTED: i64 = 60;

const QUARTER_OF_AN_HOUR: i64 = 15 * 60;
const DAY: i64 = 24 * 60 * 60;

/// How long after the last wrong password the next try is looked at, in seconds. Two slips cost
/// nothing.
const fn delay(failures: i64) -> i64 {
    match failures {
        ..3 => 0,
        3..9 => 1,
        9..25 => 3,
        25..50 => 5,
        _ => LONGEST_DELAY,
    }
}

const LONGEST_DELAY: i64 = 10;

/// By which rule something counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Log-ins, with so many times an address's allowance: 1, or more for a network of many.
    LogIn { times: i64 },
    /// Local passwords.
    Local,
}

/// Why nothing is looked at now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// For so many seconds yet.
    For(u32),
    /// Until somebody opens it.
    Closed,
}

impl Rule {
    const fn step_seconds(self) -> i64 {
        match self {
            // Whoever has more to spend gets it back as much faster.
            Self::LogIn { times } => QUARTER_OF_AN_HOUR / times,
            Self::Local => DAY,
        }
    }

    const fn most(self) -> i64 {
        match self {
            Self::LogIn { times } => LOG_IN_COUNTED * times,
            Self::Local => CLOSED_AFTER,
        }
    }

    /// Whether it is closed, and no time opens it.
    pub(crate) fn is_closed(self, failures: i64) -> bool {
        self == Self::Local && failures >= CLOSED_AFTER
    }

    /// What is left of a count by now, as of the last step that time has taken.
    fn aged(self, count: Option<Failures>, now: Moment) -> Failures {
        let Some(count) = count else { return Failures { failures: 0, last: now.0 } };
        if self.is_closed(count.failures) {
            return count;
        }
        // One that is still to come counts as just now, and its delay as waited for.
        let last = Moment(count.last);
        let last = if last > now { now.plus_seconds(-LONGEST_DELAY) } else { last };
        let steps = last.seconds_until(now) / self.step_seconds();
        let last = last.plus_seconds(steps * self.step_seconds()).0;
        Failures { failures: (count.failures - steps).max(0), last }
    }

    /// Whether the next try is looked at.
    pub(crate) fn held(self, count: Option<Failures>, now: Moment) -> Option<Held> {
        let left = self.aged(count, now).failures;
        if self.is_closed(left) {
            return Some(Held::Closed);
        }
        let times = if let Self::LogIn { times } = self { times } else { 1 };
        let last = count.map_or(0, |count| count.last);
        // By how far it is away: what a clock wrote that was a year ahead keeps nobody out for it.
        let wait = delay(left / times) * 1000 - (now.0 - last).abs();
        // Rounded up: a second that has begun is still to be waited for.
        let seconds = || u32::try_from((wait + 999) / 1000).unwrap_or(u32::MAX);
        (left > 0 && wait > 0).then(|| Held::For(seconds()))
    }

    /// One failure more than are still counted at `now`, up to the most that are.
    pub(crate) fn one_more(self, count: Option<Failures>, now: Moment) -> Failures {
        Failures { failures: (self.aged(count, now).failures + 1).min(self.most()), last: now.0 }
    }

    /// So many fewer; none: nothing is left to be known.
    pub(crate) fn fewer(
        self,
        count: Option<Failures>,
        steps: i64,
        now: Moment,
    ) -> Option<Failures> {
        let Failures { failures, last } = self.aged(count, now);
        (failures > steps).then_some(Failures { failures: failures - steps, last })
    }

    /// When a count says nothing any more; none: never by itself.
    pub(crate) fn over(self, count: Failures) -> Option<Moment> {
        let closed = self.is_closed(count.failures);
        (!closed).then(|| Moment(count.last).plus_seconds(count.failures * self.step_seconds()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG_IN: Rule = Rule::LogIn { times: 1 };

    fn count(failures: i64, last: i64) -> Option<Failures> {
        Some(Failures { failures, last })
    }

    #[test]
    fn two_slips_cost_nothing_and_more_cost_more() {
        let after =
            |rule: Rule, failures: i64| rule.held(count(failures, 1_000_000), Moment(1_000_001));
        for rule in [LOG_IN, Rule::Local] {
            assert_eq!(after(rule, 2), None);
            for (failures, seconds) in [(3, 1), (8, 1), (9, 3), (25, 5), (50, 10), (99, 10)] {
                assert_eq!(after(rule, failures), Some(Held::For(seconds)), "{failures}");
            }
        }
        assert_eq!(after(Rule::Local, 100), Some(Held::Closed));
        assert_eq!(after(LOG_IN, 10_000), Some(Held::For(10)), "a log-in is never closed");
    }

    #[test]
    fn a_delay_ends() {
        assert_eq!(LOG_IN.held(count(9, 1_000_000), Moment(1_002_999)), Some(Held::For(1)));
        assert_eq!(LOG_IN.held(count(9, 1_000_000), Moment(1_003_000)), None);
    }

    #[test]
    fn one_that_is_still_to_come_delays_no_longer_and_is_counted_from_now() {
        let year = DAY * 365 * 1000;
        for (rule, next) in [(LOG_IN, 60), (Rule::Local, 61)] {
            let ahead = count(60, year);
            assert_eq!(rule.held(ahead, Moment(7)), None);
            assert_eq!(rule.held(count(60, 5_000), Moment(1_000)), Some(Held::For(6)));
            assert_eq!(rule.fewer(ahead, 1, Moment(7)), count(59, 7 - 10_000));
            assert_eq!(rule.one_more(ahead, Moment(7)), Failures { failures: next, last: 7 });
        }
    }

    #[test]
    fn a_wider_network_is_delayed_at_as_many_times_more() {
        let wide = Rule::LogIn { times: 16 };
        assert_eq!(wide.held(count(47, 0), Moment(1)), None);
        assert_eq!(wide.held(count(48, 0), Moment(1)), Some(Held::For(1)));
        assert_eq!(wide.over(Failures { failures: 48, last: 0 }), Some(Moment(48 * 56_000)));
    }

    #[test]
    fn time_takes_a_step_down_after_the_other() {
        let quarter = QUARTER_OF_AN_HOUR * 1000;
        for (quarters, left) in [(0, 4), (1, 3), (3, 1), (4, 0), (9, 0)] {
            assert_eq!(
                LOG_IN.aged(count(4, 0), Moment(quarters * quarter)).failures,
                left,
                "{quarters}"
            );
        }
        assert_eq!(Rule::Local.aged(count(4, 0), Moment(DAY * 1000)).failures, 3);
        assert_eq!(LOG_IN.over(Failures { failures: 4, last: 0 }), Some(Moment(4 * quarter)));
        // But for what is closed.
        assert_eq!(Rule::Local.aged(count(100, 0), Moment(DAY * 1_000_000)).failures, 100);
        assert_eq!(Rule::Local.over(Failures { failures: 100, last: 0 }), None);
    }

    #[test]
    fn a_right_one_takes_a_step_and_no_more() {
        assert_eq!(LOG_IN.fewer(count(40, 7), 1, Moment(8)), count(39, 7));
        assert_eq!(LOG_IN.fewer(count(1, 7), 1, Moment(8)), None);
        assert_eq!(LOG_IN.fewer(None, 1, Moment(8)), None);
        // Whose steps time has taken waits for nothing by that.
        let later = QUARTER_OF_AN_HOUR * 1000 + 500;
        let left = LOG_IN.fewer(count(40, 0), 1, Moment(later));
        assert_eq!(left, count(38, later - 500));
    }

    #[test]
    fn a_count_has_an_end() {
        let now = Moment(5);
        assert_eq!(LOG_IN.one_more(count(LOG_IN_COUNTED, 4), now).failures, LOG_IN_COUNTED);
        assert_eq!(Rule::Local.one_more(count(99, 4), now), Failures { failures: 100, last: 5 });
        assert_eq!(LOG_IN.one_more(None, now), Failures { failures: 1, last: 5 });
    }
}
