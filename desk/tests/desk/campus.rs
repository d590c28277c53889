//! A campus that nobody lives on: the same each time, found, counted and audited as one whose
//! people came one by one.

use desk::{
    AuditQuery, Campus, DEMO, Desk, Loaded, Moment, OpenError, SeedError, Settings, Verdict, right,
};

use super::support::{World, empty_world_with, get, origin, reopen, secret, world};

const NOW: Moment = Moment(1_795_511_101_234);

fn campus(people: u32) -> Campus {
    Campus { people, audit_rows: 300, seed: 7, now: NOW }
}

async fn seeded(people: u32) -> (World, Loaded) {
    let world = empty_world_with(|_| {}).await;
    let loaded = world.console().load_campus(&campus(people), |_| ()).await.unwrap();
    (world, loaded)
}

/// All that an operator can list: people with their counts, their tokens, and the rows of the
/// audit that are the campus's.
async fn contents(desk: &Desk) -> String {
    let people = desk.console().list_users("", 1000).await.unwrap();
    let mut tokens = Vec::new();
    for person in &people {
        let query = desk::TokenQuery {
            owner: Some(desk::NetId::parse(&person.netid).unwrap()),
            ..desk::TokenQuery::default()
        };
        tokens.extend(desk.console().find_tokens(&query, "").await.unwrap().tokens);
    }
    let mut rows = Vec::new();
    let mut query = AuditQuery { to: "2026-11-23".to_owned(), ..AuditQuery::default() };
    loop {
        let page = desk.console().audit(&query).await.unwrap();
        rows.extend(page.rows.into_iter().filter(|row| row.link.node == "campus"));
        match page.next {
            Some(next) => query.before = next,
            None => return format!("{people:?}\n{tokens:?}\n{rows:?}"),
        }
    }
}

#[tokio::test]
async fn the_same_seed_makes_the_same_campus() {
    let ((one, loaded), (other, again)) = (seeded(60).await, seeded(60).await);
    assert_eq!(loaded, again);
    assert_eq!((loaded.people, loaded.audit_rows), (60, 300));
    assert!((150..600).contains(&loaded.tokens), "{loaded:?}");
    let (one, other) = (contents(&one).await, contents(&other).await);
    assert_eq!(one, other);
    assert!(one.contains("LogIn") && one.contains("UserCreate"));
    let another = empty_world_with(|_| {}).await;
    let campus = Campus { seed: 8, ..campus(60) };
    another.console().load_campus(&campus, |_| ()).await.unwrap();
    assert_ne!(contents(&another).await, one);
}

#[tokio::test]
async fn who_was_loaded_is_found_verified_counted_and_audited() {
    let (world, loaded) = seeded(250).await;
    let permit = world.permit::<right::FindUsers>("ada", None).await.unwrap();
    let all = world.console().list_users("", 1000).await.unwrap();
    assert_eq!(all.len() as u64, loaded.people + DEMO.len() as u64);
    for person in all.iter().step_by(9) {
        for query in [&person.netid, &person.email, &person.name] {
            let found = world.find_users(&permit, query).await.unwrap();
            assert!(found.iter().any(|row| row.netid == person.netid), "{query}: {person:?}");
        }
    }
    for query in ["smith", "ana", "garcia", "o'brien", "muller"] {
        assert!(!world.find_users(&permit, query).await.unwrap().is_empty(), "{query}");
    }
    assert!(all.iter().any(|row| row.disabled) && all.iter().any(|row| !row.name.is_ascii()));
    let most = all.iter().filter_map(|row| row.tokens).max().unwrap();
    assert!(most > 12, "a long tail: {most}");
    let tokens = campus(250).working_tokens(40);
    assert_eq!(tokens.len(), 40);
    for token in &tokens {
        let verdict = world.verify(token.expose(), None, &get()).await;
        assert!(matches!(verdict, Verdict::Good(_)), "{verdict:?}");
    }
    let report = world.console().verify_audit().await.unwrap();
    assert_eq!(report.faults, Vec::<String>::new());
    let refused = AuditQuery {
        action: "log-in".to_owned(),
        outcome: "refused".to_owned(),
        ..AuditQuery::default()
    };
    assert!(!world.console().audit(&refused).await.unwrap().rows.is_empty());
    // The demo's accounts are there to look at it with.
    world.log_in("ada", &secret("ada-netid-password"), &origin()).await.unwrap();
}

#[tokio::test]
async fn a_campus_is_made_in_an_empty_store_alone() {
    let world = world().await;
    let refused = world.console().load_campus(&campus(5), |_| ()).await.unwrap_err();
    assert!(matches!(refused, SeedError::NotEmpty), "{refused}");
}

#[tokio::test]
async fn its_store_is_a_demos_and_is_opened_for_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        store: format!("rocksdb://{}", folder.path().join("store").display()),
        demo: true,
        hash_memory_kib: 64,
        hash_passes: 1,
        ..Settings::default()
    };
    let desk = Desk::open(settings.clone()).await.unwrap();
    let mut progress = Vec::new();
    desk.console().load_campus(&campus(450), |people| progress.push(people)).await.unwrap();
    assert!(progress.is_sorted() && progress.last() == Some(&450), "{progress:?}");
    desk.close().await;
    drop(desk);
    let desk = reopen(settings.clone()).await;
    // As `serve --demo` does.
    desk.console().load_demo().await.unwrap();
    assert_eq!(desk.console().list_users("", 1000).await.unwrap().len(), 450 + DEMO.len());
    desk.close().await;
    drop(desk);
    let real = Settings { demo: false, ..settings };
    let refused = super::support::try_reopen(real).await.unwrap_err();
    assert!(matches!(refused, OpenError::Demo(_)), "{refused}");
}
