//! The connection to the store, and the one way to ask it: with a time limit.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use surrealdb::IndexedResults;
use surrealdb::types::{SurrealValue, Variables};
use tokio::sync::{Mutex, Notify};
use tracing::Instrument as _;

use crate::engine::secret::Secret;
use crate::engine::spans;
use crate::store::chain::Chain;
use crate::store::change::AuditEntry;
use crate::store::connection::Connection;
use crate::store::counts::{Counted, StoreCounts};
use crate::store::error::StoreError;
use crate::store::lookups::Lookups;
use crate::store::queue::Queue;
use crate::store::retry::{MAX_TRIES, jitter, worst};
use crate::store::store_clock::StoreClock;

/// A store that has not answered after this long is not there: whoever waits is told so. No
/// question of ours reads so much that it should take a tenth of it.
pub(crate) const STORE_TIMEOUT: Duration = Duration::from_secs(10);

/// Hears of every change before whoever asked for it does: verify's cache.
pub(crate) trait CommitObserver: Send + Sync + fmt::Debug {
    /// A change with this row was written, or may have been.
    fn written(&self, entry: &AuditEntry);

    /// The store was opened again: whatever was read before is read anew.
    fn everything(&self);
}

/// The store. Cheap to clone: clones share the connection and this node's audit chain.
#[derive(Clone)]
pub(crate) struct Store {
    pub(super) connection: Arc<Connection>,
    pub(super) observer: Arc<dyn CommitObserver>,
    /// The last change could not be written, for a reason of the store's own (a full disk).
    pub(super) failing: Arc<AtomicBool>,
    /// Tells that it has become so.
    pub(super) has_failed: Arc<Notify>,
    /// Tells that this process cannot have its files any more.
    pub(super) lost: Arc<Notify>,
    /// There is so little room left that only what takes rights away is written.
    pub(super) nearly_full: Arc<AtomicBool>,
    pub(super) chain: Arc<Mutex<Chain>>,
    pub(super) queue: Arc<Queue>,
    pub(super) lookups: Arc<Lookups>,
    pub(crate) counts: Arc<StoreCounts>,
    /// Marks each audit row, where the operator has set one.
    pub(super) audit_key: Option<Secret>,
    /// Other nodes write to it too: it is a server's.
    pub(super) shared: bool,
    pub(super) clock: Arc<StoreClock>,
    /// The desk is gone, or about to be.
    pub(super) let_go: Arc<AtomicBool>,
    /// What it is asked, once somebody wants to know.
    #[cfg(test)]
    pub(super) queries: Arc<std::sync::Mutex<Option<Vec<(String, Variables)>>>>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Asks the store, within [`STORE_TIMEOUT`].
    pub(super) async fn ask(
        &self,
        sql: &str,
        vars: Variables,
    ) -> Result<IndexedResults, StoreError> {
        self.ask_until(sql, vars, Instant::now() + STORE_TIMEOUT).await
    }

    /// Asks the store, and waits until then. The only place that sends a question.
    ///
    /// # Errors
    /// [`StoreError::Silent`], and where the connection breaks [`StoreError::Failed`]: what was
    /// asked may have been done.
    pub(super) async fn ask_until(
        &self,
        sql: &str,
        vars: Variables,
        deadline: Instant,
    ) -> Result<IndexedResults, StoreError> {
        let db = self.connection.get().inspect_err(|_| self.counts.add(Counted::Silent))?;
        #[cfg(test)]
        if let Some(queries) = crate::engine::lock::lock(&self.queries).as_mut() {
            queries.push((sql.to_owned(), vars.clone()));
        }
        let began = Instant::now();
        let asking = db.query(sql, vars).instrument(spans::question(sql));
        let answer = tokio::time::timeout_at(deadline.into(), asking).await;
        self.counts.query_ended(began.elapsed(), matches!(answer, Ok(Ok(_))));
        match &answer {
            Ok(Ok(_)) => {}
            Ok(Err(_)) => self.counts.add(Counted::Failed),
            Err(_) => self.counts.add(Counted::Silent),
        }
        // Where a runtime ends, SurrealDB's scans end with it, early and without an error: what
        // they have read by then is no answer.
        if self.is_let_go() {
            return Err(StoreError::Silent);
        }
        Ok(answer.map_err(|_| StoreError::Silent)??)
    }

    /// Whether [`Store::let_go`] was called.
    pub(super) fn is_let_go(&self) -> bool {
        self.let_go.load(Ordering::Acquire)
    }

    /// Takes no answer of the store for one any more, of what is under way neither: the desk ends.
    pub(crate) fn let_go(&self) {
        self.let_go.store(true, Ordering::Release);
    }

    /// Counts an answer that says that the store has failed.
    pub(super) fn counted<T>(&self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        if matches!(answer, Err(StoreError::Failed(_))) {
            self.counts.add(Counted::Failed);
        }
        answer
    }

    /// The rows of a query's last statement.
    ///
    /// # Errors
    /// [`StoreError::Failed`]; [`StoreError::Silent`] after [`STORE_TIMEOUT`].
    pub(crate) async fn rows<T: SurrealValue>(
        &self,
        sql: &str,
        vars: Variables,
    ) -> Result<Vec<T>, StoreError> {
        let response = self.ask(sql, vars).await?.check();
        let mut response = self.counted(response.map_err(StoreError::from))?;
        let last = response.num_statements().saturating_sub(1);
        Ok(response.take(last)?)
    }

    /// The one row of a query's last statement, if there is one.
    pub(crate) async fn row<T: SurrealValue>(
        &self,
        sql: &str,
        vars: Variables,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.rows(sql, vars).await?.into_iter().next())
    }

    /// Writes facts that are nobody's action and have no audit row: when something was last seen or
    /// used, and what is cleaned up. Conflicts are retried as in [`Store::commit`], all within
    /// [`STORE_TIMEOUT`].
    ///
    /// # Errors
    /// [`StoreError::Failed`], [`StoreError::Silent`]: it may have been written all the same.
    /// [`StoreError::Conflict`] after many tries.
    pub(crate) async fn note(&self, sql: &str, vars: Variables) -> Result<(), StoreError> {
        self.ask_until_written(sql, vars).await.map(|_| ())
    }

    /// The same, with the first row that its last statement returns: as it was before, say.
    ///
    /// # Errors
    /// As [`Store::note`].
    pub(crate) async fn note_and_read<T: SurrealValue>(
        &self,
        sql: &str,
        vars: Variables,
    ) -> Result<Option<T>, StoreError> {
        let mut response = self.ask_until_written(sql, vars).await?;
        let last = response.num_statements().saturating_sub(1);
        Ok(response.take::<Vec<T>>(last)?.into_iter().next())
    }

    /// Asks again for as long as somebody else's writing is in the way.
    async fn ask_until_written(
        &self,
        sql: &str,
        vars: Variables,
    ) -> Result<IndexedResults, StoreError> {
        let deadline = Instant::now() + STORE_TIMEOUT;
        let mut tries = 0;
        loop {
            let mut response = self.ask_until(sql, vars.clone(), deadline).await?;
            match self.counted(worst(response.take_errors().into_values())) {
                Ok(()) => return Ok(response),
                Err(StoreError::Conflict) if tries < MAX_TRIES && Instant::now() < deadline => {
                    self.counts.add(Counted::Retry);
                    jitter(tries).await;
                }
                Err(error) => return Err(error),
            }
            tries += 1;
        }
    }

    /// How many changes wait for their turn.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Whether other nodes write to it too.
    pub(crate) fn is_shared(&self) -> bool {
        self.shared
    }

    /// Whether the store can be read and is Latchkey's, and takes changes as far as is known: one
    /// that did not take the last one is tried every second ([`Store::takes_changes`]), not each
    /// time that anybody asks.
    pub(crate) async fn is_ready(&self) -> bool {
        !self.is_failing() && self.has_schema().await.unwrap_or(false)
    }

    /// The last change could not be written.
    pub(crate) fn set_failing(&self) {
        if !self.failing.swap(true, Ordering::Relaxed) {
            self.has_failed.notify_one();
        }
    }
}
