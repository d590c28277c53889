//! Where notices begin: with what comes after the store was opened, so that the first second of a
//! new store is told as any other, and never with what was there before anybody was to be told.
//! Tests: `desk/tests/desk/notices/beginning.rs`.

use crate::Refusal;
use crate::engine::audit::streaming::AuditStream;
use crate::engine::settings::Settings;
use crate::store::handle::Store;

/// What the audit's stream calls whoever makes notices.
const TARGET: &str = "notices";

/// Nobody is told of what is so many days old: it was noted while nobody was told anything, or the
/// store is an older copy of itself.
pub(super) const MAX_AGE_DAYS: i64 = 3;

/// The audit on its way to whoever makes notices.
pub(super) fn audit_of(store: &Store, settings: &Settings) -> AuditStream {
    AuditStream::new(store.clone(), settings, TARGET, false)
}

/// Notes where notices begin, before anything happens by this desk: where none were ever made, and
/// where nobody was told anything for days. Where the store does not take that now, they begin with
/// the next look, of days by what is no older than [`MAX_AGE_DAYS`].
pub(crate) async fn begin(store: &Store, settings: &Settings) {
    if let Err(error) = try_to_begin(store, settings).await {
        tracing::warn!(%error, "where notices begin could not be noted; it is with the next look");
    }
}

async fn try_to_begin(store: &Store, settings: &Settings) -> Result<(), Refusal> {
    if !settings.notices.is_on() {
        return Ok(());
    }
    let last = store.notices_scanned().await?;
    if last.is_some_and(|last| last.plus_days(MAX_AGE_DAYS) < settings.clock.now()) {
        return begin_anew(store, settings).await;
    }
    audit_of(store, settings).begin().await?;
    Ok(())
}

/// Has them begin with what comes from now on, where any are made: of what is there nobody is told.
pub(crate) async fn begin_anew(store: &Store, settings: &Settings) -> Result<(), Refusal> {
    if settings.notices.is_on() {
        audit_of(store, settings).begin_now().await?;
    }
    Ok(())
}
