//! Who has spent how much of what they may in a minute, by whatever key, in bounded memory (GCRA,
//! kept as one moment each: when all would be given back). Looking and spending are apart, where
//! what it costs is known only afterwards: governor takes as it looks. Tests: here.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// Within which one may spend what one may.
pub(super) const MINUTE: Duration = Duration::from_mins(1);

/// When somebody has everything back that they spent; none: they have spent nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spent(Option<Instant>);

impl Spent {
    /// Whether anything is not given back yet.
    pub(super) fn is_any(self, now: Instant) -> bool {
        self.0.is_some_and(|free_at| free_at > now)
    }

    /// Whether one is left of `most`; if not, how many seconds to wait for it.
    pub(super) fn look(self, most: u32, now: Instant) -> Result<(), u32> {
        let Some(free_at) = self.0 else { return Ok(()) };
        let wait = (free_at + part(most)).saturating_duration_since(now).saturating_sub(MINUTE);
        // What division has rounded off is none to wait for.
        if wait < Duration::from_millis(1) {
            Ok(())
        } else {
            Err(u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX))
        }
    }

    /// With so many of `most` spent more. Nobody owes more than one has: whoever goes on is not
    /// held up for longer.
    pub(super) fn and(self, many: u32, most: u32, now: Instant) -> Self {
        let free_at = self.0.map_or(now, |free_at| free_at.max(now)) + part(most) * many;
        Self(Some(free_at.min(now + MINUTE)))
    }

    /// With one of `most` given back that was none to spend.
    pub(super) fn less_one(self, most: u32, now: Instant) -> Self {
        Self(self.0.and_then(|free_at| free_at.checked_sub(part(most))).filter(|at| *at > now))
    }
}

/// After how long one is given back.
fn part(most: u32) -> Duration {
    MINUTE / most.max(1)
}

/// What many have spent.
#[derive(Debug)]
pub(super) struct Spending<K> {
    most_keys: usize,
    of: HashMap<K, Spent>,
}

impl<K: Eq + Hash> Spending<K> {
    /// Of at most so many. Where there are more, those are forgotten that have the least to wait.
    pub(super) fn new(most_keys: usize) -> Self {
        Self { most_keys, of: HashMap::new() }
    }

    pub(super) fn of(&self, key: &K) -> Spent {
        self.of.get(key).copied().unwrap_or_default()
    }

    /// Spends so many of `most`.
    pub(super) fn spend(&mut self, key: K, many: u32, most: u32, now: Instant) {
        let spent = self.of(&key).and(many, most, now);
        if self.of.len() >= self.most_keys && !self.of.contains_key(&key) {
            self.forget(now);
        }
        self.of.insert(key, spent);
    }

    /// Gives one of `most` back that was none to spend.
    pub(super) fn give_back(&mut self, key: &K, most: u32, now: Instant) {
        if let Some(spent) = self.of.get_mut(key) {
            *spent = spent.less_one(most, now);
        }
    }

    /// Those that have everything back; and if that is not enough, the half that will have it the
    /// soonest, so that a flood of new ones never forgets whoever waits.
    fn forget(&mut self, now: Instant) {
        self.of.retain(|_, spent| spent.is_any(now));
        if self.of.len() > self.most_keys / 2 {
            let mut times: Vec<Option<Instant>> = self.of.values().map(|spent| spent.0).collect();
            let half = times.len() / 2;
            let (_, middle, _) = times.select_nth_unstable(half);
            let middle = *middle;
            self.of.retain(|_, spent| spent.0 > middle);
        }
    }

    /// How many are remembered.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.of.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_comes_back_bit_by_bit() {
        let (mut spending, now) = (Spending::new(10), Instant::now());
        for _ in 0..3 {
            assert_eq!(spending.of(&"a").look(3, now), Ok(()));
            spending.spend("a", 1, 3, now);
        }
        assert_eq!(
            (spending.of(&"a").look(3, now), spending.of(&"b").look(3, now)),
            (Err(20), Ok(()))
        );
        let later = now + Duration::from_secs(20);
        assert_eq!(spending.of(&"a").look(3, later), Ok(()));
        spending.spend("a", 1, 3, later);
        assert_eq!(spending.of(&"a").look(3, later), Err(20));
    }

    #[test]
    fn what_is_given_back_was_never_spent() {
        let (mut spending, now) = (Spending::new(10), Instant::now());
        for _ in 0..3 {
            spending.spend("a", 1, 3, now);
        }
        spending.give_back(&"a", 3, now);
        spending.give_back(&"nobody", 3, now);
        assert_eq!(spending.of(&"a").look(3, now), Ok(()));
        for _ in 0..9 {
            spending.give_back(&"a", 3, now);
        }
        assert!(!spending.of(&"a").is_any(now), "no more than all");
    }

    #[test]
    fn nobody_owes_more_than_a_minute() {
        let (mut spending, now) = (Spending::new(10), Instant::now());
        spending.spend("a", 1000, 6, now);
        assert_eq!(spending.of(&"a").look(6, now), Err(10));
        assert!(!spending.of(&"a").is_any(now + MINUTE));
    }

    #[test]
    fn memory_is_bounded_and_a_flood_forgets_nobody_who_waits() {
        let (mut spending, now) = (Spending::new(1000), Instant::now());
        spending.spend(0, 60, 60, now);
        for n in 1..25_000_u32 {
            spending.spend(n, 1, 60, now + Duration::from_micros(n.into()));
            assert!(spending.len() <= 1000);
        }
        assert!(spending.of(&0).look(60, now + Duration::from_millis(25)).is_err());
    }
}
