//! When tokens are used: noted in memory, written in batches. Tests: below.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::engine::clock::Clock;
use crate::engine::lock::lock;
use crate::engine::secret::{hex, unhex};
use crate::engine::verify::cached_token::CachedToken;
use crate::engine::verify::cached_token::Id;
use crate::engine::verify::learning::{Use, learn};
use crate::engine::verify::noted::Noted;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::usage::UseRow;
use crate::{Moment, TokenId, TokenView, Used};

/// How often uses are written: a crash forgets at most this much of them, while there are few.
const WRITTEN_EVERY: Duration = Duration::from_secs(2);

/// How many tokens' uses one transaction writes.
const BATCH: usize = 500;

/// The same where other nodes listen: a SurrealDB server closes a connection for which more than a
/// hundred notifications wait (its `SURREAL_WEBSOCKET_RESPONSE_CHANNEL_SIZE`), and every use that
/// is written is one for each node.
const BATCH_SHARED: usize = 25;

/// How many new networks a round of writing tells of, each a transaction of its own: where a campus
/// changes its networks all tokens have one, and the uses of others are not to wait for it. What is
/// more stays noted until the next round.
const NEWS_A_ROUND: usize = 50;

/// How many tokens' uses are kept at most. Beyond it, a use is not noted: a list then tells an
/// older one.
const MAX_NOTED: usize = 200_000;

/// How long an orderly stop waits for what is still to be written: for whoever writes just now, and
/// for the rest.
pub(crate) const STOP_TIMEOUT: Duration = Duration::from_secs(3);

/// While there are many, writing rests this many times as long as it took, so that with whoever
/// hears of it, it costs a tenth of one core at most and verify does not feel it. What waits is in
/// memory, and in every list of this node.
const RESTS: u32 = 19;

/// And no longer than this, where the store was slow to take them.
const LONGEST_REST: Duration = Duration::from_secs(5);

/// The latest use of each token, noted in memory beside what verify knows of it and written in
/// batches, so that verify never waits for the disk and seldom for another request.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    /// The tokens that have a use noted.
    dirty: Mutex<HashMap<Id, Arc<CachedToken>>>,
    /// Whoever writes: one at a time, and an orderly stop breaks nobody off, or the same uses would
    /// be counted twice.
    turn: tokio::sync::Mutex<()>,
}

impl Usage {
    /// Waits until nobody writes, and keeps everybody from it.
    pub(crate) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    fn dirty(&self) -> MutexGuard<'_, HashMap<Id, Arc<CachedToken>>> {
        lock(&self.dirty)
    }

    /// Notes a use, which may have changed something where it `wrote`; answers whether it is the
    /// token's first since the last writing.
    pub(crate) fn note(
        &self,
        id: Id,
        known: &Arc<CachedToken>,
        at: Moment,
        address: Option<IpAddr>,
        wrote: bool,
    ) -> bool {
        {
            let mut noted = lock(&known.noted);
            let before = noted.replace(Noted::new(at, address, wrote));
            if let (Some(before), Some(noted)) = (before, noted.as_mut()) {
                *noted = noted.and(before, &known.written);
                return false;
            }
        }
        let mut dirty = self.dirty();
        if dirty.len() >= MAX_NOTED && !dirty.contains_key(&id) {
            drop(dirty);
            *lock(&known.noted) = None;
            return false;
        }
        // Read anew since it was noted: both notes become one, and the old place is listed again if
        // used again.
        let before = dirty.insert(id, known.clone()).filter(|before| !Arc::ptr_eq(before, known));
        if let Some(earlier) = before.and_then(|before| lock(&before.noted).take()) {
            let mut noted = lock(&known.noted);
            *noted = Some(noted.map_or(earlier, |noted| noted.and(earlier, &known.written)));
        }
        true
    }

    /// Fills in what is not written yet.
    pub(crate) fn fill_in(&self, tokens: &mut [TokenView]) {
        let dirty = self.dirty();
        for token in tokens {
            let known = unhex(token.id.as_str()).and_then(|id| dirty.get(id.as_slice()));
            let noted = known.and_then(|known| *lock(&known.noted));
            for (day, count) in
                noted.map(Noted::days).into_iter().flatten().filter(|(_, count)| *count > 0)
            {
                token.days.add(day, count);
            }
            if let Some(latest) =
                noted.filter(|noted| token.used.as_ref().is_none_or(|used| used.at <= noted.at))
            {
                token.used = Some(Used {
                    at: latest.at,
                    address: latest.address.map(|address| address.to_string()).unwrap_or_default(),
                });
            }
        }
    }

    /// The latest use of a token that is not written yet, and whether one of those may have changed
    /// something; none: all are written.
    pub(crate) fn unwritten(&self, token: &TokenId) -> Option<(Moment, bool)> {
        let id = unhex(token.as_str())?;
        let known = self.dirty().get(id.as_slice()).cloned()?;
        let noted = *lock(&known.noted);
        noted.map(|noted| (noted.at, noted.wrote))
    }

    /// Writes all that is noted, at an orderly stop.
    pub(crate) async fn write(&self, store: &Store, now: Moment) {
        let mut is_put_off = true;
        while is_put_off {
            is_put_off = false;
            let mut room = NEWS_A_ROUND;
            for batch in self.all().chunks(batch(store)) {
                match self.write_batch(store, batch, now, &mut room).await {
                    Ok(some) => is_put_off |= some,
                    Err(error) => {
                        warn(&error);
                        return;
                    }
                }
            }
        }
    }

    /// How many tokens have a use that is not written.
    pub(crate) fn left(&self) -> usize {
        self.dirty().len()
    }

    fn all(&self) -> Vec<(Id, Arc<CachedToken>)> {
        self.dirty().iter().map(|(id, known)| (*id, known.clone())).collect()
    }

    /// Writes some, and tells of as many new networks as there is room for; answers whether there
    /// are some that had none, and stay noted.
    async fn write_batch(
        &self,
        store: &Store,
        batch: &[(Id, Arc<CachedToken>)],
        now: Moment,
        room: &mut usize,
    ) -> Result<bool, StoreError> {
        let _turn = self.turn.lock().await;
        let noted = |known: &CachedToken| *lock(&known.noted);
        let uses: Vec<(&Id, Use<'_>)> = batch
            .iter()
            .filter_map(|(id, known)| Some((id, Use { known, noted: noted(known)? })))
            .collect();
        // Before the uses are counted: learned again, whatever becomes of the rest, is no harm. And
        // whoever hears of the use and asks finds its network.
        let from: Vec<Use<'_>> = uses.iter().map(|(_, one)| *one).collect();
        let learned = learn(store, &from, now, *room).await?;
        *room = room.saturating_sub(learned.reported);
        let put_off: HashSet<&str> = learned.put_off.iter().map(Use::id).collect();
        let written: Vec<(&Id, Noted)> = uses
            .iter()
            .filter(|(_, one)| !put_off.contains(one.id()))
            .map(|(id, one)| (*id, one.noted))
            .collect();
        let row = |id: &Id, noted: Noted| UseRow {
            id: hex(id),
            at: noted.at.0,
            address: noted.address.map(|address| address.to_string()).unwrap_or_default(),
            day: noted.at.days(),
            today: noted.today.into(),
            yesterday: noted.yesterday.into(),
            wrote: noted.wrote,
        };
        let rows: Vec<UseRow> = written.iter().map(|(id, noted)| row(id, *noted)).collect();
        store.write_uses(rows).await?;
        // Taken out only now: a list read in between still finds it. Used again since: that use is
        // still to be written. Read anew since: what was written is part of what is noted there by
        // now.
        for (id, written) in written {
            let mut dirty = self.dirty();
            let Some(listed) = dirty.get(id).cloned() else { continue };
            let mut now = lock(&listed.noted);
            *now = now.and_then(|now| now.without(written));
            if now.is_none() {
                dirty.remove(id);
            }
        }
        Ok(!put_off.is_empty())
    }
}

fn warn(error: &StoreError) {
    tracing::warn!(%error, "uses of tokens could not be written; they are kept for the next time");
}

fn batch(store: &Store) -> usize {
    if store.is_shared() { BATCH_SHARED } else { BATCH }
}

/// Writes uses until the desk is gone: all within two seconds while they are few, as many as it may
/// otherwise.
pub(crate) async fn write_regularly(store: Store, uses: Arc<Usage>, clock: Clock) {
    loop {
        tokio::time::sleep(WRITTEN_EVERY).await;
        // What room is left is for what takes rights away; uses are kept in memory meanwhile.
        if store.is_nearly_full() || store.is_failing() {
            continue;
        }
        let mut room = NEWS_A_ROUND;
        for batch in uses.all().chunks(batch(&store)) {
            let began = Instant::now();
            if let Err(error) = uses.write_batch(&store, batch, clock.now(), &mut room).await {
                warn(&error);
                break;
            }
            tokio::time::sleep((began.elapsed() * RESTS).min(LONGEST_REST)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::desk::Desk;
    use crate::engine::desk_for_tests::{demo_desk, token_of_tia};
    use crate::{AuditAction, AuditQuery};

    const DAY: i64 = 86_400;

    /// A token of tia's as a node remembers it.
    async fn token(desk: &Desk) -> (Id, Arc<CachedToken>) {
        let id = token_of_tia(desk).await;
        let found = desk.inner.store.token_with_owner(id.as_str()).await.expect("read");
        let (row, owner) = found.expect("there");
        let key = unhex(id.as_str()).and_then(|id| id.try_into().ok()).expect("an id");
        (key, Arc::new(CachedToken::new(row, owner, None)))
    }

    /// How many rows tell of a new network.
    async fn reported(desk: &Desk) -> usize {
        let action = AuditAction::TokenNewNetwork.code().to_owned();
        let query = AuditQuery { action, ..AuditQuery::default() };
        desk.console().audit(&query).await.expect("rows").rows.len()
    }

    /// A campus changes its networks: what there is no room for in one round comes in the next.
    #[tokio::test]
    async fn no_more_news_is_told_in_a_round_than_there_is_room_for_and_none_is_forgotten() {
        let (desk, clock) = demo_desk().await;
        let (store, usage) = (&desk.inner.store, Usage::default());
        let tokens = [token(&desk).await, token(&desk).await, token(&desk).await];
        let use_all = |address: &str| {
            for (id, known) in &tokens {
                usage.note(*id, known, desk.now(), address.parse().ok(), false);
            }
        };
        use_all("192.0.2.1");
        let write = async |mut room: usize| {
            let written = usage.write_batch(store, &usage.all(), desk.now(), &mut room).await;
            (written.expect("written"), usage.left(), room)
        };
        // What is learned and not told needs no room.
        assert_eq!(write(0).await, (false, 0, 0));
        clock.advance(8 * DAY);
        use_all("10.0.0.1");
        assert_eq!(write(2).await, (true, 1, 0));
        assert_eq!(reported(&desk).await, 2);
        assert_eq!(write(2).await, (false, 0, 1));
        assert_eq!(reported(&desk).await, 3);
        // An orderly stop leaves nothing.
        clock.advance(DAY);
        use_all("10.0.1.1");
        usage.write(store, desk.now()).await;
        assert_eq!((usage.left(), reported(&desk).await), (0, 6));
    }
}
