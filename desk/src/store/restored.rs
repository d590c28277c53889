//! A store that was restored from a copy: what is written into it before it is put in its place,
//! and what becomes of that when it is next opened. Tests: `desk/tests/desk/backup.rs`.

use std::time::Duration;

use surrealdb::types::SurrealValue;

use crate::engine::settings::Settings;
use crate::store::change::Change;
use crate::store::connect::connect;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::migrations;
use crate::store::open_error::OpenError;
use crate::store::raw_pairs::is_let_go;
use crate::store::vars::vars;
use crate::{ChainPoint, Moment};

/// How long the engine may take to let go of the files.
const LET_GO_TIMEOUT: Duration = Duration::from_mins(1);

/// How many sessions end in one transaction.
const BATCH: i64 = 500;

/// The copy that a store was restored from.
#[derive(Clone, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct RestoredCopy {
    /// When it was made.
    pub(crate) moment: i64,
    pub(crate) sha256: String,
}

/// What a copy turns out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundCopy {
    /// Its schema and this program's, where it is older.
    pub(crate) older: Option<(i64, i64)>,
    /// Points of the audit that it should have and has not.
    pub(crate) missing: Vec<String>,
}

/// The schema that this program knows.
pub(crate) fn known_schema() -> i64 {
    migrations::known()
}

/// Writes into a store that nobody has opened yet that it is a copy, and whose turn at anything it
/// was there is over. Brings it to no other schema.
///
/// # Errors
/// [`OpenError`].
pub(crate) async fn mark(
    settings: &Settings,
    copy: RestoredCopy,
    points: &[ChainPoint],
) -> Result<FoundCopy, OpenError> {
    let unreachable = |why: String| OpenError::Unreachable { store: settings.store.clone(), why };
    let words = |error: surrealdb::Error| unreachable(error.to_string());
    let db = connect(settings).await?;
    let older = migrations::older(&db).await.map_err(words)?;
    let mut missing = Vec::new();
    // Of one with this program's schema all of it is checked, by the desk.
    if older.is_some() {
        for point in points.iter().filter(|point| point.seq > 0) {
            let sql = "SELECT VALUE hash FROM audit WHERE node = $node AND seq = $seq LIMIT 1";
            let vars = vars! { "node" => point.node.clone(), "seq" => point.seq };
            let found: Result<Vec<String>, surrealdb::Error> =
                async { db.query(sql, vars).await?.check()?.take(0) }.await;
            if found.map_err(words)?.first() != Some(&point.hash) {
                missing.push(format!("node {}: row {} is missing", point.node, point.seq));
            }
        }
    }
    // `meta` has no schema, in whichever version: this is read once the store has today's.
    let sql = "DELETE meta:sync; DELETE meta:keeping; DELETE meta:backup;
        UPSERT meta:restored SET moment = $moment, sha256 = $sha256";
    let vars = vars! { "moment" => copy.moment, "sha256" => copy.sha256 };
    db.query(sql, vars).await.and_then(surrealdb::IndexedResults::check).map_err(words)?;
    drop(db);
    let_go(settings).await?;
    Ok(FoundCopy { older, missing })
}

/// Waits until this process has let go of a store's files.
///
/// # Errors
/// [`OpenError::InUse`], [`OpenError::Unreachable`].
pub(crate) async fn let_go(settings: &Settings) -> Result<(), OpenError> {
    let Some(folder) = settings.folder() else { return Ok(()) };
    match is_let_go(&folder, LET_GO_TIMEOUT).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(OpenError::InUse(settings.store.clone())),
        Err(why) => Err(OpenError::Unreachable { store: settings.store.clone(), why }),
    }
}

impl Store {
    /// The copy that it was restored from, where nobody has seen to that yet.
    pub(crate) async fn restored_copy(&self) -> Result<Option<RestoredCopy>, StoreError> {
        self.row("SELECT moment, sha256 FROM meta:restored", vars! {}).await
    }

    /// Ends every session, some in each transaction: one that was ended since the copy must not
    /// live again.
    pub(crate) async fn end_restored_sessions(&self) -> Result<(), StoreError> {
        let sql = "RETURN { LET $gone = (SELECT VALUE id FROM session LIMIT $batch); DELETE $gone \
            RETURN NONE; RETURN array::len($gone) }";
        let mut ended = Some(BATCH);
        while ended.unwrap_or(0) == BATCH {
            ended = self.note_and_read(sql, vars! { "batch" => BATCH }).await?;
        }
        Ok(())
    }
}

/// It is seen to: forms of the copy's day are forgotten, and nobody does it again.
pub(crate) fn seen_to() -> Change {
    Change::new(
        "IF !record::exists(meta:restored) { THROW 'stale' };
         DELETE session RETURN NONE;
         DELETE form RETURN NONE;
         DELETE meta:restored RETURN NONE",
        vars! {},
    )
}

impl RestoredCopy {
    /// When it was made.
    pub(crate) fn made_at(&self) -> Moment {
        Moment(self.moment)
    }
}
