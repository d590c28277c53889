use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use surrealdb::types::SurrealValue;

use super::secret::{hex, unhex};
use super::store::{Store, StoreError, vars};
use crate::{Moment, TokenView, Used};

/// How often uses are written: a crash forgets at most this much of them, while there are few.
const WRITTEN_EVERY: Duration = Duration::from_secs(2);

/// How many tokens' uses one transaction writes.
const BATCH: usize = 500;

/// While there are many, writing rests this many times as long as it took, so that it costs a tenth of one core at most
/// and verify does not feel it. What waits is in memory, and in every list of this node.
const RESTS: u32 = 9;

/// Parts with a lock each, so that requests on many cores seldom wait for each other.
const SHARDS: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Noted {
    at: Moment,
    address: Option<IpAddr>,
}

#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct UseRow {
    id: String,
    at: i64,
    address: String,
}

type Shard = HashMap<[u8; 32], Noted>;

/// The latest use of each token, noted in memory and written in batches, so that verify never waits for the disk.
#[derive(Debug)]
pub(super) struct Uses {
    noted: Vec<Mutex<Shard>>,
}

impl Default for Uses {
    fn default() -> Self {
        Self { noted: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }
}

impl Uses {
    fn shard(&self, id: &[u8; 32]) -> MutexGuard<'_, Shard> {
        lock(&self.noted[usize::from(id[0]) % SHARDS])
    }

    /// Notes a use of the token with this SHA-256; answers whether it is the token's first since the last writing.
    pub(super) fn note(&self, id: [u8; 32], at: Moment, address: Option<IpAddr>) -> bool {
        self.shard(&id).insert(id, Noted { at, address }).is_none()
    }

    /// Fills in what is not written yet.
    pub(super) fn fill_in(&self, tokens: &mut [TokenView]) {
        for token in tokens {
            let Some(id) = unhex(&token.id).and_then(|id| <[u8; 32]>::try_from(id).ok()) else { continue };
            if let Some(latest) = self.shard(&id).get(&id) {
                token.used = Some(Used { at: latest.at, address: latest.address.map(|address| address.to_string()).unwrap_or_default() });
            }
        }
    }

    /// Writes all that is noted. What cannot be written stays noted for the next time.
    pub(super) async fn write(&self, store: &Store) {
        for batch in self.all().chunks(BATCH) {
            if let Err(error) = self.write_batch(store, batch).await {
                tracing::warn!(%error, "uses of tokens could not be written; they are kept for the next time");
                return;
            }
        }
    }

    fn all(&self) -> Vec<([u8; 32], Noted)> {
        let mut all = Vec::new();
        for shard in &self.noted {
            all.extend(lock(shard).iter().map(|(id, noted)| (*id, *noted)));
        }
        all
    }

    async fn write_batch(&self, store: &Store, batch: &[([u8; 32], Noted)]) -> Result<(), StoreError> {
        let row = |(id, used): &([u8; 32], Noted)| UseRow {
            id: hex(id),
            at: used.at.0,
            address: used.address.map(|address| address.to_string()).unwrap_or_default(),
        };
        let rows: Vec<UseRow> = batch.iter().map(row).collect();
        let write = "FOR $use IN $uses { UPDATE type::record('token', $use.id) SET used_at = $use.at, used_address = $use.address }";
        store.note(write, vars! { "uses" => rows }).await?;
        // Taken out only now: a list read in between still finds it. Used again since: that use is still to be written.
        for (id, written) in batch {
            let mut shard = self.shard(id);
            if shard.get(id) == Some(written) {
                shard.remove(id);
            }
        }
        Ok(())
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes uses until the desk is gone: all within two seconds while they are few, as many as it may otherwise.
pub(super) async fn write_regularly(store: Store, uses: Arc<Uses>) {
    loop {
        tokio::time::sleep(WRITTEN_EVERY).await;
        for batch in uses.all().chunks(BATCH) {
            let began = Instant::now();
            if let Err(error) = uses.write_batch(&store, batch).await {
                tracing::warn!(%error, "uses of tokens could not be written; they are kept for the next time");
                break;
            }
            tokio::time::sleep(began.elapsed() * RESTS).await;
        }
    }
}
