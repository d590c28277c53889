//! Removing old rows where somebody has been at the store: what does not hold is not removed, what
//! was removed is missed where no checkpoint says so, and a batch is removed whole or not at all.

use super::*;
use crate::engine::audit::entry::entry;
use crate::engine::audit::keep_days::KeepDays;
use crate::engine::audit::pruning::turn;
use crate::engine::desk::Desk;
use crate::engine::desk_for_tests::{demo_desk_with, log_in_sam};
use crate::engine::origin::Origin;
use crate::engine::secret::Secret;
use crate::engine::settings::Settings;
use crate::store::chain::Chain;
use crate::store::error::Condition;
use crate::{Actor, AuditQuery, ChainPoint, Clock, PruneReport};

const DAY: i64 = 24 * 3600;

/// A desk with rows of today and of 40 days ago.
async fn old_desk() -> (Desk, Clock) {
    old_desk_with(None).await
}

async fn old_desk_with(audit_key: Option<Secret>) -> (Desk, Clock) {
    let (desk, clock) = demo_desk_with(None, |settings| settings.audit_key = audit_key).await;
    log_in_sam(&desk, 3).await;
    clock.advance(40 * DAY);
    log_in_sam(&desk, 3).await;
    (desk, clock)
}

fn month() -> KeepDays {
    KeepDays::new(30).expect("a month")
}

async fn pruned(desk: &Desk) -> PruneReport {
    desk.console().prune_audit(month(), false, false).await.expect("removed")
}

async fn tamper(desk: &Desk, sql: &str) {
    desk.inner.store.note(sql, vars! {}).await.expect("tampered");
}

async fn faults(desk: &Desk) -> String {
    desk.console().verify_audit().await.expect("a report").faults.join("\n")
}

async fn rows(desk: &Desk) -> Vec<StoredAudit> {
    desk.inner.store.chain_rows("main", 0, 1000).await.expect("rows")
}

#[tokio::test]
async fn whatever_is_done_to_what_was_removed_is_found() {
    let put_back = "CREATE audit CONTENT { uuid: '0', at: 0, actor: 'ada', subject: '', action: \
        'log-in', outcome: 'done', address: '',
        agent: '', detail: '', prev: '', hash: '', node: 'main', seq: 2 }";
    let further = "LET $next = (SELECT id, seq, hash FROM audit WHERE node = 'main' ORDER BY seq \
        LIMIT 1)[0]; LET $gone = $next.id; DELETE $gone;";
    for (tampering, expected) in [
        ("DELETE chain_start".to_owned(), "are missing"),
        (
            "UPDATE audit SET detail = 'rows 1 to 2' WHERE action = 'audit.prune'".to_owned(),
            "no checkpoint says so",
        ),
        (
            "UPDATE audit SET actor = 'ada' WHERE action = 'audit.prune'".to_owned(),
            "their checkpoint",
        ),
        ("DELETE audit WHERE action = 'audit.prune'".to_owned(), "no checkpoint says so"),
        ("UPDATE chain_start SET hash = 'x'".to_owned(), "no checkpoint says so"),
        ("UPDATE chain_start SET seq = 2".to_owned(), "are missing"),
        ("UPDATE chain_start SET marked = true".to_owned(), "no checkpoint says so"),
        (further.to_owned(), "is missing"),
        (
            format!("{further} UPDATE chain_start SET seq = $next.seq, hash = $next.hash"),
            "no checkpoint says so",
        ),
        (put_back.to_owned(), "was added: those up to row"),
        ("DELETE audit; UPDATE chain_start SET seq = 999".to_owned(), "was cut off"),
        ("DELETE audit; DELETE chain; DELETE chain_mark".to_owned(), "the chain is gone"),
    ] {
        let (desk, _) = old_desk().await;
        assert!(pruned(&desk).await.chains[0].rows >= 5);
        assert_eq!(faults(&desk).await, "");
        tamper(&desk, &tampering).await;
        let found = faults(&desk).await;
        assert!(found.contains(expected), "{tampering}: {found}");
        let again = desk.console().prune_audit(month(), true, false).await.expect("a report");
        assert!(again.chains.is_empty(), "{tampering}: nothing more is removed upon it: {again:?}");
    }
}

#[tokio::test]
async fn a_checkpoint_that_was_written_without_the_key_stands_for_nothing_where_there_is_one() {
    let key = Some(Secret::new("a key that is not in the store, of 44 letters".into()));
    let (desk, _) = old_desk_with(key).await;
    pruned(&desk).await;
    assert_eq!(faults(&desk).await, "");
    // Whoever can write to the store cuts off more, and has a chain of their own say that it was
    // removed.
    let start = desk.inner.store.chain_start("main").await.expect("the store").expect("a start");
    let next = rows(&desk).await.remove(0);
    let forged = ChainStart { seq: next.seq, hash: next.hash.clone(), ..start.clone() };
    let entry = entry(Actor::Desk, &forged.subject(), AuditAction::AuditPrune, &Origin::desk())
        .detailed(forged.detail());
    let ghost = Chain { node: "ghost".to_owned(), ..Chain::default() };
    let (end, row) = ghost.rows(&[entry], &[desk.now()], None);
    let forging = "UPDATE chain_start:main SET seq = $seq, hash = $hash; DELETE $gone; CREATE \
            type::record('audit', $row.uuid) CONTENT $row;
        CREATE chain:ghost SET seq = 1, hash = $end";
    let gone = RecordId::new("audit", next.uuid.as_str());
    let values = vars! {
        "seq" => forged.seq, "hash" => forged.hash, "gone" => gone, "row" => row[0].clone(),
        "end" => end.hash,
    };
    desk.inner.store.note(forging, values).await.expect("forged");
    let found = faults(&desk).await;
    assert!(found.contains("has no mark by the audit.key"), "{found}");
    assert!(
        pruned(&desk).await.faults[0].contains("has no mark by the audit.key"),
        "and nothing is removed upon it"
    );
}

#[tokio::test]
async fn what_does_not_hold_is_not_removed() {
    for (tampering, expected) in [
        ("UPDATE audit SET actor = 'nobody' WHERE seq = 3", "was changed"),
        ("DELETE audit WHERE seq = 3", "row 3 is missing"),
        ("DELETE audit WHERE seq = 1", "row 1 is missing"),
        ("UPDATE audit SET prev = 'x' WHERE seq = 3", "does not follow"),
    ] {
        let (desk, _) = old_desk().await;
        tamper(&desk, tampering).await;
        let (before, found) = (rows(&desk).await.len(), faults(&desk).await);
        let report = pruned(&desk).await;
        assert!(
            report.chains.is_empty() && report.faults[0].contains(expected),
            "{tampering}: {report:?}"
        );
        assert_eq!(
            (rows(&desk).await.len(), faults(&desk).await),
            (before, found),
            "{tampering}: it stays, to be found"
        );
    }
}

#[tokio::test]
async fn a_batch_goes_whole_with_its_checkpoint_or_not_at_all() {
    let (desk, _) = old_desk().await;
    let store = &desk.inner.store;
    let old = rows(&desk).await[..3].to_vec();
    let start = ChainStart {
        node: "main".to_owned(),
        first: 1,
        seq: 3,
        hash: old[2].hash.clone(),
        marked: false,
        from_at: old[0].at,
        to_at: old[2].at,
        at: desk.now().0,
    };
    let entry = || {
        entry(Actor::Desk, &start.subject(), AuditAction::AuditPrune, &Origin::desk())
            .detailed(start.detail())
    };
    let mut one_is_not_there = old.clone();
    one_is_not_there[1].uuid = "no such row".to_owned();
    let before = rows(&desk).await.len();
    for (was, rows_to_go) in [(7, &old), (0, &one_is_not_there)] {
        let change = remove(&start, was, rows_to_go).audited(entry());
        let refused = store.commit(change, desk.now()).await;
        assert!(matches!(refused, Err(StoreError::Condition(Condition::Stale))), "{refused:?}");
        assert_eq!(
            (rows(&desk).await.len(), store.chain_start("main").await.expect("the store")),
            (before, None)
        );
        assert_eq!(faults(&desk).await, "");
    }
    // What comes of a batch whose end is cut off is one or the other as well: it is one
    // transaction.
    store.commit(remove(&start, 0, &old).audited(entry()), desk.now()).await.expect("removed");
    assert_eq!((rows(&desk).await.len(), faults(&desk).await), (before - 2, String::new()));
}

#[tokio::test]
async fn one_node_at_a_time_removes_and_one_that_is_gone_loses_its_turn() {
    let (desk, clock) = old_desk().await;
    let take = async |node: &str| {
        let settings =
            Settings { node: node.to_owned(), clock: clock.clone(), ..Settings::default() };
        match desk.inner.store.commit(turn(&settings), clock.now()).await {
            Ok(()) => true,
            Err(StoreError::Condition(Condition::NotDue)) => false,
            Err(error) => panic!("{error}"),
        }
    };
    assert!(take("one").await && !take("other").await && take("one").await);
    clock.advance(900);
    assert!(take("other").await && !take("one").await);
    clock.advance(-10 * DAY);
    assert!(take("one").await, "a turn that was taken by a clock that was wrong");
}

#[tokio::test]
async fn an_end_that_was_noted_and_then_removed_is_not_missed() {
    let (desk, clock) = old_desk().await;
    desk.note_chain_ends().await;
    clock.advance(40 * DAY);
    desk.log_in("sam", &Secret::new("sam-netid-password".into()), &Origin::console())
        .await
        .expect("a session");
    pruned(&desk).await;
    let mark = desk.inner.store.chain_marks().await.expect("the store").remove(0);
    assert!(
        mark.seq
            <= desk.inner.store.chain_start("main").await.expect("the store").expect("a start").seq
    );
    let end = desk.inner.store.own_chain_end().await.expect("an end");
    assert_eq!(
        desk.inner.store.mark_chain(&end, desk.now()).await.ok(),
        Some(true),
        "it goes on from there"
    );
    assert_eq!(faults(&desk).await, "");
    // One that was noted otherwise still shows.
    let beyond = ChainPoint { seq: end.seq - 1, hash: "0a".repeat(32), ..end };
    tamper(&desk, &format!("UPDATE chain_mark SET seq = {}, hash = '{}'", beyond.seq, beyond.hash))
        .await;
    assert!(faults(&desk).await.contains("is not the one that was the chain's end"));
}

#[tokio::test]
async fn pages_go_on_below_a_row_that_was_removed_meanwhile() {
    let (desk, _) = old_desk().await;
    let third = rows(&desk).await[3].uuid.clone();
    pruned(&desk).await;
    let below = AuditQuery { before: third, ..AuditQuery::default() };
    let page = desk.console().audit(&below).await.expect("a page");
    assert_eq!((page.rows.len(), page.next), (0, None));
}

#[tokio::test]
async fn a_chain_that_a_checkpoint_names_and_that_is_gone_is_missed() {
    let (desk, _) = old_desk().await;
    pruned(&desk).await;
    assert_eq!(faults(&desk).await, "");
    let checkpoint = entry(Actor::Console, "node web", AuditAction::AuditPrune, &Origin::console());
    let change = Change::default().audited(checkpoint.detailed("rows 1 to 9".to_owned()));
    desk.inner.store.commit(change, desk.now()).await.expect("written");
    let faults = faults(&desk).await;
    assert!(faults.contains("node web: the chain is gone"), "{faults}");
}
