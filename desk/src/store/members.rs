//! Who is in the groups that an identity system pushes: `member` is [group, NetID], so that a
//! group's members are a range of record ids. They are written with the person
//! ([`crate::store::provision`]). Tests: `desk/tests/desk/directory/members.rs`.

use crate::NetId;
use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::users::after_prefix;
use crate::store::vars::vars;

/// Forgets the groups that somebody is in beyond these; none: that anybody ever spoke of them.
pub(crate) fn hear_of(netid: &NetId, kept: Option<Vec<String>>) -> Change {
    Change::new(
        "LET $person = type::record('user', $netid);
         LET $groups = (SELECT VALUE pushed_groups FROM ONLY $person);
         FOR $group IN array::complement($groups ?? [], $kept ?? []) { DELETE \
         type::record('member', [$group, $netid]) };
         UPDATE $person SET pushed_groups = $kept RETURN NONE",
        vars! { "netid" => netid.as_str().to_owned(), "kept" => kept },
    )
}

impl Store {
    /// The first group after this one that anybody is in; empty: of all.
    pub(crate) async fn next_group(&self, after: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT VALUE record::id(id)[0] FROM type::record('member', [$after, $last]>..) \
            LIMIT 1";
        self.row(sql, vars! { "after" => after.to_owned(), "last" => after_prefix("") }).await
    }

    /// The NetIDs of a group's members after one of them, in their order; empty: from the first.
    pub(crate) async fn members_after(
        &self,
        group: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT VALUE record::id(id)[1] FROM \
            type::record('member', [$group, $after]>..[$group, $last]) LIMIT $limit";
        let vars = vars! {
            "group" => group.to_owned(), "after" => after.to_owned(), "last" => after_prefix(""),
            "limit" => i64::from(limit),
        };
        self.rows(sql, vars).await
    }

    /// The NetIDs of a group's members, in their order, of very many the first.
    pub(crate) async fn members_of(
        &self,
        group: &str,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT VALUE record::id(id)[1] FROM \
            type::record('member', [$group]..[$group, $last]) \
            LIMIT $limit";
        let vars = vars! {
            "group" => group.to_owned(), "last" => after_prefix(""), "limit" => i64::from(limit),
        };
        self.rows(sql, vars).await
    }
}
