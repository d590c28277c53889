//! Removing old rows of the audit at a word: of a test that would not wait, and of the operator on
//! the command line; and cleaning up at a test's. Tests: `desk/tests/desk/retention.rs`,
//! `wrong_clock.rs`.

use std::time::Duration;

use crate::engine::audit::keep_days::KeepDays;
use crate::engine::audit::pruning::Pruning;
use crate::engine::background::cleanup::clean_up;
use crate::engine::background::retention::{remove_in_time, remove_old_rows};
use crate::engine::desk::Desk;
use crate::engine::doors::Console;
use crate::engine::origin::Origin;
use crate::{Actor, PruneReport, Refusal};

impl Desk {
    /// Removes rows of the audit that are older than they are kept by the clock as it is, where it
    /// is this node's turn.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn remove_old_audit_rows(&self) -> Result<PruneReport, Refusal> {
        let Some(keep) = self.settings().audit_keep else { return Ok(PruneReport::default()) };
        let beginning = keep.beginning(self.now());
        Ok(remove_old_rows(&self.inner.store, self.settings(), beginning).await?)
    }
}

impl Desk {
    /// Takes out what is over and old rows of the audit, as happens by itself, when this process
    /// has run for so long since it last did.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn clean_up(&self, ran: Duration) -> Result<PruneReport, Refusal> {
        let (store, settings) = (&self.inner.store, self.settings());
        clean_up(store, settings, ran).await?;
        match settings.audit_keep {
            Some(keep) => Ok(remove_in_time(store, settings, keep).await?),
            None => Ok(PruneReport::default()),
        }
    }
}

impl Console {
    /// Removes rows of the audit that are older than these days, on the operator's word; with
    /// `dry_run` only says what it would. `accept_unmarked`: a checkpoint that was written before
    /// there was `audit.key` is written again, with its mark.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`]: what is removed by then is, with its checkpoint.
    pub async fn prune_audit(
        &self,
        keep: KeepDays,
        dry_run: bool,
        accept_unmarked: bool,
    ) -> Result<PruneReport, Refusal> {
        let pruning = Pruning {
            store: &self.inner.store,
            key: self.settings().audit_key.as_ref(),
            beginning: keep.beginning(self.now()),
            actor: Actor::Console,
            origin: Origin::console(),
            now: self.now(),
            dry_run,
            accept_unmarked,
            in_turn: None,
            streams_to: self.settings().audit_stream.as_deref(),
        };
        Ok(pruning.run().await?)
    }
}
