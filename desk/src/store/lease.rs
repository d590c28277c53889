//! What the nodes that share a store agree on about synchronising: whose lease it is, and what was
//! refused last. Every question has the store's time limit, and every change [`Store::commit`]'s.
//! Tests: `desk/tests/desk/directory/sync.rs`.

use crate::Moment;
use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;

/// Takes the lease of synchronising for a node, unless it was last taken between `due` and `ahead`.
pub(crate) fn take(node: &str, now: Moment, due: Moment, ahead: Moment) -> Change {
    Change::new(
        "LET $last = (SELECT VALUE at FROM ONLY meta:sync) ?? 0;
         IF $last > $due AND $last <= $ahead { THROW 'not-due' };
         UPSERT meta:sync SET at = $at, node = $node",
        vars! { "due" => due.0, "ahead" => ahead.0, "at" => now.0, "node" => node.to_owned() },
    )
}

/// Remembers why synchronising was refused.
pub(crate) fn remember_refusal(why: &str) -> Change {
    Change::new("UPSERT meta:refused SET why = $why", vars! { "why" => why.to_owned() })
}

impl Store {
    /// Gives back the lease that a node took at `since`, if it is still that one.
    pub(crate) async fn return_sync_lease(
        &self,
        node: &str,
        since: Moment,
    ) -> Result<(), StoreError> {
        let values = vars! { "at" => since.0, "node" => node.to_owned() };
        self.note("DELETE meta:sync WHERE node = $node AND at = $at", values).await
    }

    /// Why synchronising was refused last; none: it was not.
    pub(crate) async fn last_sync_refusal(&self) -> Result<Option<String>, StoreError> {
        self.row("SELECT VALUE why FROM meta:refused", vars! {}).await
    }

    /// Forgets it: it went through.
    pub(crate) async fn forget_sync_refusal(&self) -> Result<(), StoreError> {
        self.note("DELETE meta:refused", vars! {}).await
    }
}
