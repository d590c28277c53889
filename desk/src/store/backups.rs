//! What the store notes about backups that are made by themselves. Tests:
//! `desk/tests/desk/backup_schedule.rs`.

use surrealdb::types::SurrealValue;

use crate::Moment;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;

/// How backups that are made by themselves went.
#[derive(Clone, Debug, Default, PartialEq, Eq, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct BackupNote {
    /// When the last one was begun that is there.
    pub(crate) at: Option<i64>,
    /// When one was last tried.
    pub(crate) tried: Option<i64>,
    /// Why that one is not there; none: it is.
    pub(crate) why: Option<String>,
}

impl Store {
    /// The version of the schema that the store has now.
    pub(crate) async fn schema(&self) -> Result<i64, StoreError> {
        let version: Option<Option<i64>> =
            self.row("SELECT VALUE version FROM meta:schema", vars! {}).await?;
        version.flatten().ok_or(StoreError::Broken("meta"))
    }

    /// How backups went.
    pub(crate) async fn backup_note(&self) -> Result<BackupNote, StoreError> {
        let note = self.row("SELECT at, tried, why FROM meta:backup", vars! {}).await?;
        Ok(note.unwrap_or_default())
    }

    /// Notes when one was last begun, whatever becomes of it.
    pub(crate) async fn note_backup_tried(&self, at: Moment) -> Result<(), StoreError> {
        let sql = "UPSERT meta:backup SET tried = $at RETURN NONE";
        self.note(sql, vars! { "at" => at.0 }).await
    }

    /// Notes that the one that was begun then is there.
    pub(crate) async fn note_backup_made(&self, at: Moment) -> Result<(), StoreError> {
        let sql = "UPSERT meta:backup SET at = $at, why = NONE RETURN NONE";
        self.note(sql, vars! { "at" => at.0 }).await
    }

    /// Notes why there is none.
    pub(crate) async fn note_backup_failed(&self, why: &str) -> Result<(), StoreError> {
        let sql = "UPSERT meta:backup SET why = $why RETURN NONE";
        self.note(sql, vars! { "why" => why.to_owned() }).await
    }
}
