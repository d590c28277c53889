//! The connection to the store, which may be made anew while the desk goes on: RocksDB that could
//! not write to its disk takes nothing more before it is opened again. Tests:
//! [`crate::store::reopen`], `server/tests/server/command_line/full_disk.rs`.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;

use crate::store::database::Database;
use crate::store::error::StoreError;

/// The connection, or none while it is made anew.
pub(super) struct Connection {
    db: RwLock<Option<Arc<Database>>>,
    /// How often it was let go.
    let_go: watch::Sender<u64>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("let_go", &*self.let_go.borrow()).finish_non_exhaustive()
    }
}

impl Connection {
    pub(super) fn new(db: Database) -> Self {
        Self { db: RwLock::new(Some(Arc::new(db))), let_go: watch::channel(0).0 }
    }

    /// The connection. Whoever holds it keeps the store's files open: only for as long as a
    /// question takes.
    ///
    /// # Errors
    /// [`StoreError::Silent`] while it is made anew.
    pub(super) fn get(&self) -> Result<Arc<Database>, StoreError> {
        self.db.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or(StoreError::Silent)
    }

    /// Lets go of it. The store's files are free once all questions under way are over.
    pub(super) fn let_go(&self) {
        self.db.write().unwrap_or_else(PoisonError::into_inner).take();
        self.let_go.send_modify(|times| *times += 1);
    }

    /// Goes on with a new one.
    pub(super) fn set(&self, db: Database) {
        *self.db.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(db));
    }

    /// Hears when it is let go: whoever holds more than a question (a live feed) drops it then.
    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        let mut watch = self.let_go.subscribe();
        watch.mark_unchanged();
        watch
    }
}
