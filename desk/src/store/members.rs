//! Who is in the groups that an identity system pushes: `member` is [group, NetID], so that a group's members are a range of
//! record ids. They are written with the person ([`crate::store::provision`]). Tests: `desk/tests/desk/directory/members.rs`.

use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::users::after_prefix;
use crate::store::vars::vars;

impl Store {
    /// The NetIDs of a group's members, in their order, of very many the first.
    pub(crate) async fn members_of(&self, group: &str, limit: u32) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT VALUE record::id(id)[1] FROM member:[$group]..[$group, $last] LIMIT $limit";
        let vars = vars! { "group" => group.to_owned(), "last" => after_prefix(""), "limit" => i64::from(limit) };
        self.rows(sql, vars).await
    }
}
