//! Whose turn it is on this node's chain. It is let go of while a commit whose outcome is not known
//! waits for the store to be opened again, which takes it too. Tests: [`super::reopen`].

use std::time::Instant;

use tokio::sync::MutexGuard;

use crate::store::chain::Chain;
use crate::store::error::StoreError;
use crate::store::handle::Store;

/// The turn of whoever writes.
pub(super) struct ChainLock<'a> {
    store: &'a Store,
    /// None while it is let go of.
    chain: Option<MutexGuard<'a, Chain>>,
}

impl<'a> ChainLock<'a> {
    /// Waits for it.
    pub(super) async fn take(store: &'a Store) -> Self {
        Self { store, chain: Some(store.chain.lock().await) }
    }

    /// The end of the chain, once it is its turn again.
    ///
    /// # Errors
    /// [`StoreError::Silent`] where it does not become so in time.
    pub(super) async fn chain(&mut self, deadline: Instant) -> Result<&mut Chain, StoreError> {
        let chain = match self.chain.take() {
            Some(chain) => chain,
            None => tokio::time::timeout_at(deadline.into(), self.store.chain.lock())
                .await
                .map_err(|_| StoreError::Silent)?,
        };
        Ok(self.chain.insert(chain))
    }

    /// The number of its last row; none while it is let go of.
    pub(super) fn seq(&self) -> Option<i64> {
        self.chain.as_ref().map(|chain| chain.seq)
    }

    /// Lets others have it. Whatever it found may have changed when it has it again.
    pub(super) fn let_go(&mut self) {
        self.chain = None;
    }
}
