//! Tokens from Request Tracker of which the string is not known yet, some people's after others'.
//! Tests: `server/tests/server/command_line/request_tracker/moving.rs`.

use crate::Moment;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::rows::TokenRecord;

impl Store {
    /// Those of these people that work at `now`, and were not moved by a use of their string.
    pub(crate) async fn not_moved_of(
        &self,
        owners: &[String],
        now: Moment,
    ) -> Result<Vec<TokenRecord>, StoreError> {
        let each = "(SELECT * FROM token WITH INDEX token_owner_over WHERE owner = $owner AND \
            over_at > $now AND rt_user IS NOT NONE AND rt_pin IS NONE)";
        Ok(self.of_each::<Vec<TokenRecord>>(each, owners, now).await?.concat())
    }
}
