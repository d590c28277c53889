use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use surrealdb::types::SurrealValue;

use super::lock;
use super::secret::{hex, unhex};
use super::store::{Store, StoreError, vars};
use super::verify::{Id, Known};
use crate::{Moment, TokenView, Used};

/// How often uses are written: a crash forgets at most this much of them, while there are few.
const WRITTEN_EVERY: Duration = Duration::from_secs(2);

/// How many tokens' uses one transaction writes.
const BATCH: usize = 500;

/// The same where other nodes listen: a SurrealDB server closes a connection for which more than a hundred notifications
/// wait (its `SURREAL_WEBSOCKET_RESPONSE_CHANNEL_SIZE`), and every use that is written is one for each node.
const BATCH_SHARED: usize = 25;

/// How many tokens' uses are kept at most. Beyond it, a use is not noted: a list then tells an older one.
const MOST: usize = 200_000;

/// How long an orderly stop waits for what is still to be written.
const PATIENCE: Duration = Duration::from_secs(30);

/// While there are many, writing rests this many times as long as it took, so that it costs a tenth of one core at most
/// and verify does not feel it. What waits is in memory, and in every list of this node.
const RESTS: u32 = 9;

/// Uses of a token that are not written yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Noted {
    /// The latest.
    at: Moment,
    address: Option<IpAddr>,
    /// How many there were on its day, and on the day before.
    today: u32,
    yesterday: u32,
}

impl Noted {
    fn new(at: Moment, address: Option<IpAddr>) -> Self {
        Self { at, address, today: 1, yesterday: 0 }
    }

    /// Both together. The counts of days before yesterday are left: what is noted is written in seconds.
    fn and(self, other: Self) -> Self {
        let (mut later, earlier) = if self.at < other.at { (other, self) } else { (self, other) };
        let [today, yesterday] = earlier.counts_at(later.at);
        later.today = later.today.saturating_add(today);
        later.yesterday = later.yesterday.saturating_add(yesterday);
        later
    }

    /// What is left to be written of it once `written` is; none: nothing.
    fn without(self, written: Self) -> Option<Self> {
        let [today, yesterday] = written.counts_at(self.at);
        (self != written).then(|| Self {
            today: self.today.saturating_sub(today),
            yesterday: self.yesterday.saturating_sub(yesterday),
            ..self
        })
    }

    /// Its counts for the day of `at` and the day before.
    fn counts_at(self, at: Moment) -> [u32; 2] {
        match at.days() - self.at.days() {
            0 => [self.today, self.yesterday],
            1 => [0, self.today],
            _ => [0, 0],
        }
    }

    /// Its counts with their days.
    fn days(self) -> [(i64, u32); 2] {
        [(self.at.days() - 1, self.yesterday), (self.at.days(), self.today)]
    }
}

#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct UseRow {
    id: String,
    at: i64,
    address: String,
    day: i64,
    today: i64,
    yesterday: i64,
}

/// The latest use of each token, noted in memory beside what verify knows of it and written in batches, so that verify
/// never waits for the disk and seldom for another request.
#[derive(Debug, Default)]
pub(super) struct Uses {
    /// The tokens that have a use noted.
    dirty: Mutex<HashMap<Id, Arc<Known>>>,
    /// Whoever writes: one at a time, and an orderly stop breaks nobody off, or the same uses would be counted twice.
    turn: tokio::sync::Mutex<()>,
}

impl Uses {
    /// Waits until nobody writes, and keeps everybody from it.
    pub(super) async fn turn(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        tokio::time::timeout(PATIENCE, self.turn.lock()).await.ok()
    }

    fn dirty(&self) -> MutexGuard<'_, HashMap<Id, Arc<Known>>> {
        lock(&self.dirty)
    }

    /// Notes a use; answers whether it is the token's first since the last writing.
    pub(super) fn note(&self, id: Id, known: &Arc<Known>, at: Moment, address: Option<IpAddr>) -> bool {
        {
            let mut noted = lock(&known.noted);
            let before = noted.replace(Noted::new(at, address));
            if let (Some(before), Some(noted)) = (before, noted.as_mut()) {
                *noted = noted.and(before);
                return false;
            }
        }
        let mut dirty = self.dirty();
        if dirty.len() >= MOST && !dirty.contains_key(&id) {
            drop(dirty);
            *lock(&known.noted) = None;
            return false;
        }
        // Read anew since it was noted: both notes become one, and the old place is listed again if used again.
        let before = dirty.insert(id, known.clone()).filter(|before| !Arc::ptr_eq(before, known));
        if let Some(earlier) = before.and_then(|before| lock(&before.noted).take()) {
            let mut noted = lock(&known.noted);
            *noted = Some(noted.map_or(earlier, |noted| noted.and(earlier)));
        }
        true
    }

    /// Fills in what is not written yet.
    pub(super) fn fill_in(&self, tokens: &mut [TokenView]) {
        let dirty = self.dirty();
        for token in tokens {
            let known = unhex(&token.id).and_then(|id| dirty.get(id.as_slice()));
            let noted = known.and_then(|known| *lock(&known.noted));
            for (day, count) in noted.map(Noted::days).into_iter().flatten().filter(|(_, count)| *count > 0) {
                token.days.add(day, count);
            }
            if let Some(latest) = noted.filter(|noted| token.used.as_ref().is_none_or(|used| used.at <= noted.at)) {
                token.used = Some(Used { at: latest.at, address: latest.address.map(|address| address.to_string()).unwrap_or_default() });
            }
        }
    }

    /// Writes all that is noted, at an orderly stop.
    pub(super) async fn write(&self, store: &Store) {
        let began = Instant::now();
        let (all, size) = (self.all(), batch(store));
        for (done, batch) in all.chunks(size).enumerate() {
            if began.elapsed() > PATIENCE {
                let left = all.len() - done * size;
                tracing::warn!(left, "uses of tokens are not written: there are too many to wait for");
                return;
            }
            if let Err(error) = self.write_batch(store, batch).await {
                tracing::warn!(%error, "uses of tokens could not be written; they are kept for the next time");
                return;
            }
        }
    }

    fn all(&self) -> Vec<(Id, Arc<Known>)> {
        self.dirty().iter().map(|(id, known)| (*id, known.clone())).collect()
    }

    async fn write_batch(&self, store: &Store, batch: &[(Id, Arc<Known>)]) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        let written: Vec<(&Id, Noted)> = batch.iter().filter_map(|(id, known)| Some((id, (*lock(&known.noted))?))).collect();
        let row = |id: &Id, noted: Noted| UseRow {
            id: hex(id),
            at: noted.at.0,
            address: noted.address.map(|address| address.to_string()).unwrap_or_default(),
            day: noted.at.days(),
            today: noted.today.into(),
            yesterday: noted.yesterday.into(),
        };
        let rows: Vec<UseRow> = written.iter().map(|(id, noted)| row(id, *noted)).collect();
        store.note(WRITE, vars! { "uses" => rows }).await?;
        // Taken out only now: a list read in between still finds it. Used again since: that use is still to be written.
        // Read anew since: what was written is part of what is noted there by now.
        for (id, written) in written {
            let mut dirty = self.dirty();
            let Some(listed) = dirty.get(id).cloned() else { continue };
            let mut now = lock(&listed.noted);
            *now = now.and_then(|now| now.without(written));
            if now.is_none() {
                dirty.remove(id);
            }
        }
        Ok(())
    }
}

/// Adds uses to what is written: one update a token, for each is a notification where other nodes listen. The last use
/// never goes back. `use_days` ends with the day `use_day`; where another node has begun a later day, what this one still
/// had of the day before is left out.
const WRITE: &str = "FOR $use IN $uses {
    LET $row = type::record('token', $use.id);
    LET $old = (SELECT used_at, use_day ?? $use.day AS day, use_days ?? array::repeat(0, 30) AS days FROM ONLY $row);
    IF $old IS NOT NONE {
        LET $by = math::min([30, $use.day - $old.day]);
        LET $days = IF $by > 0 { array::concat(array::slice($old.days, $by), array::repeat(0, $by)) } ELSE { $old.days };
        LET $later = $old.used_at IS NONE OR $old.used_at < $use.at;
        UPDATE $row SET
            used_address = IF $later { $use.address } ELSE { used_address },
            used_at = IF $later { $use.at } ELSE { used_at },
            use_day = math::max([$use.day, $old.day]),
            use_days = IF $by < 0 { $days } ELSE {
                array::concat(array::slice($days, 0, 28), [$days[28] + $use.yesterday, $days[29] + $use.today])
            };
    }
}";

fn batch(store: &Store) -> usize {
    if store.cache.is_shared() { BATCH_SHARED } else { BATCH }
}

/// Writes uses until the desk is gone: all within two seconds while they are few, as many as it may otherwise.
pub(super) async fn write_regularly(store: Store, uses: Arc<Uses>) {
    loop {
        tokio::time::sleep(WRITTEN_EVERY).await;
        for batch in uses.all().chunks(batch(&store)) {
            let began = Instant::now();
            if let Err(error) = uses.write_batch(&store, batch).await {
                tracing::warn!(%error, "uses of tokens could not be written; they are kept for the next time");
                break;
            }
            tokio::time::sleep(began.elapsed() * RESTS).await;
        }
    }
}
