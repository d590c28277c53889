//! How far this node's chain has come: a line in the log for whoever keeps it outside the store,
//! and a note in the store itself. What is held against them: [`crate::engine::audit::verifying`].
//! Tests: `desk/src/store/audit.rs`.

use crate::Moment;
use crate::store::handle::Store;

/// Writes to the log, and notes in the store, how far this node's chain has come. Whoever keeps the
/// log can hold the line against the store later: `latchkey audit verify --expect NODE:SEQ:HASH`.
pub(crate) async fn note_chain_end(store: &Store, now: Moment) {
    let Some(end) = store.own_chain_end().await else { return };
    if end.seq > 0 {
        tracing::info!(node = %end.node, seq = end.seq, hash = %end.hash, "audit chain");
    }
    let marked = store.mark_chain(&end, now).await;
    if let Ok(held) = marked {
        store.counts.checked(now, held);
    }
    match marked {
        Ok(true) => {}
        Ok(false) => tracing::error!(
            node = %end.node,
            "the audit of this node is not the one that it was: rows were taken out or changed. \
                See `latchkey audit verify`"
        ),
        Err(error) => {
            tracing::warn!(%error, "how far the audit has come could not be noted in the store");
        }
    }
}
