//! The schema, in numbered steps. A step is one transaction; what a step has to write into every
//! row of a large table it does afterwards, in batches ([`Fill`]), and a start that is cut off goes
//! on where it was. Tests: `migrations/tests.rs`, `migrations/filling_tests.rs`,
//! `migrations/old_stores_tests.rs`, and on stores that earlier versions wrote
//! `desk/tests/desk/old_stores/`.

use surrealdb::types::{QueryError, SurrealValue, Variables};

use crate::store::database::Database;
use crate::store::retry::jitter;
use crate::store::vars::vars;

#[cfg(test)]
mod filling_tests;
#[cfg(test)]
mod old_stores_tests;
#[cfg(test)]
mod tests;

/// Why a store could not be brought to this program's schema.
#[derive(Debug)]
pub(super) enum SchemaError {
    /// A newer program wrote it.
    Newer {
        /// The store's schema.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// A step failed; what was done before it stays.
    Failed {
        /// The schema that was to be reached.
        to: i64,
        /// What the engine says.
        why: String,
    },
}

/// One step of the schema.
#[derive(Clone, Copy)]
struct Migration {
    /// Written in one transaction, with the schema's number.
    sql: &'static str,
    /// What is left to do then, where there is something.
    fill: Option<Fill>,
}

/// Writes every row of a table once, so that the columns that the schema computes get their values:
/// in batches by record id, each with how far it came in one transaction, so that millions of rows
/// are never one transaction, and nothing is begun anew.
#[derive(Clone, Copy)]
struct Fill {
    table: &'static str,
    /// Written once all rows are, in one transaction: indexes of those columns.
    then: &'static str,
}

const fn step(sql: &'static str) -> Migration {
    Migration { sql, fill: None }
}

/// The migrations in order: the schema's number is how many of them a store has seen. Never change
/// one that was released; add another. Where it changes what rows hold, add a store too, as the
/// program of before wrote it (`desk/tests/fixtures/stores`): those after 8 bring tables, indexes
/// and columns that may be empty, and leave rows as they were.
const MIGRATIONS: &[Migration] = &[
    step(include_str!("migrations/0001_first.surql")),
    step(include_str!("migrations/0002_clients.surql")),
    step(include_str!("migrations/0003_use_by_day.surql")),
    step(include_str!("migrations/0004_directory.surql")),
    step(include_str!("migrations/0005_given.surql")),
    Migration {
        sql: include_str!("migrations/0006_versions.surql"),
        fill: Some(Fill {
            table: "token",
            then: include_str!("migrations/0006_versions_then.surql"),
        }),
    },
    step(include_str!("migrations/0007_doors.surql")),
    step(include_str!("migrations/0008_found.surql")),
    step(include_str!("migrations/0009_begun.surql")),
    step(include_str!("migrations/0010_looked_for.surql")),
    step(include_str!("migrations/0011_request_tracker.surql")),
    step(include_str!("migrations/0012_notices.surql")),
    step(include_str!("migrations/0013_networks.surql")),
    step(include_str!("migrations/0014_methods.surql")),
    step(include_str!("migrations/0015_muted.surql")),
    step(include_str!("migrations/0016_concerned.surql")),
];

/// How many rows one transaction fills.
const BATCH: i64 = 1000;

/// After how many batches the log says how far it is.
const BATCHES_A_LINE: u64 = 100;

/// Where a store stands.
#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct Stand {
    version: Option<i64>,
    /// The record id up to which the last step's table is filled; none: it is all done.
    filled: Option<String>,
}

/// This program's schema.
pub(super) fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Brings a store to this program's schema, each step in one transaction with its number.
pub(super) async fn apply(db: &Database) -> Result<(), SchemaError> {
    apply_steps(db, MIGRATIONS, BATCH, u64::MAX).await
}

/// The schema of a store that an older program wrote, or nobody, and the one that [`apply`] brings
/// it to; none where it has that one, or a newer. Writes nothing.
pub(super) async fn older(db: &Database) -> Result<Option<(i64, i64)>, surrealdb::Error> {
    let known = known();
    let stand = stand(db).await?;
    let found = stand.version.unwrap_or(0);
    let behind = found < known || (found == known && stand.filled.is_some());
    Ok(behind.then_some((found, known)))
}

async fn apply_steps(
    db: &Database,
    steps: &[Migration],
    batch: i64,
    batches: u64,
) -> Result<(), SchemaError> {
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    run(db, "DEFINE TABLE IF NOT EXISTS meta SCHEMALESS", vars! {}).await.map_err(failed(0))?;
    let stand = stand(db).await.map_err(failed(0))?;
    let found = stand.version.unwrap_or(0);
    if found > known {
        return Err(SchemaError::Newer { found, known });
    }
    for (at, step) in (1..).zip(steps).skip(usize::try_from(found - 1).unwrap_or(0)) {
        take_step(db, at, step).await.map_err(failed(at))?;
        if let Some(fill) = step.fill {
            fill_table(db, fill, batch, batches).await.map_err(failed(at))?;
            // Stopped early: the next step waits for the rest.
            if self::stand(db).await.map_err(failed(at))?.filled.is_some() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Takes one step, unless the store has seen it: by this node before, or by another that starts at
/// the same time.
async fn take_step(db: &Database, at: i64, step: &Migration) -> Result<(), surrealdb::Error> {
    let seen = async || stand(db).await.map(|stand| stand.version.unwrap_or(0) >= at);
    if seen().await? {
        return Ok(());
    }
    let filled = step.fill.map(|_| String::new());
    let sql = format!(
        "BEGIN;\n{}\nUPSERT meta:schema SET version = $version, filled = $filled;\nCOMMIT;",
        step.sql
    );
    match run(db, &sql, vars! { "version" => at, "filled" => filled }).await {
        // Another node was faster.
        Err(_) if seen().await? => Ok(()),
        taken => taken,
    }
}

fn failed(to: i64) -> impl Fn(surrealdb::Error) -> SchemaError {
    move |error| SchemaError::Failed { to, why: error.to_string() }
}

async fn stand(db: &Database) -> Result<Stand, surrealdb::Error> {
    let mut response =
        db.query("SELECT version, filled FROM meta:schema", vars! {}).await?.check()?;
    let stand: Option<Stand> = response.take(0)?;
    Ok(stand.unwrap_or(Stand { version: None, filled: None }))
}

/// Fills a table from where it was left. Nodes that start at the same time share the work: each
/// batch begins where the store says, whoever came that far, and of two that meet one is tried
/// again. `batches`: to stop early.
async fn fill_table(
    db: &Database,
    fill: Fill,
    batch: i64,
    batches: u64,
) -> Result<(), surrealdb::Error> {
    let (mut done, mut tries) = (0, 0);
    while done < batches {
        match fill_batch(db, fill, batch).await {
            Ok(true) => return Ok(()),
            Ok(false) => (done, tries) = (done + 1, 0),
            // Another node was there first.
            Err(_) if stand(db).await?.filled.is_none() => return Ok(()),
            Err(error)
                if matches!(error.query_details(), Some(QueryError::TransactionConflict)) =>
            {
                jitter(tries).await;
                tries += 1;
                continue;
            }
            Err(error) => return Err(error),
        }
        if done % BATCHES_A_LINE == 0 {
            let rows = i64::try_from(done).unwrap_or(i64::MAX).saturating_mul(batch);
            tracing::info!(table = fill.table, rows, "bringing the store to a new schema");
        }
    }
    Ok(())
}

/// Fills one batch, or ends the filling where no row is left; answers whether it is ended.
async fn fill_batch(db: &Database, fill: Fill, batch: i64) -> Result<bool, surrealdb::Error> {
    let filled = stand(db).await?.filled;
    if filled.as_deref() == Some(FILLED) {
        let then = format!("BEGIN;\n{}\nUPDATE meta:schema SET filled = NONE;\nCOMMIT;", fill.then);
        run(db, &then, vars! {}).await?;
        return Ok(true);
    }
    if filled.is_some() {
        run(db, FILL, vars! { "table" => fill.table.to_owned(), "batch" => batch }).await?;
    }
    Ok(filled.is_none())
}

/// What [`Stand::filled`] is once no row is left: no record id is above it.
const FILLED: &str = "\u{10FFFF}";

/// Fills the next batch. Where another node is done already it does nothing.
const FILL: &str = "BEGIN;
    LET $above = (SELECT VALUE filled FROM ONLY meta:schema);
    IF $above IS NOT NONE {
        LET $rows = (SELECT VALUE id FROM type::record($table, $above>..) LIMIT $batch);
        UPDATE $rows RETURN NONE;
        LET $last = array::last($rows);
        UPDATE meta:schema SET filled = IF $last IS NONE { '\u{10FFFF}' } ELSE { record::id($last) \
        } RETURN NONE;
    };
    COMMIT;";

/// Runs statements; a transaction that failed says why.
async fn run(db: &Database, sql: &str, vars: Variables) -> Result<(), surrealdb::Error> {
    let mut response = db.query(sql, vars).await?;
    // Every statement of a failed transaction has an error; one of them says more than that it
    // failed.
    let mut errors: Vec<_> = response.take_errors().into_iter().collect();
    errors.sort_by_key(|(statement, _)| *statement);
    let says_why =
        |error: &surrealdb::Error| !matches!(error.query_details(), Some(QueryError::NotExecuted));
    errors.into_iter().map(|(_, error)| error).find(says_why).map_or(Ok(()), Err)
}
