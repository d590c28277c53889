//! The demo's store is one of its own kind, from its first moment: `meta:demo` is there before
//! anything else is. And the demo accounts' passwords. Tests: `desk/tests/desk/demo.rs`.

use surrealdb::types::SurrealValue;

use crate::Moment;
use crate::store::change::Change;
use crate::store::database::Database;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::password_hash::PasswordHash;
use crate::store::vars::vars;

/// A demo account's local password.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct DemoPassword {
    pub(crate) netid: String,
    pub(crate) hash: PasswordHash,
    pub(crate) name: String,
}

/// Whether the store is a demo's.
pub(super) async fn is_demo(db: &Database) -> Result<bool, surrealdb::Error> {
    let sql = "DEFINE TABLE IF NOT EXISTS meta SCHEMALESS; RETURN record::exists(meta:demo)";
    let marked: Option<bool> = db.query(sql, vars! {}).await?.check()?.take(1)?;
    Ok(marked == Some(true))
}

/// Makes a demo's of a store that nobody has used yet. Answers whether it is one.
pub(super) async fn claim(db: &Database) -> Result<bool, surrealdb::Error> {
    // One statement, so one transaction: whoever makes a real one of it at this moment, one of both
    // is refused.
    let sql = "DEFINE TABLE IF NOT EXISTS meta SCHEMALESS;
        IF !record::exists(meta:schema) AND !record::exists(meta:demo) { UPSERT meta:demo SET \
        loaded = false }";
    db.query(sql, vars! {}).await?.check()?;
    is_demo(db).await
}

impl Store {
    /// Whether the demo accounts have been made.
    pub(crate) async fn has_demo_accounts(&self) -> Result<bool, StoreError> {
        let loaded: Option<bool> = self.row("SELECT VALUE loaded FROM meta:demo", vars! {}).await?;
        Ok(loaded == Some(true))
    }
}

/// Gives the demo accounts their local passwords, and notes that they are there.
pub(crate) fn load_demo(passwords: Vec<DemoPassword>, now: Moment) -> Change {
    Change::new(
        "FOR $row IN $passwords {
            UPDATE type::record('user', $row.netid) SET local_hash = $row.hash, local_initial = \
            false, local_set_at = $now,
                local_set_by = $row.name, rev = (rev ?? 0) + 1;
         };
         UPSERT meta:demo SET loaded = true",
        vars! { "passwords" => passwords, "now" => now.0 },
    )
}
