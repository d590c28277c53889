//! One of the nodes that share a store synchronises: the one that has the lease. Tests:
//! `desk/tests/desk/directory/sync.rs`.

use crate::engine::doors::{SourceDoor, source};
use crate::moment::MAX_CLOCK_SKEW;
use crate::store::error::{Condition, StoreError};
use crate::store::lease;
use crate::{Moment, Refusal};

impl SourceDoor<source::Directory> {
    /// Takes the lease of synchronising, and answers since when; none: it is another node's, or not
    /// yet time. One of the nodes that share a store has it, this long after the last.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn take_sync_lease(&self, after_seconds: i64) -> Result<Option<Moment>, Refusal> {
        let now = self.now();
        let due = now.plus_seconds(-after_seconds);
        // A lease from further ahead was taken by a clock that was wrong: it would hold up all for
        // as long. Nodes' clocks may differ, and within an hour the one that is ahead takes every
        // lease.
        let ahead = now.plus_seconds(after_seconds.max(MAX_CLOCK_SKEW));
        match self
            .inner
            .store
            .commit(lease::take(&self.settings().node, now, due, ahead), now)
            .await
        {
            Ok(()) => Ok(Some(now)),
            Err(StoreError::Condition(Condition::NotDue)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives back the lease that was taken then, where the directory did not answer: it is tried
    /// again soon, by whichever node.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn return_sync_lease(&self, since: Moment) -> Result<(), Refusal> {
        Ok(self.inner.store.return_sync_lease(&self.settings().node, since).await?)
    }
}
