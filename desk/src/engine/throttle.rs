use std::hash::{DefaultHasher, Hash, Hasher as _};

use surrealdb::types::SurrealValue;
use tokio::sync::{Mutex, MutexGuard};

use super::secret::sha256_hex;
use super::store::{Change, Store, StoreError, vars};
use super::{Desk, Origin};
use crate::{Moment, NetId, Refusal};

/// Wrong passwords in a row after which an account is closed until someone with the right opens it (DESIGN.md 7).
pub(super) const CLOSED_AFTER: i64 = 100;

/// How long after the last wrong password the next try is looked at, in seconds (DESIGN.md 7). Two slips cost nothing.
const fn delay(failures: i64) -> i64 {
    match failures {
        ..3 => 0,
        3..9 => 1,
        9..25 => 3,
        25..50 => 5,
        _ => 10,
    }
}

/// One try at a time for each account on this node, so that a hundred at once are still counted one by one. Accounts
/// share 256 places: two strangers may wait for each other for the time of one hashing.
#[derive(Debug)]
pub(super) struct Turns(Vec<Mutex<()>>);

impl Default for Turns {
    fn default() -> Self {
        Self((0..256).map(|_| Mutex::default()).collect())
    }
}

impl Turns {
    async fn take(&self, netid: &NetId) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        netid.hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % 256).unwrap_or(0);
        self.0[place].lock().await
    }
}

#[derive(Clone, Copy, Debug, Default, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(super) struct Failures {
    pub(super) failures: i64,
    last: i64,
}

/// The key of an account's count. A hash: what is typed as a NetID may be anything, a password too.
pub(super) fn throttle_key(netid: &NetId) -> String {
    sha256_hex(netid.as_str().as_bytes())
}

pub(super) async fn failures(store: &Store, netid: &NetId) -> Result<Failures, StoreError> {
    let row = store.row("SELECT failures, last FROM type::record('throttle', $key)", vars! { "key" => throttle_key(netid) }).await?;
    Ok(row.unwrap_or_default())
}

fn wait(failures: Failures, now: Moment) -> Result<(), Refusal> {
    if failures.failures >= CLOSED_AFTER {
        return Err(Refusal::AccountClosed);
    }
    let left = Moment(failures.last).plus_seconds(delay(failures.failures)).0 - now.0;
    if failures.failures > 0 && left > 0 {
        // Rounded up: a second that has begun is still to be waited for.
        return Err(Refusal::TooManyAttempts { seconds: u32::try_from((left + 999) / 1000).unwrap_or(u32::MAX) });
    }
    Ok(())
}

impl Desk {
    /// Looks at a password of `netid` by `check`, one at a time and with the delays of the wrong ones before it. A wrong
    /// one is counted and audited as `action`, refused with `wrong`. A right one clears the count.
    #[expect(clippy::too_many_arguments, reason = "each is another thing, and two callers give them all")]
    pub(super) async fn guarded<T>(
        &self,
        turns: &Turns,
        netid: &NetId,
        known: bool,
        action: &'static str,
        origin: &Origin,
        wrong: Refusal,
        check: impl Future<Output = Result<Option<T>, Refusal>>,
    ) -> Result<T, Refusal> {
        let _turn = turns.take(netid).await;
        let store = &self.inner.store;
        let before = failures(store, netid).await?;
        wait(before, self.now())?;
        let key = throttle_key(netid);
        let now = self.now();
        if let Some(found) = check.await? {
            if before.failures > 0 {
                store.note("DELETE type::record('throttle', $key)", vars! { "key" => key }).await?;
            }
            return Ok(found);
        }
        // Only the names of people who exist are written down.
        let subject = if known { netid.as_str() } else { "" };
        let mut entry = Self::entry("", subject, action, origin);
        entry.outcome = "refused";
        entry.detail = if known { wrong.code() } else { "unknown NetID" }.to_owned();
        let count = "UPSERT type::record('throttle', $key) SET failures = (failures ?? 0) + 1, last = $now";
        store.commit(Change::new(count, vars! { "key" => key, "now" => now.0 }).audited(entry), now).await?;
        Err(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_slips_cost_nothing_and_more_cost_more() {
        let after = |count: i64| wait(Failures { failures: count, last: 1_000_000 }, Moment(1_000_001));
        assert_eq!(after(2), Ok(()));
        for (count, seconds) in [(3, 1), (8, 1), (9, 3), (25, 5), (50, 10), (99, 10)] {
            assert_eq!(after(count), Err(Refusal::TooManyAttempts { seconds }), "{count}");
        }
        assert_eq!(after(100), Err(Refusal::AccountClosed));
    }

    #[test]
    fn a_delay_ends() {
        let nine = Failures { failures: 9, last: 1_000_000 };
        assert_eq!(wait(nine, Moment(1_002_999)), Err(Refusal::TooManyAttempts { seconds: 1 }));
        assert_eq!(wait(nine, Moment(1_003_000)), Ok(()));
    }
}
