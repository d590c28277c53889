//! One at a time for each account.

use std::hash::{BuildHasher, RandomState};

use tokio::sync::{Mutex, MutexGuard};

use crate::NetId;

/// How many places there are: two strangers may share one, and wait for each other for the time of one hashing.
const PLACES: usize = 256;

/// One try at a time for each account on this node, so that a hundred at once are still counted one by one. Who shares a
/// place with whom differs from start to start, and cannot be computed from outside.
#[derive(Debug)]
pub(crate) struct KeyedLock {
    places: Vec<Mutex<()>>,
    hasher: RandomState,
}

impl Default for KeyedLock {
    fn default() -> Self {
        Self { places: (0..PLACES).map(|_| Mutex::default()).collect(), hasher: RandomState::new() }
    }
}

impl KeyedLock {
    /// Waits for the account's turn.
    pub(crate) async fn take(&self, netid: &NetId) -> MutexGuard<'_, ()> {
        let hash = self.hasher.hash_one(netid);
        let places = u64::try_from(self.places.len()).unwrap_or(1);
        let place = usize::try_from(hash % places).unwrap_or(0);
        self.places[place].lock().await
    }
}
