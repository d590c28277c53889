//! What became of a commit: found, shut out, failed, too late; and how long it may take.

use std::sync::Arc;

use super::*;
use crate::engine::settings::Settings;
use crate::engine::verify::cache::Cache;
use crate::store::change::AuditEntry;

const NOW: Moment = Moment(1_000);

async fn store() -> Store {
    Store::open(&Settings::default(), Arc::new(Cache::new(1, false))).await.expect("in memory")
}

/// A change with one row, which leaves a mark.
fn marked(mark: &str) -> Change {
    Change::new(
        "UPSERT type::record('meta', $mark) SET at = 1",
        vars! { "mark" => mark.to_owned() },
    )
    .audited(AuditEntry::sample())
}

async fn is_marked(store: &Store, mark: &str) -> bool {
    let sql = "SELECT VALUE at FROM type::record('meta', $mark)";
    store.row::<i64>(sql, vars! { "mark" => mark.to_owned() }).await.expect("in memory").is_some()
}

/// Sends it as a try of `commit` does, for this end of the chain; answers its receipt too.
async fn send(store: &Store, chain: &Chain, mark: &str) -> (Result<(), StoreError>, String) {
    let change = marked(mark);
    let (end, rows) = chain.rows(change.audit(), &[NOW], None);
    let receipt = rows[0].uuid.clone();
    let deadline = Instant::now() + STORE_TIMEOUT;
    let too_late = store.by_its_clock(deadline).await.expect("in memory");
    match store.send(&change, chain, &end, rows, deadline, too_late).await {
        Sent::Answered(answer) => (answer, receipt),
        Sent::Lost(error) => panic!("{error}"),
    }
}

fn soon() -> Instant {
    Instant::now() + LOOK_UP_TIMEOUT
}

#[tokio::test]
async fn what_landed_is_found_and_what_did_not_is_shut_out() {
    let store = store().await;
    let before = store.chain_end("main", soon()).await.expect("in memory");
    let found = store.shut_out("main", "no such row", soon()).await.expect("on an empty chain too");
    assert!(!found.landed);
    let (late, _) = send(&store, &before, "late").await;
    assert!(matches!(late, Err(StoreError::Condition(Condition::ChainMoved))), "{late:?}");
    assert!(!is_marked(&store, "late").await, "its asker was told that it was not done");
    let now = Chain::of("main", found.chain);
    let (answer, receipt) = send(&store, &now, "in time").await;
    answer.expect("nothing in its way");
    let found = store.shut_out("main", &receipt, soon()).await.expect("in memory");
    assert!(found.landed && is_marked(&store, "in time").await);
    assert_eq!(found.chain.expect("it has begun").seq, 1);
    store.commit(marked("the next"), NOW).await.expect("goes on behind the fence");
    assert!(is_marked(&store, "the next").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_commit_on_its_way_either_is_found_or_never_lands() {
    let store = store().await;
    let (mut landed, mut shut_out) = (0, 0);
    for round in 0..400 {
        let chain = store.chain_end("main", soon()).await.expect("in memory");
        let mark = format!("m{round}");
        let change = marked(&mark);
        let (end, rows) = chain.rows(change.audit(), &[NOW], None);
        let receipt = rows[0].uuid.clone();
        let sending = {
            let (store, chain) = (store.clone(), chain.clone());
            tokio::spawn(
                async move { store.send(&change, &chain, &end, rows, soon(), i64::MAX).await },
            )
        };
        for _ in 0..round % 20 {
            tokio::task::yield_now().await;
        }
        let mut turn = ChainLock::take(&store).await;
        let found = store.landed(&mut turn, &receipt, None, soon()).await.expect("in memory");
        drop(turn);
        let there = is_marked(&store, &mark).await;
        sending.await.expect("answered");
        assert_eq!((found, found), (there, is_marked(&store, &mark).await), "round {round}");
        if found { landed += 1 } else { shut_out += 1 }
    }
    assert!(landed > 0 && shut_out > 0, "both orders: {landed} landed, {shut_out} were shut out");
}

#[tokio::test]
async fn a_store_whose_clock_is_minutes_off_works_and_what_is_too_late_does_not_land() {
    let store = store().await;
    for minutes in [-10, 10] {
        store.set_its_clock_off(minutes * 60_000);
        let mark = format!("off by {minutes}");
        store.commit(marked(&mark), NOW).await.expect("read again");
        assert!(is_marked(&store, &mark).await);
    }
    let chain = store.chain_end("main", soon()).await.expect("in memory");
    let change = marked("too late");
    let (end, rows) = chain.rows(change.audit(), &[NOW], None);
    let sent = store.send(&change, &chain, &end, rows, soon(), 1).await;
    assert!(matches!(sent, Sent::Answered(Err(StoreError::Condition(Condition::TooLate)))));
    assert!(!is_marked(&store, "too late").await);
}

#[tokio::test]
async fn what_failed_is_looked_up_and_was_not_done_where_it_is_not_there() {
    let store = store().await;
    let broken = marked("broken").and("THROW 'no word of ours'", vars! {});
    let outcome = store.commit(broken, NOW).await;
    assert!(matches!(outcome, Err(StoreError::Failed(_))), "{outcome:?}");
    assert!(!is_marked(&store, "broken").await && !store.is_failing());
    let chain = store.chain_end("main", soon()).await.expect("in memory");
    assert_eq!((chain.seq, chain.fence), (0, 1), "it was shut out");
    store.commit(marked("the next"), NOW).await.expect("goes on behind the fence");
}

#[test]
fn an_import_has_time_for_each_person_and_nothing_else_has_so_much() {
    let rows = |change: Change, rows: usize| {
        (0..rows).fold(change, |change, _| change.audited(AuditEntry::sample()))
    };
    let import = crate::store::import::import(Vec::new(), NOW);
    assert_eq!(time_for(&rows(import.clone(), 3000)), STORE_TIMEOUT + Duration::from_secs(750));
    assert_eq!(
        time_for(&rows(Change::default().with(import), 1)),
        STORE_TIMEOUT + Duration::from_millis(250)
    );
    // A whole group is answered before a request is given up.
    let group = time_for(&rows(Change::default(), 64));
    assert!(group < STORE_TIMEOUT + Duration::from_secs(1), "{group:?}");
}

#[tokio::test]
async fn to_a_store_that_has_failed_nothing_is_sent() {
    let store = store().await;
    store.set_failing();
    for change in [marked("audited"), Change::new("UPSERT meta:plain SET at = 1", vars! {})] {
        let outcome = store.commit(change, NOW).await;
        assert!(matches!(outcome, Err(StoreError::Silent)), "{outcome:?}");
    }
    assert!(store.takes_changes(NOW).await);
    assert!(!is_marked(&store, "audited").await && !is_marked(&store, "plain").await);
    store.commit(marked("audited"), NOW).await.expect("it was tried");
}

#[tokio::test]
async fn what_has_no_audit_row_waits_for_no_chain_and_keeps_its_conditions() {
    let store = store().await;
    let turn = store.chain.clone().lock_owned().await;
    let free = Change::new("UPSERT meta:free SET at = 1", vars! {});
    store.commit(free.clone(), NOW).await.expect("without the chain");
    let refused = store.commit(free.and("THROW 'not-due'", vars! {}), NOW).await;
    assert!(matches!(refused, Err(StoreError::Condition(Condition::NotDue))), "{refused:?}");
    drop(turn);
    assert!(is_marked(&store, "free").await);
}
