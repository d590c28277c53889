//! Wrong passwords: counted for each account, delayed, and the account closed at last. Tests: here, `desk/tests/desk/login.rs`
//! and `sessions.rs`.

use crate::engine::audit::entry::entry;
use crate::engine::desk::Desk;
use crate::engine::origin::Origin;
use crate::engine::passwords::closing::CLOSED_AFTER;
use crate::engine::passwords::keyed_lock::KeyedLock;
use crate::engine::secret::sha256_hex;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::throttle::{Failures, count_failure};
use crate::{Actor, AuditAction, Moment, NetId, Refusal};

/// How long after the last wrong password the next try is looked at, in seconds. Two slips cost nothing.
const fn delay(failures: i64) -> i64 {
    match failures {
        ..3 => 0,
        3..9 => 1,
        9..25 => 3,
        25..50 => 5,
        _ => 10,
    }
}

/// Which password was wrong. Each has a count of its own, which only the right one of its kind clears: whoever knows the one
/// would else guess the other without end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guessed {
    /// The NetID password.
    NetId,
    /// The local password.
    Local,
}

/// The key of an account's count. A hash: what is typed as a NetID may be anything, a password too.
pub(crate) fn throttle_key(netid: &NetId, guessed: Guessed) -> String {
    match guessed {
        Guessed::NetId => sha256_hex(netid.as_str().as_bytes()),
        // No NetID has a space.
        Guessed::Local => sha256_hex(format!("local {netid}").as_bytes()),
    }
}

/// Whether an account is closed: after too many wrong passwords of either kind.
pub(crate) async fn is_closed(store: &Store, netid: &NetId) -> Result<bool, StoreError> {
    let [one, other] = [Guessed::NetId, Guessed::Local].map(|guessed| throttle_key(netid, guessed));
    let (one, other) = (store.failures(&one).await?, store.failures(&other).await?);
    Ok(one.failures.max(other.failures) >= CLOSED_AFTER)
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
    /// one is counted and audited as `action`, refused with `wrong`. A right one clears the count of its kind.
    pub(crate) async fn guarded<T>(
        &self,
        turns: &KeyedLock,
        netid: &NetId,
        known: bool,
        action: AuditAction,
        origin: &Origin,
        wrong: Refusal,
        check: impl Future<Output = Result<Option<T>, Refusal>>,
    ) -> Result<T, Refusal> {
        let _turn = turns.take(netid).await;
        let store = &self.inner.store;
        let guessed = if action == AuditAction::LogIn { Guessed::NetId } else { Guessed::Local };
        let key = throttle_key(netid, guessed);
        let before = store.failures(&key).await?;
        if is_closed(store, netid).await? {
            return Err(Refusal::AccountClosed);
        }
        wait(before, self.now())?;
        let now = self.now();
        if let Some(found) = check.await? {
            if before.failures > 0 {
                store.forget_failures(&key).await?;
            }
            return Ok(found);
        }
        // Only the names of people who exist are written down.
        let subject = if known { netid.as_str() } else { "" };
        let why = if known { wrong.code() } else { "unknown NetID" };
        let entry = entry(Actor::Nobody, subject, action, origin).refused(why);
        let (store, change) = (store.clone(), count_failure(&key, now).audited(entry));
        // A task of its own: who goes away once it was looked at has guessed all the same.
        let counted = tokio::spawn(async move { store.commit(change, now).await });
        counted.await.map_err(|_| Refusal::Unavailable)??;
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
