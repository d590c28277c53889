//! Everybody in the directory, batch by batch. Tests: `desk/tests/desk/directory/sync.rs`.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::engine::identity::directory::{Directory, DirectoryError, Extent, ExternalIdentity};

/// Batches that the directory may be ahead of the store.
const AHEAD: usize = 4;

/// Everybody, batch by batch, while the next ones are on their way. The directory is asked no more
/// once this is dropped.
pub(crate) struct DirectoryStream {
    batches: mpsc::Receiver<Vec<ExternalIdentity>>,
    task: JoinHandle<Result<(), DirectoryError>>,
}

impl DirectoryStream {
    pub(crate) fn start(directory: &Arc<dyn Directory>, extent: Extent) -> Self {
        let (send, batches) = mpsc::channel(AHEAD);
        let directory = directory.clone();
        Self { batches, task: tokio::spawn(async move { directory.everybody(extent, send).await }) }
    }

    pub(crate) async fn next(&mut self) -> Option<Vec<ExternalIdentity>> {
        self.batches.recv().await
    }

    /// Whether that was everybody.
    pub(crate) async fn end(mut self) -> Result<(), DirectoryError> {
        (&mut self.task)
            .await
            .unwrap_or_else(|error| Err(DirectoryError::Unavailable(error.to_string())))
    }
}

impl Drop for DirectoryStream {
    fn drop(&mut self) {
        self.task.abort();
    }
}
