//! The audit has an end: old rows go, a checkpoint stands for them, and what is left, copies and
//! points verify as before.

use desk::{
    AuditAction, AuditQuery, AuditRow, ChainPoint, CopyCheck, Desk, Event, KeepDays, PruneReport,
    Settings, right,
};

use super::support::{World, origin, reopen, secret, world_with};

const DAY: i64 = 24 * 3600;

fn month() -> KeepDays {
    KeepDays::new(30).unwrap()
}

/// With rows of a month ago and of today.
async fn aged_world() -> World {
    let world = world_with(|settings| settings.audit_keep = Some(month())).await;
    world.token("tia", "an old one").await;
    world.clock.advance(31 * DAY);
    world.token("tia", "a new one").await;
    world
}

async fn removed(desk: &Desk) -> u64 {
    let report: PruneReport = desk.remove_old_audit_rows().await.unwrap();
    assert_eq!(report.faults, Vec::<String>::new());
    report.chains.iter().map(|chain| chain.rows).sum()
}

/// All rows, the newest first.
async fn all_rows(desk: &Desk) -> Vec<AuditRow> {
    let (mut rows, mut query) = (Vec::new(), AuditQuery::default());
    loop {
        let page = desk.console().audit(&query).await.unwrap();
        rows.extend(page.rows);
        match page.next {
            Some(next) => query.before = next,
            None => return rows,
        }
    }
}

async fn faults(desk: &Desk) -> Vec<String> {
    desk.console().verify_audit().await.unwrap().faults
}

#[tokio::test]
async fn what_is_older_than_it_is_kept_goes_and_the_rest_verifies() {
    let world = aged_world().await;
    let before = all_rows(&world).await;
    let many = removed(&world).await;
    let after = all_rows(&world).await;
    assert!(
        many > 5 && after.len() as u64 == before.len() as u64 - many + 1,
        "{many} of {}",
        before.len()
    );
    assert!(after.iter().all(|row| row.at > world.now().plus_days(-31)));
    let checkpoint = after.iter().find(|row| row.action.is(AuditAction::AuditPrune)).unwrap();
    assert_eq!(
        (checkpoint.actor.to_string().as_str(), checkpoint.subject.as_str()),
        ("(desk)", "node main")
    );
    let hash =
        &before.iter().find(|row| u64::try_from(row.link.seq) == Ok(many)).unwrap().link.hash;
    assert!(
        checkpoint.detail.starts_with(&format!("rows 1 to {many}, written ")),
        "{}",
        checkpoint.detail
    );
    assert!(
        checkpoint.detail.ends_with(&format!("the last with the hash {hash}")),
        "{}",
        checkpoint.detail
    );
    let report = world.console().verify_audit().await.unwrap();
    assert_eq!(report.faults, Vec::<String>::new());
    assert!(
        report.notes[0].contains(&format!("the rows up to row {many} were removed")),
        "{:?}",
        report.notes
    );
    assert_eq!(removed(&world).await, 0, "once a day");
    world.token("tia", "one more").await;
    assert_eq!(faults(&world).await, Vec::<String>::new());
    // The checkpoint goes in its time too, and the next one stands for all.
    world.clock.advance(31 * DAY);
    assert!(removed(&world).await > 0);
    assert_eq!(all_rows(&world).await.len(), 1, "the new checkpoint");
    assert_eq!(faults(&world).await, Vec::<String>::new());
}

#[tokio::test]
async fn nothing_goes_before_its_time_and_nothing_at_all_where_the_audit_is_kept() {
    let world = world_with(|settings| settings.audit_keep = Some(month())).await;
    world.token("tia", "one").await;
    world.clock.advance(30 * DAY);
    assert_eq!(removed(&world).await, 0);
    world.clock.advance(DAY);
    assert!(removed(&world).await > 0);
    let kept = super::support::world_with(|_| {}).await;
    kept.clock.advance(10_000 * DAY);
    assert_eq!(removed(&kept).await, 0);
}

#[tokio::test]
async fn very_many_go_in_batches_each_with_its_checkpoint() {
    let world = world_with(|settings| settings.audit_keep = Some(month())).await;
    for n in 0..230 {
        world.console().add_client(&format!("client{n}")).await.unwrap();
    }
    world.clock.advance(31 * DAY);
    assert!(removed(&world).await > 230);
    let rows = all_rows(&world).await;
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(rows.iter().all(|row| row.action.is(AuditAction::AuditPrune)));
    assert!(
        rows[1].detail.starts_with("rows 1 to 200, ") && rows[0].detail.starts_with("rows 201 to ")
    );
    assert_eq!(faults(&world).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_operator_removes_by_hand_and_looks_first() {
    assert!(KeepDays::new(29).is_err() && KeepDays::new(0).is_err());
    let world = aged_world().await;
    let before = all_rows(&world).await.len();
    let dry = world.console().prune_audit(month(), true, false).await.unwrap();
    assert_eq!((all_rows(&world).await.len(), dry.chains.len()), (before, 1));
    let done = world.console().prune_audit(month(), false, false).await.unwrap();
    assert_eq!(done, dry);
    let rows = all_rows(&world).await;
    assert_eq!(rows[0].actor, desk::Actor::Console);
    assert!(rows[0].action.is(AuditAction::AuditPrune));
    assert_eq!(faults(&world).await, Vec::<String>::new());
}

#[tokio::test]
async fn copies_and_points_of_what_was_removed_are_held_against_the_checkpoint() {
    let world = aged_world().await;
    let copy = all_rows(&world).await;
    let point = |seq: u64| {
        let link = &copy.iter().find(|row| u64::try_from(row.link.seq) == Ok(seq)).unwrap().link;
        ChainPoint { node: link.node.clone(), seq: link.seq, hash: link.hash.clone() }
    };
    let many = removed(&world).await;
    let check = async |copy: &[AuditRow]| {
        let (mut so_far, mut faults) = (CopyCheck::default(), Vec::new());
        for rows in copy.chunks(3) {
            faults.extend(world.console().compare_audit(rows, &mut so_far).await.unwrap());
        }
        (faults, so_far.notes())
    };
    let (faults, notes) = check(&copy).await;
    assert_eq!(faults, Vec::<String>::new());
    assert!(
        notes.len() == 1
            && notes[0].starts_with(&format!("{many} of them"))
            && notes[0].contains("as they were"),
        "{notes:?}"
    );
    let mut changed = copy.clone();
    changed.last_mut().unwrap().detail.push('!');
    let (faults, _) = check(&changed).await;
    assert!(faults.len() == 1 && faults[0].contains("the copy was changed"), "{faults:?}");
    let expect = async |point: &ChainPoint| world.console().expect_audit(point).await.unwrap();
    let last = expect(&point(many)).await;
    assert!(last.fault.is_none() && last.note.unwrap().contains("with the hash that was expected"));
    let wrong = ChainPoint { hash: "0a".repeat(32), ..point(many) };
    assert!(expect(&wrong).await.fault.unwrap().contains("not the expected"));
    assert!(expect(&point(many - 1)).await.note.unwrap().contains("cannot be held"));
    assert_eq!(expect(&point(many + 1)).await, desk::PointCheck::default());
}

#[tokio::test]
async fn the_last_page_says_that_older_rows_were_removed() {
    let world = aged_world().await;
    let ada = world.person("ada").await;
    let permit = world.admit::<right::ReadAudit>(&ada, None, &origin()).await.unwrap();
    let shown = async |query: AuditQuery| world.audit_shown(&permit, &query).await.unwrap().rows;
    let says = |rows: &[AuditRow]| {
        rows.last().is_some_and(|row| row.id.is_empty() && row.detail.starts_with("Up to "))
    };
    assert!(!says(&shown(AuditQuery::default()).await), "nothing was");
    removed(&world).await;
    let rows = shown(AuditQuery::default()).await;
    let last = rows.last().unwrap();
    assert!(
        says(&rows) && last.at == world.now() && last.action.is(AuditAction::AuditPrune),
        "{last:?}"
    );
    assert_eq!(last.detail, format!("Up to {}", world.now().plus_days(-31).day()));
    let filtered =
        AuditQuery { subject: "tia".into(), action: "log-in".into(), ..AuditQuery::default() };
    assert!(says(&shown(filtered).await), "some may have been among them");
    let since = AuditQuery { from: world.now().plus_days(-2).date(), ..AuditQuery::default() };
    assert!(!says(&shown(since).await), "none of them was");
    for _ in 0..60 {
        world.cookie("tia").await;
    }
    assert!(!says(&shown(AuditQuery::default()).await), "that page is not the last");
    let tia = world.person("tia").await;
    let first = world.own_activity(&tia, "").await.unwrap();
    assert!(!says(&first.rows));
    assert!(
        says(&world.own_activity(&tia, &first.next.unwrap()).await.unwrap().rows),
        "Activity says so too"
    );
    // Neither a file nor the command line has a row that is none.
    assert!(all_rows(&world).await.iter().all(|row| !row.id.is_empty()));
    assert!(
        world
            .audit(&permit, &AuditQuery::default())
            .await
            .unwrap()
            .rows
            .iter()
            .all(|row| !row.id.is_empty())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_removed_written_and_checked_at_the_same_time() {
    let world = world_with(|settings| settings.audit_keep = Some(month())).await;
    for n in 0..450 {
        world.console().add_client(&format!("client{n}")).await.unwrap();
    }
    world.clock.advance(31 * DAY);
    let beside = world.beside().await;
    let (one, other) = (world.desk.clone(), beside.clone());
    let removing = tokio::spawn(async move { one.remove_old_audit_rows().await });
    let by_hand =
        tokio::spawn(async move { other.console().prune_audit(month(), false, false).await });
    let writer = world.desk.clone();
    let writing = tokio::spawn(async move {
        for n in 0..50 {
            writer.console().add_client(&format!("late{n}")).await.unwrap();
        }
    });
    while !(removing.is_finished() && by_hand.is_finished() && writing.is_finished()) {
        assert_eq!(faults(&beside).await, Vec::<String>::new());
    }
    writing.await.unwrap();
    let rows = |report: PruneReport| report.chains.iter().map(|chain| chain.rows).sum::<u64>();
    let both = rows(removing.await.unwrap().unwrap()) + rows(by_hand.await.unwrap().unwrap());
    let rest = rows(world.console().prune_audit(month(), false, false).await.unwrap());
    assert!(both + rest > 450, "{both}, {rest}");
    assert_eq!(faults(&world).await, Vec::<String>::new());
    assert!(all_rows(&world).await.iter().all(|row| row.at > world.now().plus_days(-31)));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_go_are_no_news() {
    let world = aged_world().await;
    if world.settings.store.starts_with("ws") {
        return; // There what the feed may have missed is told once more.
    }
    let mut changes = world.changes();
    // All that was before it has been told by then.
    world.cookie("sam").await;
    while changes.recv().await.unwrap() != Event::History("sam".to_owned()) {}
    assert!(removed(&world).await > 5);
    world.cookie("rae").await;
    loop {
        match changes.recv().await.unwrap() {
            Event::History(netid) if netid == "rae" => break,
            Event::History(netid) | Event::Account(netid) => {
                assert_eq!(netid, "node main", "of the checkpoint");
            }
            Event::Tokens(_) | Event::Look { .. } | Event::Everything => {}
        }
    }
}

/// A store in a folder, whatever the tests run on: it is opened again by another node, or with a
/// key.
async fn in_a_folder() -> World {
    world_with(|settings| {
        settings.audit_keep = Some(month());
        let folder = tempfile::tempdir().unwrap().keep();
        settings.store = format!("rocksdb://{}", folder.join("store").display());
    })
    .await
}

/// The same store, opened by another.
async fn opened_by(world: World, adjust: impl FnOnce(&mut Settings)) -> World {
    let World { desk, clock, mut settings, folder } = world;
    desk.close().await;
    drop(desk);
    adjust(&mut settings);
    World { desk: reopen(settings.clone()).await, clock, settings, folder }
}

fn tidy(world: &World) {
    let folder = world.settings.store.trim_start_matches("rocksdb://").trim_end_matches("/store");
    let _ = std::fs::remove_dir_all(folder);
}

#[tokio::test]
async fn of_a_node_that_is_gone_everything_goes_and_its_checkpoint_is_carried_on() {
    let world = in_a_folder().await;
    world.token("tia", "by the first node").await;
    world.clock.advance(31 * DAY);
    let world = opened_by(world, |settings| settings.node = "second".to_owned()).await;
    assert!(removed(&world).await > 5);
    assert!(all_rows(&world).await.iter().all(|row| row.link.node == "second"));
    assert_eq!(faults(&world).await, Vec::<String>::new());
    let of_main = async || {
        let query = AuditQuery { subject: "node main".to_owned(), ..AuditQuery::default() };
        world.console().audit(&query).await.unwrap().rows
    };
    let first = of_main().await;
    for _ in 0..3 {
        world.clock.advance(31 * DAY);
        assert!(removed(&world).await > 0);
        assert_eq!(faults(&world).await, Vec::<String>::new());
        let carried = of_main().await;
        assert_eq!((carried.len(), &carried[0].detail), (1, &first[0].detail));
    }
    assert_ne!(of_main().await[0].id, first[0].id);
    // The first node comes back, and its chain goes on.
    let world = opened_by(world, |settings| settings.node = "main".to_owned()).await;
    world.cookie("tia").await;
    assert_eq!(faults(&world).await, Vec::<String>::new());
    world.desk.close().await;
    tidy(&world);
}

#[tokio::test]
async fn a_checkpoint_from_before_there_was_a_key_is_taken_at_the_operators_word_alone() {
    let world = in_a_folder().await;
    world.token("tia", "an old one").await;
    world.clock.advance(31 * DAY);
    assert!(removed(&world).await > 5);
    let key = || Some(secret("a key of forty letters outside the store"));
    let world = opened_by(world, |settings| settings.audit_key = key()).await;
    world.cookie("tia").await;
    assert!(faults(&world).await[0].contains("has no mark by the audit.key"));
    world.clock.advance(31 * DAY);
    let report = world.remove_old_audit_rows().await.unwrap();
    assert!(
        report.chains.is_empty() && report.faults[0].contains("--accept-unmarked"),
        "{report:?}"
    );
    let report = world.console().prune_audit(month(), false, true).await.unwrap();
    assert!(report.faults.is_empty() && !report.chains.is_empty(), "{report:?}");
    assert_eq!(faults(&world).await, Vec::<String>::new());
    // A node without the key removes nothing of what was marked.
    let world = opened_by(world, |settings| settings.audit_key = None).await;
    world.clock.advance(31 * DAY);
    let report = world.remove_old_audit_rows().await.unwrap();
    assert!(
        report.chains.is_empty() && report.faults[0].contains("audit.key, which is not set here"),
        "{report:?}"
    );
    world.desk.close().await;
    tidy(&world);
}

#[tokio::test]
async fn nodes_that_share_a_store_each_have_their_checkpoint() {
    let world = aged_world().await;
    let beside = world.beside().await;
    beside.log_in("rae", &secret("rae-netid-password"), &origin()).await.unwrap();
    world.clock.advance(31 * DAY);
    world.cookie("tia").await;
    assert!(removed(&world).await > 5);
    assert_eq!(removed(&beside).await, 0, "it is the other's turn, or done");
    assert_eq!(faults(&beside).await, Vec::<String>::new());
    assert!(all_rows(&beside).await.iter().all(|row| row.at > world.now().plus_days(-31)));
}
