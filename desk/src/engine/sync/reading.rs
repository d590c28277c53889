use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::engine::{Directory, DirectoryError, Extent, Vouched};

/// Batches that the directory may be ahead of the store.
const AHEAD: usize = 4;

/// Everybody, batch by batch, while the next ones are on their way. The directory is asked no more once this is dropped.
pub(super) struct Reading {
    batches: mpsc::Receiver<Vec<Vouched>>,
    task: JoinHandle<Result<(), DirectoryError>>,
}

impl Reading {
    pub(super) fn start(directory: &Arc<dyn Directory>, extent: Extent) -> Self {
        let (send, batches) = mpsc::channel(AHEAD);
        let directory = directory.clone();
        Self { batches, task: tokio::spawn(async move { directory.everybody(extent, send).await }) }
    }

    pub(super) async fn next(&mut self) -> Option<Vec<Vouched>> {
        self.batches.recv().await
    }

    /// Whether that was everybody.
    pub(super) async fn end(mut self) -> Result<(), DirectoryError> {
        (&mut self.task).await.unwrap_or_else(|error| Err(DirectoryError::Unavailable(error.to_string())))
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.task.abort();
    }
}
