//! The schema, in numbered steps.

use surrealdb::Surreal;
use surrealdb::engine::any::Any;

use crate::store::connect::OpenError;
use crate::store::vars::vars;

/// The migrations in order: the schema's number is how many of them a store has seen. Never change one that was
/// released; add another.
const MIGRATIONS: [&str; 6] = [
    include_str!("migrations/0001_first.surql"),
    include_str!("migrations/0002_clients.surql"),
    include_str!("migrations/0003_use_by_day.surql"),
    include_str!("migrations/0004_directory.surql"),
    include_str!("migrations/0005_given.surql"),
    include_str!("migrations/0006_versions.surql"),
];

/// Brings a store to this program's schema, each step in one transaction with its number.
pub(crate) async fn apply(db: &Surreal<Any>) -> Result<(), OpenError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let failed = |to: i64| move |error: surrealdb::Error| OpenError::Migration { to, why: error.to_string() };
    let mut response = db
        .query("DEFINE TABLE IF NOT EXISTS meta SCHEMALESS; (SELECT VALUE version FROM ONLY meta:schema) ?? 0")
        .await
        .and_then(surrealdb::IndexedResults::check)
        .map_err(failed(0))?;
    let found: Option<i64> = response.take(1).map_err(failed(0))?;
    let found = found.unwrap_or(0);
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    for (at, migration) in (1..).zip(MIGRATIONS).skip(usize::try_from(found).unwrap_or(0)) {
        let sql = format!("BEGIN;\n{migration}\nUPSERT meta:schema SET version = $version;\nCOMMIT;");
        let mut response = db.query(sql).bind(vars! { "version" => at }).await.map_err(failed(at))?;
        // The first error of a failed transaction only says that it failed: the last says why.
        let mut errors: Vec<_> = response.take_errors().into_iter().collect();
        errors.sort_by_key(|(statement, _)| *statement);
        if let Some((_, error)) =
            errors.into_iter().find(|(_, error)| !matches!(error.query_details(), Some(surrealdb::types::QueryError::NotExecuted)))
        {
            return Err(failed(at)(error));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
