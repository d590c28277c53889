//! From which networks tokens are used, as the store has it: one record a token, under the token's
//! id, and deleted with it ([`super::tokens::clean_up`]). Whoever writes one says which number it
//! had when it was read, so that of two nodes that learn the same network at once the later reads
//! it again. Tests: `desk/tests/desk/networks_used.rs`.

use surrealdb::types::SurrealValue;

use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::rows::records;
use crate::store::vars::vars;
use crate::{Moment, NetId, TokenId, UsedNetwork};

/// A network that a token was used from.
#[derive(Clone, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct KnownNetwork {
    pub(crate) network: String,
    pub(crate) first: i64,
    /// To the day: the first use of the latest day.
    pub(crate) last: i64,
    pub(crate) answered: bool,
}

impl KnownNetwork {
    /// As a list shows it.
    pub(crate) fn view(self) -> UsedNetwork {
        UsedNetwork {
            network: self.network,
            first: Moment(self.first),
            last: Moment(self.last),
            answered: self.answered,
        }
    }
}

/// From which networks one token was used.
#[derive(Clone, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct TokenNetworks {
    pub(crate) id: String,
    /// Counts up with each writing; 0: it was never written.
    pub(crate) rev: i64,
    /// From when on it learns.
    pub(crate) since: i64,
    /// On which day new ones came last, in days since 1970 UTC, and how many then.
    pub(crate) new_day: i64,
    pub(crate) new_count: i64,
    pub(crate) known: Vec<KnownNetwork>,
}

impl Store {
    /// The networks of those of these tokens that were used from any.
    pub(crate) async fn token_networks(
        &self,
        ids: Vec<String>,
    ) -> Result<Vec<TokenNetworks>, StoreError> {
        let sql = "SELECT record::id(id) AS id, rev, since, new_day, new_count, known FROM $of";
        self.rows(sql, vars! { "of" => records("token_network", ids) }).await
    }
}

/// Writes the networks of tokens, each as it was read; those of tokens that are gone are left out.
pub(crate) fn write(networks: Vec<TokenNetworks>) -> Change {
    Change::new(
        "FOR $row IN $rows {
            IF record::exists(type::record('token', $row.id)) {
                LET $of = type::record('token_network', $row.id);
                LET $rev = (SELECT VALUE rev FROM ONLY $of) ?? 0;
                IF $rev != $row.rev { THROW 'stale' };
                UPSERT $of SET rev = $row.rev + 1, since = $row.since, new_day = $row.new_day, \
                new_count = $row.new_count, known = $row.known RETURN NONE
            }
         }",
        vars! { "rows" => networks },
    )
}

/// The condition that a person's token is there and nobody has revoked it.
pub(crate) fn not_revoked(owner: &NetId, id: &TokenId) -> Change {
    Change::new(
        "LET $stands = (SELECT owner, revoked_at FROM ONLY type::record('token', $id));
         IF $stands.owner != $owner OR $stands.revoked_at IS NOT NONE { THROW 'token-over' }",
        vars! { "id" => id.to_string(), "owner" => owner.as_str().to_owned() },
    )
}
