//! The audit as it happens, as its target sees it: each row at least once and in its chain's order,
//! whatever comes between.

use desk::{AuditRow, AuditStream, Desk, KeepDays, Settings};

use super::support::{StoreFolder, origin, reopen, secret, world, world_with};

const DAY: i64 = 24 * 3600;

/// Everything that a new target of this name has when it begins with the oldest row.
async fn whole(desk: &Desk, name: &str) -> Vec<AuditRow> {
    desk.audit_stream(name, true).next(100_000).await.unwrap().rows
}

fn numbers(rows: &[AuditRow]) -> Vec<i64> {
    rows.iter().map(|row| row.link.seq).collect()
}

/// Takes the next rows, so many at a time, until there are none.
async fn taken(stream: &AuditStream, limit: usize) -> Vec<AuditRow> {
    let mut all = Vec::new();
    loop {
        let part = stream.next(limit).await.unwrap();
        assert!(part.rows.len() <= limit && part.missing == 0, "{}", part.rows.len());
        if part.rows.is_empty() {
            assert_eq!(part.behind, 0);
            return all;
        }
        stream.sent(&part).await.unwrap();
        all.extend(part.rows);
    }
}

#[tokio::test]
async fn a_new_target_begins_now_or_at_the_start_and_has_each_row_in_its_order() {
    let world = world().await;
    let (now, start) = (world.audit_stream("now", false), world.audit_stream("start", true));
    assert_eq!(taken(&now, 10).await, Vec::new());
    let before = taken(&start, 3).await;
    assert_eq!(numbers(&before), (1..).take(before.len()).collect::<Vec<_>>());
    world.token("tia", "one").await;
    world.token("tia", "another").await;
    let (of_now, of_start) = (taken(&now, 1).await, taken(&start, 500).await);
    assert_eq!(of_now, of_start);
    assert_eq!([before, of_start].concat(), whole(&world, "a third").await);
    assert!(of_now.iter().any(|row| row.action.code() == "token.create"));
}

#[tokio::test]
async fn what_was_not_noted_as_sent_comes_again_and_what_was_does_not() {
    let world = world().await;
    let stream = world.audit_stream("a target", false);
    stream.next(10).await.unwrap();
    world.token("tia", "one").await;
    let first = stream.next(2).await.unwrap();
    let again = stream.next(2).await.unwrap();
    assert_eq!((first.rows.len(), &first.rows), (2, &again.rows));
    assert!(first.behind >= 2);
    stream.sent(&first).await.unwrap();
    let next = stream.next(2).await.unwrap();
    assert_eq!(next.behind, first.behind - 2);
    assert_ne!(next.rows, first.rows);
    // Another target is where it is itself.
    assert_eq!(world.audit_stream("another", false).next(10).await.unwrap().rows, Vec::new());
}

#[tokio::test]
async fn a_restart_goes_on_where_it_was() {
    let folder = StoreFolder::from(tempfile::tempdir().unwrap());
    let settings = Settings {
        store: format!("rocksdb://{}", folder.path().join("store").display()),
        demo: true,
        hash_memory_kib: 64,
        hash_passes: 1,
        ..Settings::default()
    };
    let desk = Desk::open(settings.clone()).await.unwrap();
    desk.console().load_demo().await.unwrap();
    let stream = desk.audit_stream("a target", true);
    let part = stream.next(2).await.unwrap();
    stream.sent(&part).await.unwrap();
    let not_noted = stream.next(2).await.unwrap();
    assert_eq!(numbers(&not_noted.rows), [3, 4]);
    desk.close().await;
    drop((stream, desk));
    let desk = reopen(settings).await;
    assert_eq!(desk.audit_stream("a target", false).next(2).await.unwrap().rows, not_noted.rows);
    desk.close().await;
}

/// Of nodes that share a store, where the tests run on a server.
#[tokio::test]
async fn of_several_nodes_one_sends_and_another_goes_on_when_it_is_gone() {
    let world = world().await;
    if !world.settings.store.starts_with("ws") {
        return;
    }
    let beside = world.beside().await;
    let (here, there) = (world.audit_stream("it", false), beside.audit_stream("it", false));
    here.next(10).await.unwrap();
    world.token("tia", "one").await;
    let part = here.next(1).await.unwrap();
    assert_eq!(part.rows.len(), 1);
    let waiting = there.next(10).await.unwrap();
    assert_eq!((waiting.rows.len(), waiting.behind), (0, part.behind), "it knows how far it is");
    // It is gone before it could say that they were sent.
    world.clock.advance(181);
    let taken_over = there.next(1).await.unwrap();
    assert_eq!(taken_over.rows, part.rows);
    there.sent(&taken_over).await.unwrap();
    // Whoever was late takes nothing back, and sends nothing.
    here.sent(&part).await.unwrap();
    assert_eq!(here.next(1).await.unwrap().rows, Vec::new());
    assert_eq!(there.next(1).await.unwrap().behind, part.behind - 1);
    // What the other node writes is a chain of its own, and is streamed whole.
    beside.log_in("tia", &secret("tia-netid-password"), &origin()).await.unwrap();
    let rows = taken(&there, 100).await;
    assert!(rows.iter().any(|row| row.link.node == "beside" && row.link.seq == 1), "{rows:?}");
}

#[tokio::test]
async fn rows_that_the_target_lacks_are_kept_however_old() {
    let world = world_with(|settings| {
        settings.audit_keep = KeepDays::new(30).ok();
        settings.audit_stream = Some("a target".to_owned());
    })
    .await;
    world.token("tia", "an old one").await;
    let stream = world.audit_stream("a target", true);
    let part = stream.next(3).await.unwrap();
    stream.sent(&part).await.unwrap();
    world.clock.advance(31 * DAY);
    let report = world.remove_old_audit_rows().await.unwrap();
    assert_eq!(report.chains.iter().map(|chain| chain.rows).sum::<u64>(), 3);
    assert_eq!((report.faults, report.waiting), (Vec::new(), vec!["main".to_owned()]));
    let rest = taken(&stream, 2).await;
    assert_eq!(rest.first().map(|row| row.link.seq), Some(4));
    let report = world.remove_old_audit_rows().await.unwrap();
    assert!(report.chains[0].rows > 3 && report.waiting.is_empty(), "{report:?}");
    assert_eq!(world.console().verify_audit().await.unwrap().faults, Vec::<String>::new());
}

#[tokio::test]
async fn what_was_gone_before_it_was_sent_is_counted() {
    let world = world_with(|settings| settings.audit_keep = KeepDays::new(30).ok()).await;
    world.token("tia", "an old one").await;
    let stream = world.audit_stream("a target", true);
    let part = stream.next(3).await.unwrap();
    stream.sent(&part).await.unwrap();
    world.clock.advance(31 * DAY);
    // This node does not know of the stream.
    let report = world.remove_old_audit_rows().await.unwrap();
    let removed = report.chains[0].rows;
    assert!(removed > 3);
    let part = stream.next(100).await.unwrap();
    assert_eq!((part.missing, part.set_back.len()), (removed - 3, 0));
    assert_eq!(part.behind, part.missing + part.rows.len() as u64);
    stream.sent(&part).await.unwrap();
    assert_eq!(taken(&stream, 100).await, Vec::new());
}
