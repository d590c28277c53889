//! Everybody's tokens, some people's after others': by record ids and by the index of each person's
//! tokens, so that each part costs the same among millions. Tests: `desk/tests/desk/everybody.rs`.

use crate::Moment;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::rows::TokenRecord;
use crate::store::vars::vars;

impl Store {
    /// The NetIDs of the next people after one of them; empty: of the first.
    pub(crate) async fn netids_after(
        &self,
        after: &str,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT VALUE record::id(id) FROM type::record('user', $after>..) LIMIT $limit";
        // A record id cannot be empty; every NetID comes after a hyphen.
        let after = if after.is_empty() { "-" } else { after };
        self.rows(sql, vars! { "after" => after.to_owned(), "limit" => i64::from(limit) }).await
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
}
