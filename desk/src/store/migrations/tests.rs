//! What a store of an earlier schema becomes.

use super::*;
use crate::store::rows::{User, UserRecord};

/// A store as the schema with this number left it.
async fn store_of(version: usize) -> Database {
    let db = Database::connect("mem://", 0).await.expect("a store in memory");
    run(
        &db,
        "DEFINE NAMESPACE IF NOT EXISTS latchkey; USE NS latchkey; DEFINE DATABASE IF NOT EXISTS \
            latchkey",
    )
    .await;
    db.choose("latchkey", "latchkey").await.expect("a database");
    for migration in &MIGRATIONS[..version] {
        run(&db, migration.sql).await;
    }
    run(
        &db,
        &format!(
            "DEFINE TABLE IF NOT EXISTS meta SCHEMALESS; UPSERT meta:schema SET version = {version}"
        ),
    )
    .await;
    db
}

async fn run(db: &Database, sql: &str) {
    db.query(sql, vars! {})
        .await
        .and_then(surrealdb::IndexedResults::check)
        .expect("what the store takes");
}

#[tokio::test]
async fn departures_are_kept_under_their_new_names() {
    let db = store_of(5).await;
    let person = "name: 'Pia', email: '', role: 'staff', privileged: false, disabled: true, \
        source: 'ldap', created: 0, terms: []";
    run(
        &db,
        &format!(
            "CREATE user:pia CONTENT {{ {person}, left_at: 7, left_by: ['ldap', 'scim'], \
            spared: false }}"
        ),
    )
    .await;
    run(&db, &format!("CREATE user:otto CONTENT {{ {person}, spared: true }}")).await;
    run(&db, &format!("CREATE user:nora CONTENT {{ {person} }}")).await;
    apply(&db).await.expect("the present schema");
    // Nothing of the old fields is in the way of the next change.
    run(&db, "UPDATE user SET name = 'Renamed'").await;
    let rows: Vec<UserRecord> = db
        .query("SELECT * FROM user ORDER BY id", vars! {})
        .await
        .and_then(|mut response| response.take(0))
        .expect("people");
    let people: Vec<User> =
        rows.into_iter().map(|row| User::try_from(row).expect("a person")).collect();
    let departures: Vec<_> = people
        .into_iter()
        .map(|user| {
            (
                user.person.netid.to_string(),
                user.departed_at,
                user.departed_by,
                user.revocation_pending,
            )
        })
        .collect();
    let both = vec!["ldap".to_owned(), "scim".to_owned()];
    let expected = [
        ("nora", None, vec![], false),
        ("otto", None, vec![], true),
        ("pia", Some(7), both, false),
    ];
    assert_eq!(
        departures,
        expected.map(|(netid, at, by, pending)| (netid.to_owned(), at, by, pending))
    );
    let old: Vec<Option<i64>> = db
        .query("SELECT VALUE left_at FROM user", vars! {})
        .await
        .and_then(|mut response| response.take(0))
        .expect("nothing");
    assert!(old.iter().all(Option::is_none));
    let info: Option<String> = db
        .query("RETURN <string> (INFO FOR TABLE user).fields", vars! {})
        .await
        .and_then(|mut response| response.take(0))
        .expect("the fields");
    let info = info.unwrap_or_default();
    assert!(["left_at", "left_by", "spared"].iter().all(|field| !info.contains(field)), "{info}");
}
