//! People as the store has them, and how they are found: always by record id or a range of those,
//! so that it costs the same among a million.

use std::collections::HashMap;

use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::rows::{User, UserRecord};
use crate::store::tokens::but_ended;
use crate::store::vars::vars;
use crate::{Moment, NetId};

impl Store {
    /// The person with this NetID.
    pub(crate) async fn user(&self, netid: &NetId) -> Result<Option<User>, StoreError> {
        let sql = "SELECT * FROM type::record('user', $netid)";
        let row: Option<UserRecord> =
            self.row(sql, vars! { "netid" => netid.as_str().to_owned() }).await?;
        row.map(User::try_from).transpose()
    }

    /// People in the order of their NetIDs, after one of them.
    pub(crate) async fn users_after(
        &self,
        after: &str,
        limit: u32,
    ) -> Result<Vec<User>, StoreError> {
        let sql = "SELECT * FROM type::record('user', $above>..) LIMIT $limit";
        // A record id cannot be empty; every NetID comes after a hyphen.
        let after = if after.is_empty() { "-" } else { after };
        read(
            self.rows(sql, vars! { "above" => after.to_owned(), "limit" => i64::from(limit) })
                .await?,
        )
    }

    /// People whose NetID begins like this, in its order.
    pub(crate) async fn users_by_netid(
        &self,
        start: &str,
        limit: u32,
    ) -> Result<Vec<User>, StoreError> {
        // A range of record ids, here and below: a condition on `id` would read the whole table.
        let sql = "SELECT * FROM type::record('user', $from..$below) LIMIT $limit";
        let vars = vars! {
            "from" => start.to_owned(), "below" => after_prefix(start), "limit" => i64::from(limit),
        };
        read(self.rows(sql, vars).await?)
    }

    /// The NetIDs that begin like this, of very many the first.
    pub(crate) async fn netids_beginning(
        &self,
        start: &str,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let sql =
            "SELECT VALUE record::id(id) FROM type::record('user', $from..$below) LIMIT $limit";
        let vars = vars! {
            "from" => start.to_owned(), "below" => after_prefix(start), "limit" => i64::from(limit),
        };
        self.rows(sql, vars).await
    }

    /// How many tokens of these people work at `now`; who has none is not in it. `old_strings`:
    /// strings of Request Tracker do.
    pub(crate) async fn live_token_counts(
        &self,
        owners: &[User],
        old_strings: bool,
        now: Moment,
    ) -> Result<HashMap<String, i64>, StoreError> {
        let owners: Vec<String> = owners.iter().map(|user| user.person.netid.to_string()).collect();
        let each = format!(
            "array::len((SELECT VALUE id FROM token WITH INDEX token_owner_over WHERE owner = \
            $owner AND over_at > $now AND revoked_at IS NONE{}))",
            but_ended(old_strings)
        );
        let counts = self.of_each::<i64>(&each, &owners, now).await?;
        Ok(owners.into_iter().zip(counts).filter(|(_, count)| *count > 0).collect())
    }

    /// The NetIDs of the enabled administrators.
    pub(crate) async fn enabled_administrators(&self) -> Result<Vec<String>, StoreError> {
        self.rows(
            "SELECT VALUE record::id(id) FROM user WHERE role = 'admin' AND disabled = false",
            vars! {},
        )
        .await
    }

    /// The NetIDs of enabled administrators who can act for others, since they have a local
    /// password of their own; some of them.
    pub(crate) async fn able_administrators(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        let sql =
            "SELECT VALUE record::id(id) FROM user WITH INDEX user_role WHERE role = 'admin' \
            AND disabled = false
            AND privileged = true AND local_hash IS NOT NONE AND local_initial = false LIMIT \
            $limit";
        self.rows(sql, vars! { "limit" => i64::from(limit) }).await
    }
}

fn read(rows: Vec<UserRecord>) -> Result<Vec<User>, StoreError> {
    rows.into_iter().map(User::try_from).collect()
}

/// The smallest text above every text that begins with `prefix`.
pub(super) fn after_prefix(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}
