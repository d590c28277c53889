//! What verify reads of the store: a token's row, and its owner's.

use crate::NetId;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::rows::{TokenRecord, User};
use crate::store::vars::vars;

impl Store {
    /// The token's row and its owner's. An unknown token costs the second look-up too.
    pub(crate) async fn token_with_owner(
        &self,
        id: &str,
    ) -> Result<Option<(TokenRecord, User)>, StoreError> {
        let row: Option<TokenRecord> = self
            .row("SELECT * FROM type::record('token', $id)", vars! { "id" => id.to_owned() })
            .await?;
        let owner = row.as_ref().map_or("0", |row| row.owner.as_str());
        let Ok(owner) = NetId::parse(owner) else { return Ok(None) };
        let owner = match self.user(&owner).await {
            Ok(user) => user,
            Err(StoreError::Broken(_)) => None,
            Err(error) => return Err(error),
        };
        Ok(row.zip(owner))
    }
}
