//! The demo accounts' passwords, and whether the store holds them.

use surrealdb::types::SurrealValue;

use crate::Moment;
use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;

/// A demo account's local password.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct DemoPassword {
    pub(crate) netid: String,
    pub(crate) hash: String,
    pub(crate) name: String,
}

impl Store {
    /// Whether the demo has been loaded into it.
    pub(crate) async fn holds_demo(&self) -> Result<bool, StoreError> {
        let loaded: Option<bool> = self.row("SELECT VALUE loaded FROM meta:demo", vars! {}).await?;
        Ok(loaded == Some(true))
    }
}

/// Gives the demo accounts their local passwords, and marks the store.
pub(crate) fn load_demo(passwords: Vec<DemoPassword>, now: Moment) -> Change {
    Change::new(
        "FOR $row IN $passwords {
            UPDATE type::record('user', $row.netid) SET local_hash = $row.hash, local_initial = false, local_set_at = $now,
                local_set_by = $row.name, rev = (rev ?? 0) + 1;
         };
         UPSERT meta:demo SET loaded = true",
        vars! { "passwords" => passwords, "now" => now.0 },
    )
}
