//! Wrong passwords that were counted while the store's disk was nearly full: in memory, and written
//! with the next of theirs once there is room. So strangers do not fill what is left of a disk, and
//! guess no faster meanwhile. Tests: here.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::Moment;
use crate::engine::lock::lock;
use crate::store::throttle::{DirectoryTry, Failures, Move, Tries};

/// How many are remembered: a few megabytes.
const MAX_COUNTS: usize = 16_384;

/// A count that is not written.
#[derive(Clone, Copy, Debug)]
struct Unwritten {
    stored: Option<Failures>,
    is: Option<Failures>,
    over: Option<Moment>,
}

/// Counts of wrong passwords at log-in that are not written.
#[derive(Debug, Default)]
pub(crate) struct UnwrittenCounts(Mutex<HashMap<String, Unwritten>>);

impl UnwrittenCounts {
    /// The counts under these keys, of which the store says `stored`.
    pub(crate) fn latest(
        &self,
        keys: &[String],
        stored: Vec<Option<Failures>>,
    ) -> Vec<Option<Failures>> {
        let mut counts = lock(&self.0);
        let latest = |(key, stored): (&String, Option<Failures>)| match counts.get_mut(key) {
            Some(count) => {
                count.stored = stored;
                count.is
            }
            None => stored,
        };
        keys.iter().zip(stored).map(latest).collect()
    }

    /// Moves counts here alone, all or none; answers whether they were still what was read.
    pub(crate) fn move_here(&self, moves: &[Move], now: Moment) -> bool {
        let mut counts = lock(&self.0);
        let is_as_read = |one: &Move| counts.get(&one.key).is_none_or(|count| count.is == one.from);
        if !moves.iter().all(is_as_read) {
            return false;
        }
        for Move { key, from, to, over } in moves {
            let stored = counts.get(key).map_or(*from, |count| count.stored);
            if *to == stored {
                counts.remove(key);
            } else {
                make_room(&mut counts, key, now);
                counts.insert(key.clone(), Unwritten { stored, is: *to, over: *over });
            }
        }
        true
    }

    /// Takes what is remembered under the keys of these moves, to be written: the moves from what
    /// the store has, and what was taken.
    pub(crate) fn take(&self, moves: &[Move]) -> (Vec<Move>, Taken<'_>) {
        let mut counts = lock(&self.0);
        let mut taken = Vec::new();
        let from_stored = |one: &Move| {
            let Some(count) = counts.remove(&one.key) else { return one.clone() };
            taken.push((one.key.clone(), count));
            // Of two at one moment the later finds another count in the store, and reads it anew.
            Move { from: count.stored, ..one.clone() }
        };
        let moves = moves.iter().map(from_stored).collect();
        (moves, Taken { counts: self, taken })
    }
}

/// Counts that are being written. Dropped before they are, they are remembered again.
#[derive(Debug)]
pub(crate) struct Taken<'a> {
    counts: &'a UnwrittenCounts,
    taken: Vec<(String, Unwritten)>,
}

impl Taken<'_> {
    /// They are.
    pub(crate) fn are_written(mut self) {
        self.taken.clear();
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut counts = lock(&self.counts.0);
        for (key, count) in self.taken.drain(..) {
            counts.entry(key).or_insert(count);
        }
    }
}

/// Forgets what says nothing any more, and then those with the fewest: whoever is guessed at the
/// most is still delayed.
fn make_room(counts: &mut HashMap<String, Unwritten>, key: &str, now: Moment) {
    if counts.len() < MAX_COUNTS || counts.contains_key(key) {
        return;
    }
    counts.retain(|_, count| count.over.is_none_or(|over| over > now));
    if counts.len() >= MAX_COUNTS {
        let failures = |count: &Unwritten| count.is.map_or(0, |is| is.failures);
        let mut all: Vec<i64> = counts.values().map(failures).collect();
        let half = all.len() / 2;
        let middle = *all.select_nth_unstable(half).1;
        counts.retain(|_, count| failures(count) > middle);
    }
}

/// How many wrong passwords the campus directory has heard, where that is not written.
#[derive(Debug, Default)]
pub(crate) struct UnwrittenTries(Mutex<HashMap<String, Tries>>);

impl UnwrittenTries {
    /// Whether more is known here than in the store.
    pub(crate) fn has(&self, new: &DirectoryTry<'_>) -> bool {
        lock(&self.0).get(new.key).is_some_and(|tries| new.is_recent(*tries))
    }

    /// Takes one of those that the directory may hear, of which the store says `stored`; answers
    /// whether there was one left. Where too many people's are remembered there is none: the
    /// directory never hears too many.
    pub(crate) fn take(&self, new: &DirectoryTry<'_>, stored: Option<Tries>) -> bool {
        let mut all = lock(&self.0);
        let is_recent = |tries: &Tries| new.is_recent(*tries);
        let known = all.get(new.key).copied().filter(is_recent).or(stored.filter(is_recent));
        let mut tries = known.unwrap_or_default();
        let heard = if new.by_device { &mut tries.devices } else { &mut tries.strangers };
        if *heard >= new.most {
            return false;
        }
        *heard += 1;
        tries.last = new.now.0;
        if all.len() >= MAX_COUNTS && !all.contains_key(new.key) {
            all.retain(|_, tries| is_recent(tries));
            if all.len() >= MAX_COUNTS {
                return false;
            }
        }
        all.insert(new.key.to_owned(), tries);
        true
    }

    /// Gives one back that the directory has not heard; answers whether it was counted here.
    pub(crate) fn give_back(&self, key: &str, by_device: bool) -> bool {
        let mut all = lock(&self.0);
        let Some(tries) = all.get_mut(key) else { return false };
        let heard = if by_device { &mut tries.devices } else { &mut tries.strangers };
        *heard = (*heard - 1).max(0);
        true
    }

    /// The directory has heard the right one.
    pub(crate) fn forget(&self, key: &str) {
        lock(&self.0).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::desk_for_tests::{demo_desk, secret};
    use crate::engine::origin::Origin;
    use crate::engine::passwords::source::TriedFrom;
    use crate::{AuditQuery, NetId, Refusal};

    const NOW: Moment = Moment(1_000_000);

    fn count(failures: i64) -> Option<Failures> {
        Some(Failures { failures, last: NOW.0 })
    }

    fn one(key: &str, from: Option<Failures>, to: Option<Failures>) -> Move {
        Move { key: key.to_owned(), from, to, over: Some(NOW.plus_seconds(900)) }
    }

    #[test]
    fn what_is_counted_here_goes_on_from_what_is_stored_and_is_written_from_there() {
        let counts = UnwrittenCounts::default();
        let keys = ["a".to_owned(), "b".to_owned()];
        let latest = || counts.latest(&keys, vec![count(2), None]);
        assert_eq!(latest(), [count(2), None]);
        assert!(counts.move_here(&[one("a", count(2), count(3))], NOW));
        assert!(!counts.move_here(&[one("a", count(2), count(3))], NOW), "somebody was first");
        assert!(
            !counts.move_here(&[one("b", None, count(1)), one("a", count(2), count(3))], NOW),
            "all or none"
        );
        assert_eq!(latest(), [count(3), None]);
        let (moves, taken) = counts.take(&[one("a", count(3), count(4)), one("b", None, count(1))]);
        assert_eq!((moves[0].from, moves[0].to, moves[1].from), (count(2), count(4), None));
        drop(taken);
        assert_eq!(latest(), [count(3), None], "it was not written");
        counts.take(&[one("a", count(3), count(4))]).1.are_written();
        assert_eq!(counts.latest(&keys, vec![count(4), None]), [count(4), None]);
        assert!(lock(&counts.0).is_empty());
    }

    #[test]
    fn what_was_taken_back_to_what_is_stored_is_forgotten() {
        let counts = UnwrittenCounts::default();
        assert!(counts.move_here(&[one("a", None, count(1))], NOW));
        assert!(counts.move_here(&[one("a", count(1), None)], NOW));
        assert!(lock(&counts.0).is_empty());
    }

    #[test]
    fn memory_is_bounded_and_who_is_guessed_at_the_most_stays_delayed() {
        let counts = UnwrittenCounts::default();
        assert!(counts.move_here(&[one("victim", None, count(40))], NOW));
        for n in 0..3 * MAX_COUNTS {
            assert!(counts.move_here(&[one(&format!("k{n}"), None, count(1))], NOW));
        }
        assert!(lock(&counts.0).len() <= MAX_COUNTS);
        assert_eq!(counts.latest(&["victim".to_owned()], vec![None]), [count(40)]);
    }

    #[test]
    fn the_directory_hears_no_more_than_before() {
        let tries = UnwrittenTries::default();
        let of = |key: &'static str, by_device, at: i64| DirectoryTry {
            key,
            by_device,
            most: 4,
            quiet_seconds: 900,
            now: Moment(at),
            over: Moment(at + 900_000),
        };
        let stored = Some(Tries { strangers: 3, devices: 0, last: NOW.0 });
        assert!(!tries.has(&of("a", false, NOW.0)));
        assert!(tries.take(&of("a", false, NOW.0), stored));
        assert!(!tries.take(&of("a", false, NOW.0), stored) && tries.has(&of("a", false, NOW.0)));
        assert!(tries.take(&of("a", true, NOW.0), stored));
        assert!(tries.give_back("a", false) && !tries.give_back("b", false));
        assert!(tries.take(&of("a", false, NOW.0), stored));
        let quiet = NOW.0 + 900_001;
        assert!(!tries.has(&of("a", false, quiet)) && tries.take(&of("a", false, quiet), stored));
        tries.forget("a");
        assert!(!tries.has(&of("a", false, quiet)));
    }

    #[tokio::test]
    async fn on_a_disk_that_is_nearly_full_strangers_write_nothing_and_guess_no_faster() {
        let (desk, clock) = demo_desk().await;
        let store = &desk.inner.store;
        let key = desk.sources_key().await.expect("a key").clone();
        let from = |n: u8| Origin { address: [203, 0, 113, n].into(), ..Origin::console() };
        let wrong = async |netid: &str, n: u8| {
            desk.log_in(netid, &secret("wrong"), &from(n)).await.expect_err("wrong")
        };
        let (incorrect, delayed) =
            (Refusal::LoginIncorrect, Refusal::TooManyAttempts { seconds: 1 });
        let counted = async |n: u8| {
            let sam = NetId::parse("sam").expect("a NetID");
            let counted = TriedFrom::Address(from(n).address).counted(&sam, &key);
            let keys: Vec<String> = counted.into_iter().map(|counted| counted.key).collect();
            let counts = store.failures(&keys).await.expect("read");
            counts.into_iter().flatten().map(|count| count.failures).collect::<Vec<_>>()
        };
        assert_eq!(wrong("sam", 1).await, incorrect);
        // Nobody waits for its row.
        desk.inner.unwaited.settled().await;
        let before = store.own_chain_end().await.map(|end| end.seq);
        store.set_nearly_full(true);
        for n in 1..=50 {
            assert_eq!(
                (wrong("sam", n).await, wrong("nobody", n).await),
                (incorrect.clone(), incorrect.clone())
            );
        }
        assert_eq!(
            (wrong("sam", 1).await, wrong("sam", 1).await),
            (incorrect.clone(), delayed.clone())
        );
        assert_eq!(wrong("not a netid", 1).await, incorrect);
        assert_eq!(store.own_chain_end().await.map(|end| end.seq), before);
        assert_eq!((counted(1).await, counted(2).await), (vec![1], vec![]));
        // As many as would have been written.
        store.set_nearly_full(false);
        assert_eq!(wrong("sam", 1).await, delayed);
        clock.advance(1);
        assert_eq!(wrong("sam", 1).await, incorrect);
        assert_eq!(counted(1).await, [4]);
        desk.write_noted().await;
        let rows = desk.console().audit(&AuditQuery::default()).await.expect("read").rows;
        let recorded = |what: &str| rows.iter().any(|row| row.detail == what);
        assert!(recorded("unknown NetID: 50 times while the disk was nearly full"), "{rows:?}");
        assert!(
            recorded("login-incorrect: 3 more times while the disk was nearly full"),
            "{rows:?}"
        );
    }
}
