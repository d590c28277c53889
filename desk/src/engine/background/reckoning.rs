//! What time it is for whatever is deleted for good by itself: tokens that ended long ago, old rows
//! of the audit, counts of wrong passwords. A clock that is a year ahead for ten seconds, before it
//! is set, must take none of them. So that time is noted in the store, and follows the clock only
//! some times as fast as this process runs. Tests: below, and `desk/tests/desk/wrong_clock.rs`.

use std::time::Duration;

use crate::Moment;
use crate::store::audit_page::{AuditFilter, Budget};
use crate::store::error::StoreError;
use crate::store::handle::Store;

/// How many times as fast as time passes the noted time follows the clock: a day in four hours. A
/// desk that was off for a month has caught up within a week, and merely keeps for longer until
/// then.
const PACE: i64 = 6;

/// So many days between the two are told in the log.
const MIN_DAYS_LOGGED: i64 = 7;

/// The noted time after this process has run for so long since it was last asked for; at first it
/// is that of the audit's newest row. Whoever deletes goes by the earlier of it and the clock.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn reckon(
    store: &Store,
    now: Moment,
    ran: Duration,
) -> Result<Moment, StoreError> {
    let noted = store.reckoned().await?;
    let was = match noted {
        Some(was) => was,
        None => newest_row(store).await?.unwrap_or(now),
    };
    let reckoned = followed(was, now, ran);
    if noted != Some(reckoned) {
        store.note_reckoned(reckoned).await?;
    }
    let days = reckoned.seconds_apart(now) / (24 * 3600);
    if days >= MIN_DAYS_LOGGED {
        tracing::warn!(
            days,
            clock = now.rfc3339(),
            reckoned = reckoned.rfc3339(),
            "the clock is far from the time that this store had come to. If the clock is wrong, \
                set it; if it is right, what is old is taken out later, as that time catches up",
        );
    }
    Ok(reckoned)
}

async fn newest_row(store: &Store) -> Result<Option<Moment>, StoreError> {
    let newest = store.audit_page(&AuditFilter::default(), 1, Budget::default()).await?;
    Ok(newest.rows.first().map(|row| Moment(row.at)))
}

/// Nearer to the clock, by as much as the time that has passed allows.
fn followed(was: Moment, now: Moment, ran: Duration) -> Moment {
    let most = i64::try_from(ran.as_millis()).unwrap_or(i64::MAX).saturating_mul(PACE);
    Moment(now.0.clamp(was.0.saturating_sub(most), was.0.saturating_add(most)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_the_clock_and_leaps_with_it_neither_ahead_nor_back() {
        const NOW: Moment = Moment(1_795_511_101_234);
        let hour = Duration::from_hours(1);
        for (clock, ran, hours) in [
            (1, hour, 1),
            (6, hour, 6),
            (500 * 24, hour, 6),
            (500 * 24, Duration::ZERO, 0),
            (500 * 24, hour * 24, 6 * 24),
            (-500 * 24, hour, -6),
            (-1, Duration::ZERO, 0),
        ] {
            assert_eq!(
                followed(NOW, NOW.plus_seconds(clock * 3600), ran),
                NOW.plus_seconds(hours * 3600),
                "{clock} {ran:?}"
            );
        }
        assert_eq!(followed(NOW, NOW.plus_days(9), Duration::MAX), NOW.plus_days(9));
    }
}
