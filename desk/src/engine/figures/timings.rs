//! How long something took: how often at most a microsecond, at most two and a half, and so on to
//! ten seconds. Tests: here.

use std::time::Duration;

use crate::engine::figures::counter::Counters;

/// The steps, in nanoseconds.
const STEPS: [u64; 22] = [
    1_000,
    2_500,
    5_000,
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
    10_000_000_000,
];

/// Where the sum stands, behind the steps and what is beyond them.
const SUM: usize = STEPS.len() + 1;

/// How long something took, each time.
#[derive(Debug, Default)]
pub struct Timings(Counters<{ STEPS.len() + 2 }>);

/// How often it took how long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimingsFigures {
    /// How often at most so long, and longer than the step before.
    pub steps: Vec<(Duration, u64)>,
    /// How often longer than all of them.
    pub beyond: u64,
    /// All together.
    pub sum: Duration,
}

impl Timings {
    /// It took so long once more.
    pub fn note(&self, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let step = STEPS.iter().position(|step| nanos <= *step).unwrap_or(STEPS.len());
        self.0.add(step);
        self.0.add_many(SUM, nanos);
    }

    /// What was noted so far.
    #[must_use]
    pub fn figures(&self) -> TimingsFigures {
        let step = |(at, nanos): (usize, &u64)| (Duration::from_nanos(*nanos), self.0.get(at));
        TimingsFigures {
            steps: STEPS.iter().enumerate().map(step).collect(),
            beyond: self.0.get(STEPS.len()),
            sum: Duration::from_nanos(self.0.get(SUM)),
        }
    }
}

impl TimingsFigures {
    /// How often in all.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.steps.iter().map(|(_, many)| many).sum::<u64>() + self.beyond
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_at_the_first_step_that_it_does_not_exceed() {
        let timings = Timings::default();
        for nanos in [0, 1_000, 1_001, 2_500, 10_000_000_000, 10_000_000_001] {
            timings.note(Duration::from_nanos(nanos));
        }
        let figures = timings.figures();
        let many: Vec<u64> = figures.steps.iter().map(|(_, many)| *many).collect();
        assert_eq!((many[0], many[1], many[21], figures.beyond), (2, 2, 1, 1));
        assert_eq!((many.iter().sum::<u64>(), figures.count()), (5, 6));
        assert_eq!(figures.sum, Duration::from_nanos(20_000_004_502));
    }

    #[test]
    fn the_steps_rise() {
        assert!(STEPS.is_sorted_by(|one, next| one < next));
    }
}
