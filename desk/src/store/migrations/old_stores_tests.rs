//! Whatever shape a store of before has, its schema becomes the one of a new store, and every row
//! of it is one that the schema takes. What the desk makes of such stores:
//! `desk/tests/desk/old_stores/`.

use std::collections::BTreeMap;
use std::process::Command;

use super::apply;
use crate::store::database::Database;
use crate::store::vars::vars;

/// More than the stores of before need.
const MEMORY: usize = 64 << 20;

async fn opened(address: &str) -> Database {
    let db = Database::connect(address, MEMORY).await.expect("a store");
    db.query(
        "DEFINE NAMESPACE IF NOT EXISTS latchkey; USE NS latchkey; DEFINE DATABASE IF NOT \
        EXISTS latchkey",
        vars! {},
    )
    .await
    .expect("a database");
    db.choose("latchkey", "latchkey").await.expect("the database");
    // At the first try: nobody else writes to it.
    apply(&db).await.expect("the present schema");
    db
}

async fn text(db: &Database, sql: &str) -> String {
    let mut response = db
        .query(sql, vars! {})
        .await
        .and_then(surrealdb::IndexedResults::check)
        .expect("an answer");
    response.take::<Option<String>>(0).expect("a text").expect("a text")
}

async fn tables(db: &Database) -> Vec<String> {
    let names = "RETURN object::keys((INFO FOR DB).tables)";
    db.query(names, vars! {}).await.and_then(|mut response| response.take(0)).expect("names")
}

/// Each table with its definition, its fields and its indexes.
async fn schema(db: &Database) -> BTreeMap<String, [String; 3]> {
    let mut schema = BTreeMap::new();
    for table in tables(db).await {
        let info = |what: &str| format!("RETURN <string> (INFO FOR TABLE {table}).{what}");
        let definition = text(db, &format!("RETURN (INFO FOR DB).tables.{table}")).await;
        let (fields, indexes) = (text(db, &info("fields")).await, text(db, &info("indexes")).await);
        schema.insert(table, [definition, fields, indexes]);
    }
    schema
}

#[tokio::test]
async fn every_shape_of_before_becomes_the_schema_of_a_new_store() {
    let new = schema(&opened("mem://").await).await;
    assert!(
        ["user", "token", "session", "audit", "chain", "client"]
            .iter()
            .all(|table| new.contains_key(*table))
    );
    let packed = std::fs::read_dir("tests/fixtures/stores")
        .expect("stores")
        .map(|file| file.expect("a file").path());
    let packed: Vec<_> =
        packed.filter(|path| path.extension().is_some_and(|end| end == "gz")).collect();
    assert_eq!(packed.len(), 11);
    for path in packed {
        let folder = tempfile::tempdir().expect("a folder");
        let unpacked = Command::new("tar")
            .arg("-xzf")
            .arg(&path)
            .arg("-C")
            .arg(folder.path())
            .status()
            .expect("tar");
        assert!(unpacked.success());
        let db = opened(&format!("rocksdb://{}", folder.path().join("store").display())).await;
        let old = schema(&db).await;
        for (table, definitions) in &new {
            assert_eq!(old.get(table), Some(definitions), "{}: {table}", path.display());
        }
        assert_eq!(old.len(), new.len(), "{}", path.display());
        // Written as it is, each row is held against the schema.
        for table in new.keys() {
            let taken = db
                .query(&format!("UPDATE {table} RETURN NONE"), vars! {})
                .await
                .and_then(surrealdb::IndexedResults::check);
            assert!(taken.is_ok(), "{}: {table}: {taken:?}", path.display());
        }
    }
}
