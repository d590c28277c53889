//! Everybody's tokens, some people's after others': by record ids and by the indexes of each
//! person's tokens and of their ends, so that each part costs the same among millions. Tests:
//! `desk/tests/desk/{everybody,officer}.rs`.

use surrealdb::types::SurrealValue;

use crate::Moment;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::rows::TokenRecord;
use crate::store::vars::vars;

/// What is looked at of whose tokens are listed.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct OwnerRecord {
    pub(crate) netid: String,
    pub(crate) role: String,
    pub(crate) disabled: bool,
}

impl Store {
    /// The next people after one of them, in the order of their NetIDs; empty: the first.
    pub(crate) async fn owners_after(
        &self,
        after: &str,
        limit: u32,
    ) -> Result<Vec<OwnerRecord>, StoreError> {
        let sql = "SELECT record::id(id) AS netid, role, disabled
            FROM type::record('user', $after>..) LIMIT $limit";
        // A record id cannot be empty; every NetID comes after a hyphen.
        let after = if after.is_empty() { "-" } else { after };
        self.rows(sql, vars! { "after" => after.to_owned(), "limit" => i64::from(limit) }).await
    }

    /// These people, as far as there are such.
    pub(crate) async fn owners_named(
        &self,
        netids: &[String],
    ) -> Result<Vec<OwnerRecord>, StoreError> {
        let sql = "SELECT record::id(id) AS netid, role, disabled
            FROM $netids.map(|$netid| type::record('user', $netid))";
        self.rows(sql, vars! { "netids" => netids.to_vec() }).await
    }

    /// All tokens of these people that work at `now`.
    pub(crate) async fn live_tokens_of(
        &self,
        owners: &[String],
        now: Moment,
    ) -> Result<Vec<TokenRecord>, StoreError> {
        let sql = "SELECT * FROM token WITH INDEX token_owner_over WHERE owner IN $owners AND \
            over_at > $now";
        self.rows(sql, vars! { "owners" => owners.to_vec(), "now" => now.0 }).await
    }

    /// All tokens of these people that have expired by `now`, and are still kept.
    pub(crate) async fn expired_tokens_of(
        &self,
        owners: &[String],
        now: Moment,
    ) -> Result<Vec<TokenRecord>, StoreError> {
        let sql = "SELECT * FROM token WITH INDEX token_owner_over WHERE owner IN $owners AND \
            over_at <= $now AND revoked_at IS NONE";
        self.rows(sql, vars! { "owners" => owners.to_vec(), "now" => now.0 }).await
    }

    /// Tokens that end after the one moment and up to the other, at most `limit` of them, after the
    /// first `start`.
    pub(crate) async fn tokens_ending(
        &self,
        from: Moment,
        until: Moment,
        (start, limit): (i64, i64),
    ) -> Result<Vec<TokenRecord>, StoreError> {
        let sql = "SELECT * FROM token WITH INDEX token_over WHERE over_at > $from AND over_at <= \
            $until LIMIT $limit START $start";
        let values =
            vars! { "from" => from.0, "until" => until.0, "limit" => limit, "start" => start };
        self.rows(sql, values).await
    }
}
