//! Takes out, hourly, what is over; and writes to the log how far the audit has come.

use std::time::Duration;

use crate::engine::audit::chain_end::note_chain_end;
use crate::engine::sessions::unkept::KEPT_SECONDS;
use crate::engine::settings::Settings;
use crate::engine::tokens::sweep::sweep_tokens;
use crate::store::cleanup::Over;
use crate::store::handle::Store;

const EVERY: Duration = Duration::from_secs(3600);

/// Sweeps out what is over, every hour until the desk is gone: ended sessions, keys of forms sent a
/// day ago, counts of wrong passwords that say nothing any more (what is closed stays closed),
/// tokens that ended long ago.
pub(crate) async fn clean_up_regularly(store: Store, settings: Settings) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        let now = settings.clock.now();
        note_chain_end(&store, now).await;
        let over = Over {
            now,
            sessions: now.plus_seconds(-3600 * i64::from(settings.session_hours)),
            // What was made under one of them may wait for its page a little longer.
            replaced: now.plus_seconds(-KEPT_SECONDS),
            forms: now.plus_days(-1),
        };
        if let Err(error) = store.sweep(over).await.and(sweep_tokens(&store, now).await.map(drop)) {
            tracing::warn!(%error, "what is over could not be swept out; trying again in an hour");
        }
    }
}
