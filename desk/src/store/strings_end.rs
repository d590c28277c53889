//! Since when the store knows on which day old strings end, and the tokens that end with them: by
//! record id. Tests: `desk/tests/desk/request_tracker/ended.rs`.

use surrealdb::types::SurrealValue;

use crate::Moment;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::rows::TokenRecord;
use crate::store::vars::vars;

/// The day on which old strings end, as it was noted.
#[derive(Clone, Copy, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct NotedEnd {
    /// From when on they are refused.
    pub(crate) ends: i64,
    /// When the clean-up first met this end.
    pub(crate) since: i64,
    /// When the last was brought of those that were all taken out; none: they were not.
    pub(crate) cleaned: Option<i64>,
}

impl Store {
    /// The end that was noted; none: there is none.
    pub(crate) async fn noted_strings_end(&self) -> Result<Option<NotedEnd>, StoreError> {
        self.row("SELECT ends, since, cleaned FROM meta:rt_strings_end", vars! {}).await
    }

    /// Notes an end that was met at `since`, in the place of another.
    pub(crate) async fn note_strings_end(
        &self,
        end: Moment,
        since: Moment,
    ) -> Result<(), StoreError> {
        let sql = "UPSERT meta:rt_strings_end SET ends = $ends, since = $since, cleaned = NONE \
            RETURN NONE";
        self.note(sql, vars! { "ends" => end.0, "since" => since.0 }).await
    }

    /// Notes that all are taken out that were brought up to then.
    pub(crate) async fn note_strings_cleaned(
        &self,
        end: Moment,
        brought: Moment,
    ) -> Result<(), StoreError> {
        let sql =
            "UPDATE meta:rt_strings_end SET cleaned = $cleaned WHERE ends = $ends RETURN NONE";
        self.note(sql, vars! { "ends" => end.0, "cleaned" => brought.0 }).await
    }

    /// Forgets it: strings do not end.
    pub(crate) async fn forget_strings_end(&self) -> Result<(), StoreError> {
        self.note("DELETE meta:rt_strings_end RETURN NONE", vars! {}).await
    }

    /// Those of these tokens that there still are.
    pub(crate) async fn rt_tokens_left(
        &self,
        ids: Vec<String>,
    ) -> Result<Vec<TokenRecord>, StoreError> {
        let sql = "SELECT * FROM $ids.map(|$id| type::record('token', $id))";
        self.rows(sql, vars! { "ids" => ids }).await
    }
}
