//! SurrealDB: the one place that speaks to it. Every change is one transaction that writes its audit rows too.

mod change;
mod connect;
mod migrations;
pub(super) mod rows;

use std::future::IntoFuture;
use std::time::Duration;

use surrealdb::Surreal;
use surrealdb::engine::any::Any;
use surrealdb::types::{Error, QueryError, SurrealValue, Variables};

pub(super) use change::{AuditEntry, Change, StoredAudit, outdate};
pub use connect::OpenError;

use super::verify::Cache;
use change::Chain;

/// A store that has not answered a question after this long is not there: whoever waits is told so. No question of ours
/// reads so much that it should take a tenth of it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The store. Cheap to clone: clones share the connection and this node's audit chain.
#[derive(Clone)]
pub(super) struct Store {
    pub(super) db: Surreal<Any>,
    /// What verify has read, outdated by every change that is committed here.
    pub(super) cache: std::sync::Arc<Cache>,
    /// The last change could not be written, for a reason of the store's own (a full disk).
    failing: std::sync::Arc<std::sync::atomic::AtomicBool>,
    chain: std::sync::Arc<tokio::sync::Mutex<Chain>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreError {
    /// A statement threw this word: a condition of the change does not hold (any more). Nothing was changed.
    #[error("the change does not apply: {0}")]
    Condition(String),
    /// The record exists already. Nothing was changed.
    #[error("the record exists already")]
    Exists,
    /// Everything else: unreachable, full, broken. Nothing was changed.
    #[error("the store failed: {0}")]
    Failed(Box<Error>),
    /// No answer in time.
    #[error("the store does not answer")]
    Silent,
    /// Another transaction was at the same records. Retried inside [`Store::commit`], so that it comes out only after many tries.
    #[error("the store is too busy")]
    Conflict,
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        if matches!(error.query_details(), Some(QueryError::TransactionConflict)) {
            Self::Conflict
        } else if error.is_thrown() {
            let word = error.message().trim_start_matches("An error occurred: ").to_owned();
            Self::Condition(word)
        } else if error.is_already_exists() {
            Self::Exists
        } else {
            Self::Failed(Box::new(error))
        }
    }
}

/// What the person sees; the cause is in the log.
impl From<StoreError> for crate::Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "store");
        Self::Unavailable
    }
}

/// Names and values for a query: `vars! { "netid" => netid, … }`.
macro_rules! vars {
    () => { surrealdb::types::Variables::new() };
    ($($name:literal => $value:expr),+ $(,)?) => {{
        let mut vars = surrealdb::types::Variables::new();
        $(vars.insert($name, $value);)+
        vars
    }};
}
pub(super) use vars;

impl Store {
    /// The rows of a query's last statement.
    ///
    /// # Errors
    /// [`StoreError::Failed`]; [`StoreError::Silent`] after [`PATIENCE`].
    pub(super) async fn rows<T: SurrealValue>(&self, sql: &'static str, vars: Variables) -> Result<Vec<T>, StoreError> {
        let answer = tokio::time::timeout(PATIENCE, self.db.query(sql).bind(vars).into_future());
        let mut response = answer.await.map_err(|_| StoreError::Silent)??.check()?;
        let last = response.num_statements().saturating_sub(1);
        Ok(response.take(last)?)
    }

    /// The one row of a query's last statement, if there is one.
    pub(super) async fn row<T: SurrealValue>(&self, sql: &'static str, vars: Variables) -> Result<Option<T>, StoreError> {
        Ok(self.rows(sql, vars).await?.into_iter().next())
    }
}
