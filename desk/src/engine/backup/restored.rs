//! What is seen to when a store that was restored is first opened: every session ends, since one
//! that was ended after the copy must not live again, and the audit says what was restored. Tests:
//! `desk/tests/desk/backup.rs`.

use crate::engine::audit::entry::entry;
use crate::engine::origin::Origin;
use crate::store::error::{Condition, StoreError};
use crate::store::handle::Store;
use crate::store::restored::seen_to;
use crate::{Actor, AuditAction, Moment};

/// Sees to it, where the store is one that was restored and nobody has.
///
/// # Errors
/// [`StoreError`]: the next opening sees to what is left.
pub(crate) async fn see_to_restored(store: &Store, now: Moment) -> Result<(), StoreError> {
    let Some(copy) = store.restored_copy().await? else { return Ok(()) };
    store.end_restored_sessions().await?;
    let detail = format!("copy of {}, SHA-256 {}", copy.made_at().rfc3339(), copy.sha256);
    let row = entry(Actor::Console, "", AuditAction::StoreRestore, &Origin::console());
    match store.commit(seen_to().audited(row.detailed(detail)), now).await {
        // Another node was faster.
        Err(StoreError::Condition(Condition::Stale)) => Ok(()),
        other => other,
    }
}
