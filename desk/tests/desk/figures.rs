//! What the desk counts of itself.

use desk::{AuditAction, Figures, Outcome};

use super::support::{World, get, world};

/// How many rows there are of that.
fn rows(figures: &Figures, action: AuditAction, outcome: Outcome) -> u64 {
    let of = |row: &&(AuditAction, Outcome, u64)| (row.0, row.1) == (action, outcome);
    figures.audit.rows.iter().find(of).expect("each action").2
}

/// What was counted since.
async fn since(world: &World, before: &Figures, what: fn(&Figures) -> u64) -> u64 {
    world.desk.write_noted().await;
    what(&world.desk.figures()) - what(before)
}

#[tokio::test]
async fn verify_is_timed_each_time_and_found_in_memory_the_second_time() {
    let world = world().await;
    if world.desk.settings().store.starts_with("ws") {
        // It is not remembered before other nodes are heard of.
        return;
    }
    let (token, _) = world.token("tia", "counted").await;
    let before = world.desk.figures();
    for _ in 0..3 {
        world.verify(token.expose(), None, &get()).await;
    }
    world.verify("no token at all", None, &get()).await;
    let after = world.desk.figures();
    assert_eq!(after.verify.count() - before.verify.count(), 4);
    assert!(after.verify.sum > before.verify.sum);
    assert_eq!(after.cache.misses - before.cache.misses, 1, "what is malformed is not looked up");
    assert_eq!(after.cache.hits - before.cache.hits, 2);
    assert_eq!(after.cache.entries, before.cache.entries + 1);
    assert!(after.cache.bytes > before.cache.bytes && after.cache.bytes <= after.cache.capacity);
}

#[tokio::test]
async fn rows_of_the_audit_are_counted_by_action_and_outcome_and_the_chain_ends_with_them() {
    let world = world().await;
    let before = world.desk.figures();
    world.token("tia", "one").await;
    world.token("tia", "two").await;
    let after = world.desk.figures();
    let made = |figures: &Figures| rows(figures, AuditAction::TokenCreate, Outcome::Done);
    assert_eq!(made(&after) - made(&before), 2);
    assert_eq!(after.audit.done(AuditAction::TokenCreate), made(&after));
    let all = |figures: &Figures| figures.audit.rows.iter().map(|row| row.2).sum::<u64>();
    let grown = i64::try_from(all(&after) - all(&before)).unwrap();
    assert_eq!(after.audit.end - before.audit.end, grown);
    assert_eq!(after.audit.node, world.desk.settings().node);
    assert_eq!(after.store.waiting, 0);
}

#[tokio::test]
async fn questions_to_the_store_are_counted_and_it_takes_changes() {
    let world = world().await;
    let before = world.desk.figures();
    assert!(world.desk.ready().await);
    let queries = since(&world, &before, |figures| figures.store.queries.count()).await;
    assert!(queries > 0, "{queries}");
    let store = world.desk.figures().store;
    assert!(store.takes_changes && !store.nearly_full);
    assert_eq!((store.failed, store.silent, store.reopenings), (0, 0, 0));
    assert!(store.seconds_since_answer < 60.0, "{}", store.seconds_since_answer);
}

#[tokio::test]
async fn a_look_at_the_audit_is_remembered_with_what_it_found() {
    let world = world().await;
    world.token("tia", "one").await;
    // Later than whatever runs by itself has looked at it.
    world.desk.settings().clock.advance(60);
    world.desk.console().verify_audit().await.unwrap();
    let checked = world.desk.figures().audit.checked.unwrap();
    assert!(checked.held);
    assert_eq!(checked.at, world.desk.now());
}

#[tokio::test]
async fn passwords_are_hashed_on_threads_that_are_counted() {
    let world = world().await;
    let before = world.desk.figures().passwords;
    assert!(before.threads > 0);
    assert_eq!((before.running, before.waiting), (0, 0));
    assert_eq!((before.refused_known, before.refused_strangers), (0, 0));
    let log_ins = |figures: &Figures| rows(figures, AuditAction::LogIn, Outcome::Done);
    let earlier = log_ins(&world.desk.figures());
    world.cookie("tia").await;
    assert_eq!(log_ins(&world.desk.figures()), earlier + 1);
}
