//! One of the nodes that share a store synchronises.

use crate::engine::desk::Desk;
use crate::store::change::Change;
use crate::store::error::{Condition, StoreError};
use crate::store::vars::vars;
use crate::{Moment, Refusal};

/// How far clocks of nodes may differ, in seconds.
const SKEW: i64 = 3600;

impl Desk {
    /// Whether it is this node's turn to synchronise, and since when: one of the nodes that share a store does it, this long after
    /// the last.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn takes_turn_to_synchronise(&self, after_seconds: i64) -> Result<Option<Moment>, Refusal> {
        let (node, now) = (&self.settings().node, self.now());
        let due = now.plus_seconds(-after_seconds);
        // A turn that was taken further ahead was taken by a clock that was wrong: it would hold up all for as long. Nodes' clocks
        // may differ, and within an hour the one that is ahead takes all turns.
        let ahead = now.plus_seconds(after_seconds.max(SKEW));
        let take = Change::new(
            "LET $last = (SELECT VALUE at FROM ONLY meta:sync) ?? 0;
             IF $last > $due AND $last <= $ahead { THROW 'not-due' };
             UPSERT meta:sync SET at = $at, node = $node",
            vars! { "due" => due.0, "ahead" => ahead.0, "at" => now.0, "node" => node.clone() },
        );
        match self.inner.store.commit(take, now).await {
            Ok(()) => Ok(Some(now)),
            Err(StoreError::Condition(Condition::NotDue)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives back the turn that was taken then, where the directory did not answer: it is tried again soon, by whichever node.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn gives_turn_back(&self, since: Moment) -> Result<(), Refusal> {
        let values = vars! { "at" => since.0, "node" => self.settings().node.clone() };
        Ok(self.inner.store.note("DELETE meta:sync WHERE node = $node AND at = $at", values).await?)
    }
}
