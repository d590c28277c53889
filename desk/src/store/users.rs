//! People as the store has them.

use crate::NetId;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::rows::{User, UserRecord};
use crate::store::vars::vars;

impl Store {
    /// The person with this NetID.
    pub(crate) async fn user(&self, netid: &NetId) -> Result<Option<User>, StoreError> {
        let sql = "SELECT * FROM type::record('user', $netid)";
        let row: Option<UserRecord> = self.row(sql, vars! { "netid" => netid.as_str().to_owned() }).await?;
        row.map(User::try_from).transpose()
    }
}
