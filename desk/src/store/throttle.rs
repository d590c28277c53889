//! Counts of wrong passwords as the store has them.

use surrealdb::types::SurrealValue;

use crate::Moment;
use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;

/// Wrong passwords in a row.
#[derive(Clone, Copy, Debug, Default, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct Failures {
    pub(crate) failures: i64,
    /// When the last of them was.
    pub(crate) last: i64,
}

impl Store {
    /// How many there were under this key.
    pub(crate) async fn failures(&self, key: &str) -> Result<Failures, StoreError> {
        let sql = "SELECT failures, last FROM type::record('throttle', $key)";
        let row: Option<Failures> = self.row(sql, vars! { "key" => key.to_owned() }).await?;
        Ok(row.unwrap_or_default())
    }

    /// A right one came.
    pub(crate) async fn forget_failures(&self, key: &str) -> Result<(), StoreError> {
        self.note("DELETE type::record('throttle', $key)", vars! { "key" => key.to_owned() }).await
    }
}

/// Counts one more.
pub(crate) fn count_failure(key: &str, now: Moment) -> Change {
    Change::new(
        "UPSERT type::record('throttle', $key) SET failures = (failures ?? 0) + 1, last = $now",
        vars! { "key" => key.to_owned(), "now" => now.0 },
    )
}
