//! One at a time for each account and source. Tests: here, and `desk/tests/desk/guessing.rs`.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Mutex, MutexGuard};

use crate::Refusal;

/// How many places there are: two keys may share one, and wait for each other for the time of one
/// hashing.
const PLACES: usize = 1024;

/// How many may be at one place, whoever has the turn included. More are turned away, so that
/// nobody who shares a place with a flood waits for long.
const MAX_AT_ONE_PLACE: usize = 32;

/// One try at a time for each key on this node, so that a hundred at once are still counted one by
/// one. Who shares a place with whom differs from start to start, and cannot be computed from
/// outside.
#[derive(Debug)]
pub(crate) struct KeyedLock {
    places: Vec<Place>,
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct Place {
    turn: Mutex<()>,
    waiting: AtomicUsize,
}

/// Somebody's turn; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct KeyedLockGuard<'a> {
    _turn: MutexGuard<'a, ()>,
    _waiting: Waiting<'a>,
}

#[derive(Debug)]
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Default for KeyedLock {
    fn default() -> Self {
        Self { places: (0..PLACES).map(|_| Place::default()).collect(), hasher: RandomState::new() }
    }
}

impl KeyedLock {
    /// Waits for the key's turn.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] where too many wait for that place.
    pub(crate) async fn take(&self, key: &impl Hash) -> Result<KeyedLockGuard<'_>, Refusal> {
        let place = self.place(key);
        let before = place.waiting.fetch_add(1, Ordering::AcqRel);
        let waiting = Waiting(&place.waiting);
        if before >= MAX_AT_ONE_PLACE {
            return Err(Refusal::TooManyAttempts { seconds: 1 });
        }
        Ok(KeyedLockGuard { _turn: place.turn.lock().await, _waiting: waiting })
    }

    fn place(&self, key: &impl Hash) -> &Place {
        let hash = self.hasher.hash_one(key);
        let places = u64::try_from(self.places.len()).unwrap_or(1);
        let place = usize::try_from(hash % places).unwrap_or(0);
        &self.places[place]
    }
}

/// Turns of those who may not hold each other up.
#[derive(Debug, Default)]
pub(crate) struct KeyedLocks {
    /// Log-ins from browsers that nobody knows.
    pub(crate) strangers: KeyedLock,
    /// The same where the campus directory is asked: those who wait for it do not hold up those who
    /// do not.
    pub(crate) directory: KeyedLock,
    /// Log-ins from browsers that have logged in as that person before.
    pub(crate) devices: KeyedLock,
    /// Local passwords, which are asked for in sessions.
    pub(crate) local: KeyedLock,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_place_holds_so_many_and_frees_itself() {
        let lock = KeyedLock::default();
        let first = lock.take(&"ada").await.expect("the first");
        let mut waiting: Vec<_> =
            (1..MAX_AT_ONE_PLACE).map(|_| Box::pin(lock.take(&"ada"))).collect();
        for one in &mut waiting {
            assert!(futures::poll!(one.as_mut()).is_pending());
        }
        assert_eq!(
            lock.take(&"ada").await.map(|_| ()),
            Err(Refusal::TooManyAttempts { seconds: 1 })
        );
        // Those who go away leave their place to others.
        drop(waiting);
        drop(first);
        lock.take(&"ada").await.expect("free again");
    }

    #[tokio::test]
    async fn who_shares_a_place_differs_from_start_to_start() {
        let (one, other) = (KeyedLock::default(), KeyedLock::default());
        let nth = |lock: &KeyedLock, key: usize| {
            let place: *const Place = lock.place(&key);
            lock.places.iter().position(|other| std::ptr::eq(other, place))
        };
        let alike = (0..1000).filter(|key| nth(&one, *key) == nth(&other, *key)).count();
        assert!(alike < 20, "{alike} of 1000 have the same place");
    }
}
