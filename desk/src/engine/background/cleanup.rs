//! Takes out what is over.

use std::time::Duration;

use crate::engine::audit::chain_end::note_chain_end;
use crate::engine::passwords::throttle::CLOSED_AFTER;
use crate::engine::settings::Settings;
use crate::store::handle::Store;
use crate::store::vars::vars;

const EVERY: Duration = Duration::from_secs(3600);

/// Sweeps out what is over, every hour until the desk is gone: ended sessions, keys of forms sent a day ago, counts of
/// wrong passwords a month old (closed accounts stay closed).
pub(crate) async fn clean_up_regularly(store: Store, settings: Settings) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        let now = settings.clock.now();
        note_chain_end(&store, now).await;
        let values = vars! {
            "sessions" => now.plus_seconds(-3600 * i64::from(settings.session_hours)).0, "now" => now.0,
            "forms" => now.plus_days(-1).0, "failures" => now.plus_days(-30).0, "closed" => CLOSED_AFTER,
        };
        // NONE sorts below every number: a session that nothing has replaced must be named apart.
        let sweep = "DELETE session WHERE created < $sessions OR (replaced_until IS NOT NONE AND replaced_until < $now);
                     DELETE form WHERE at < $forms;
                     DELETE throttle WHERE last < $failures AND failures < $closed";
        if let Err(error) = store.note(sweep, values).await {
            tracing::warn!(%error, "what is over could not be swept out; trying again in an hour");
        }
    }
}
