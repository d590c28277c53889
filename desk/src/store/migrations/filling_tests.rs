//! A store of before is filled batch by batch, wherever a start was cut off, and by several nodes
//! at once.

use surrealdb::types::Value;

use crate::store::database::Database;
use crate::store::vars::vars;

use super::{Fill, MIGRATIONS, Migration, SchemaError, apply, apply_steps, stand};

async fn store() -> Database {
    let db = Database::connect("mem://", 0).await.expect("a store");
    db.query("DEFINE NAMESPACE t; USE NS t; DEFINE DATABASE t", vars! {})
        .await
        .expect("a database");
    db.choose("t", "t").await.expect("the database");
    db
}

async fn count(db: &Database, what: &str) -> i64 {
    let sql = format!("RETURN array::len((SELECT VALUE id FROM token WHERE {what}))");
    db.query(&sql, vars! {})
        .await
        .expect("an answer")
        .take::<Option<i64>>(0)
        .expect("a number")
        .expect("a number")
}

/// A store of schema 5 with this many tokens, of which a third has expired and a third is revoked.
async fn of_before(many: i64) -> Database {
    let db = store().await;
    let sql: Vec<&str> = MIGRATIONS[..5].iter().map(|step| step.sql).collect();
    let sql = format!(
        "DEFINE TABLE meta SCHEMALESS; {}; UPSERT meta:schema SET version = 5;",
        sql.join(";\n")
    );
    db.query(&sql, vars! {}).await.and_then(surrealdb::IndexedResults::check).expect("schema 5");
    let make = "FOR $n IN 0..$many { CREATE type::record('token', '0' + <string>$n) CONTENT {
        owner: 'tia', description: 'old', access: 'full', networks: '', created: 1,
        expires: IF $n % 3 = 1 { 100 } ELSE { NONE }, revoked_at: IF $n % 3 = 2 { 50 } ELSE { NONE \
        } } }";
    db.query(make, vars! { "many" => many })
        .await
        .and_then(surrealdb::IndexedResults::check)
        .expect("tokens");
    db
}

async fn is_done(db: &Database) -> bool {
    let stand = stand(db).await.expect("a stand");
    stand.version == i64::try_from(MIGRATIONS.len()).ok() && stand.filled.is_none()
}

#[tokio::test]
async fn old_rows_get_what_the_schema_computes() {
    let db = of_before(30).await;
    apply(&db).await.expect("the new schema");
    assert!(is_done(&db).await);
    for (what, many) in
        [("over_at = 100", 10), ("over_at = 50", 10), ("over_at = 9007199254740991", 10)]
    {
        assert_eq!(count(&db, what).await, many, "{what}");
    }
    let by_index =
        "SELECT * FROM token WITH INDEX token_owner_over WHERE owner = 'tia' AND over_at > 60";
    let rows: Vec<Value> =
        db.query(by_index, vars! {}).await.expect("an answer").take(0).expect("rows");
    assert_eq!(rows.len(), 20);
    apply(&db).await.expect("nothing to do");
}

#[tokio::test]
async fn a_start_that_was_cut_off_goes_on_where_it_was() {
    let db = of_before(95).await;
    for batches in 1..4 {
        apply_steps(&db, MIGRATIONS, 10, 1).await.expect("a batch");
        assert_eq!(count(&db, "over_at IS NOT NONE").await, batches * 10);
        assert!(!is_done(&db).await);
    }
    apply_steps(&db, MIGRATIONS, 10, u64::MAX).await.expect("the rest");
    assert!(is_done(&db).await);
    assert_eq!(count(&db, "over_at IS NONE").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_share_the_work() {
    let db = of_before(300).await;
    apply_steps(&db, MIGRATIONS, 5, 1).await.expect("a batch");
    let nodes: Vec<_> = (0..3)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { apply_steps(&db, MIGRATIONS, 5, u64::MAX).await })
        })
        .collect();
    for node in nodes {
        node.await.expect("a node").expect("the new schema");
    }
    assert!(is_done(&db).await);
    assert_eq!(count(&db, "over_at IS NONE").await, 0);
}

#[tokio::test]
async fn a_later_step_waits_until_the_one_before_has_filled_its_table() {
    let db = of_before(20).await;
    apply_steps(&db, MIGRATIONS, 5, 1).await.expect("a batch");
    let mut steps: Vec<Migration> = MIGRATIONS.to_vec();
    steps.push(Migration {
        sql: "DEFINE FIELD twice ON token TYPE int VALUE over_at * 2;",
        fill: Some(Fill {
            table: "token",
            then: "DEFINE INDEX token_twice ON token FIELDS twice;",
        }),
    });
    apply_steps(&db, &steps, 5, u64::MAX).await.expect("both");
    assert_eq!(count(&db, "twice = over_at * 2").await, 20);
    let today = i64::try_from(MIGRATIONS.len()).expect("few");
    assert!(matches!(
        apply(&db).await,
        Err(SchemaError::Newer { found, known }) if known == today && found == today + 1,
    ));
}

#[tokio::test]
async fn over_at_follows_expiry_and_revocation_whoever_writes_them_and_in_whatever_order() {
    let db = store().await;
    apply(&db).await.expect("the schema");
    let content = "owner: 'tia', description: '', access: 'full', networks: '', created: 1";
    for (write, over_at) in [
        (format!("CREATE token:a CONTENT {{ {content} }}"), 9_007_199_254_740_991),
        (format!("CREATE token:b CONTENT {{ {content}, expires: 100, over_at: 7 }}"), 100),
        ("UPDATE token:b SET expires = 90".to_owned(), 90),
        ("UPDATE token:b SET over_at = 3".to_owned(), 90),
        ("UPDATE token:b SET revoked_at = 95, revoked_by = 'tia'".to_owned(), 90),
        ("UPDATE token:b SET over_at = 3, revoked_at = 80".to_owned(), 80),
        ("UPDATE token:b SET revoked_at = NONE, expires = NONE".to_owned(), 9_007_199_254_740_991),
        ("UPDATE token:b MERGE { expires: 70 }".to_owned(), 70),
        ("UPDATE token:b SET used_at = 60".to_owned(), 70),
    ] {
        let sql = format!("RETURN ({write})[0].over_at");
        let found = db
            .query(&sql, vars! {})
            .await
            .expect("an answer")
            .take::<Option<i64>>(0)
            .expect("a number");
        assert_eq!(found, Some(over_at), "{write}");
    }
}
