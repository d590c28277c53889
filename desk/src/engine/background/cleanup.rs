//! Takes out, hourly, what is over; and writes to the log how far the audit has come. Tests:
//! `desk/tests/desk/wrong_clock.rs`, `token_limits.rs`, `request_tracker/ended.rs`.

use std::time::{Duration, Instant};

use crate::engine::audit::chain_end::note_chain_end;
use crate::engine::background::reckoning::reckon;
use crate::engine::sessions::unkept::KEPT_SECONDS;
use crate::engine::settings::Settings;
use crate::engine::tokens::cleanup::clean_up_tokens;
use crate::engine::tokens::cleanup_old_strings::clean_up_old_strings;
use crate::moment::MAX_CLOCK_SKEW;
use crate::store::cleanup::Over;
use crate::store::error::StoreError;
use crate::store::handle::Store;

const EVERY: Duration = Duration::from_hours(1);

/// For how long a notice is kept, sent or not: much longer than the same one could be made again.
const NOTICES_KEPT_DAYS: i64 = 30;

/// Cleans up what is over, every hour until the desk is gone: ended sessions, keys of forms sent a
/// day ago, counts of wrong passwords that say nothing any more (what is closed stays closed),
/// notices of a month ago, tokens that ended long ago.
pub(crate) async fn clean_up_regularly(store: Store, settings: Settings) {
    let mut ticks = tokio::time::interval(EVERY);
    let mut last = None;
    loop {
        ticks.tick().await;
        let ran = last.replace(Instant::now()).map_or(Duration::ZERO, |last| last.elapsed());
        note_chain_end(&store, settings.clock.now()).await;
        if let Err(error) = clean_up(&store, &settings, ran).await {
            tracing::warn!(%error, "what is over could not be cleaned up; trying again in an hour");
        }
    }
}

/// Cleans up what is over, this long after this process last did.
///
/// # Errors
/// [`StoreError`]: what is left goes the next time.
pub(crate) async fn clean_up(
    store: &Store,
    settings: &Settings,
    ran: Duration,
) -> Result<(), StoreError> {
    let now = settings.clock.now();
    let noted = reckon(store, now, ran).await?;
    let reckoned = noted.min(now);
    let over = Over {
        now: reckoned,
        sessions: reckoned.plus_seconds(-3600 * i64::from(settings.session_hours)),
        ahead: noted.max(now).plus_seconds(MAX_CLOCK_SKEW),
        // What was made under one of them may wait for its page a little longer.
        replaced: reckoned.plus_seconds(-KEPT_SECONDS),
        forms: reckoned.plus_days(-1),
        notices: reckoned.plus_days(-NOTICES_KEPT_DAYS),
    };
    store.clean_up(over).await?;
    clean_up_tokens(store, reckoned, now).await?;
    clean_up_old_strings(store, settings.rt_strings_end, reckoned, now).await.map(drop)
}
