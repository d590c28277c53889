//! Tokens from Request Tracker of which the string is not known yet, some people's after others'.
//! Tests: `server/tests/server/command_line/request_tracker/moving.rs`.

use crate::Moment;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::rows::TokenRecord;
use crate::store::vars::vars;

impl Store {
    /// Those of these people that work at `now`, and were not moved by a use of their string.
    pub(crate) async fn not_moved_of(
        &self,
        owners: &[String],
        now: Moment,
    ) -> Result<Vec<TokenRecord>, StoreError> {
        let sql = "SELECT * FROM token WITH INDEX token_owner_over WHERE owner IN $owners AND \
            over_at > $now AND rt_user IS NOT NONE AND rt_pin IS NONE";
        self.rows(sql, vars! { "owners" => owners.to_vec(), "now" => now.0 }).await
    }
}
