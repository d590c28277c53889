//! Synchronising with a directory.

use desk::{
    DirectoryError, ExternalIdentity, GroupRules, LeaverLimit, Planned, Refusal, Role, Source,
    SyncError, SyncStep, right,
};

use super::{Set, active, administer, log_in, page, person, rows, sync, world, world_with};
use crate::support::origin;

#[tokio::test]
async fn the_plan_is_what_is_done() {
    let (world, list) = world().await;
    let mut planned = Vec::new();
    let mut tell = |step: SyncStep<'_>| {
        if let SyncStep::Person(what, netid) = step {
            planned.push((what, netid.to_owned()));
        }
    };
    let before = rows(&world, "").await.len();
    world
        .source(desk::source::Directory)
        .synchronise(true, LeaverLimit::default(), &origin(), &mut tell)
        .await
        .unwrap();
    let new = |netid: &str| (Planned::Create, netid.to_owned());
    assert_eq!(planned, [new("nora"), new("otto"), new("pia")]);
    assert!(world.console().permit::<right::FindUsers>("nora").await.is_err());
    assert_eq!(rows(&world, "").await.len(), before);
    let done = sync(&world, LeaverLimit::default()).await.unwrap();
    assert_eq!((done.read, done.created), (3, 3));
    let again = sync(&world, LeaverLimit::default()).await.unwrap();
    assert_eq!((again.unchanged, again.created, again.updated), (3, 0, 0));
    list.set(&[
        person("nora", &[]),
        person("otto", &[]),
        ExternalIdentity { email: Some("new@example.edu".to_owned()), ..person("pia", &[]) },
    ]);
    assert_eq!(sync(&world, LeaverLimit::default()).await.unwrap().updated, 1);
    assert_eq!(page(&world, "pia").await.user.email, "new@example.edu");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_everybody() {
    let (world, list) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    list.set(&[person("nora", &[]), person("zoe", &[])]);
    list.fail(Some(DirectoryError::Unavailable("a test".to_owned())));
    assert!(matches!(
        sync(&world, LeaverLimit::Percent(100.0)).await,
        Err(SyncError::Directory(_))
    ));
    let figures = world.figures().sync;
    assert_eq!(figures.outcomes, [("done", 1), ("failed", 1), ("refused", 0)]);
    assert_eq!(figures.last_done, Some(world.now()), "the one before");
    assert!(!page(&world, "pia").await.user.disabled);
    assert!(
        world.console().permit::<right::FindUsers>("zoe").await.is_err(),
        "nor is anybody made before it is known to be whole"
    );
    assert!(
        !rows(&world, "").await.iter().any(|row| row.starts_with("(ldap) directory.sync")),
        "that is the log's to say, each time"
    );
}

#[tokio::test]
async fn more_than_may_leave_do_not_and_nothing_is_half_done() {
    let (world, list) =
        world_with(GroupRules { privileged: vec!["desk".to_owned()], ..GroupRules::default() })
            .await;
    list.set(&[person("nora", &["desk"]), person("otto", &["desk"]), person("pia", &["desk"])]);
    sync(&world, LeaverLimit::default()).await.unwrap();
    // One is gone and one may no longer have tokens: together more than one.
    list.set(&[person("nora", &["desk"]), person("otto", &[])]);
    let refused = sync(&world, LeaverLimit::People(1)).await.unwrap_err();
    assert_eq!(refused, SyncError::TooManyLeaving { leaving: 2, people: 3, limit: 1 });
    assert!(
        rows(&world, "")
            .await
            .iter()
            .any(|row| row.starts_with("(ldap) directory.sync refused 2 of 3 people"))
    );
    assert!(!page(&world, "pia").await.user.disabled && page(&world, "otto").await.user.privileged);
    let done = sync(&world, LeaverLimit::People(2)).await.unwrap();
    assert_eq!((done.departed, done.deprived), (1, 1));
    assert!(page(&world, "pia").await.user.disabled && !page(&world, "otto").await.user.privileged);
}

#[tokio::test]
async fn two_of_one_netid_and_what_is_no_netid_are_told_and_left_alone() {
    let (world, list) = world().await;
    list.set(&[
        person("nora", &[]),
        person("twin", &[]),
        person("Twin", &["desk"]),
        person("*)(uid=*", &[]),
        person("a, b", &[]),
    ]);
    let done = sync(&world, LeaverLimit::default()).await.unwrap();
    assert_eq!((done.created, done.faults.len()), (1, 3), "{:?}", done.faults);
    assert!(world.console().permit::<right::FindUsers>("twin").await.is_err());
}

#[tokio::test]
async fn whoever_cannot_be_told_apart_is_not_gone() {
    let (world, list) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    list.set(&[
        person("nora", &[]),
        person("Nora", &[]),
        person("otto, ottilie", &[]),
        person("pia", &[]),
    ]);
    let done = sync(&world, LeaverLimit::Percent(100.0)).await.unwrap();
    assert_eq!((done.departed, done.faults.len()), (0, 2), "{:?}", done.faults);
    assert!(!page(&world, "nora").await.user.disabled && !page(&world, "otto").await.user.disabled);
}

#[tokio::test]
async fn a_directory_that_says_no_groups_any_longer_takes_nobodys_role() {
    let (world, list) =
        world_with(GroupRules { help_desk: vec!["desk".to_owned()], ..GroupRules::default() })
            .await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    list.set(&[person("nora", &[]), person("otto", &[]), person("pia", &[])]);
    assert_eq!(sync(&world, LeaverLimit::People(2)).await, Err(SyncError::NobodyLeft));
    assert_eq!(page(&world, "nora").await.user.role, Role::HelpDesk);
    list.set(&[person("nora", &[]), person("otto", &["desk"]), person("pia", &[])]);
    let done = sync(&world, LeaverLimit::People(2)).await.unwrap();
    assert_eq!((done.demoted, page(&world, "nora").await.user.role), (1, Role::Staff));
}

#[tokio::test]
async fn a_directory_that_lets_nobody_have_tokens_any_longer_takes_nobodys() {
    let (world, list) =
        world_with(GroupRules { privileged: vec!["desk".to_owned()], ..GroupRules::default() })
            .await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    list.set(&[person("nora", &[]), person("otto", &[]), person("pia", &[])]);
    assert_eq!(sync(&world, LeaverLimit::People(3)).await, Err(SyncError::NobodyLeft));
    assert!(page(&world, "nora").await.user.privileged);
    sync(&world, LeaverLimit::Percent(100.0)).await.unwrap();
    assert!(!page(&world, "nora").await.user.privileged);
}

#[tokio::test]
async fn whom_an_administrator_disabled_stays_so_and_whoever_is_the_desks_own_is_left_alone() {
    let (world, list) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    administer(&world, "otto", Set::Disabled(true)).await;
    list.set(&[
        person("nora", &[]),
        person("otto", &[]),
        person("pia", &[]),
        person("ada", &["nothing"]),
    ]);
    let done = sync(&world, LeaverLimit::default()).await.unwrap();
    assert_eq!((done.own, done.unchanged), (1, 3));
    assert!(page(&world, "otto").await.user.disabled);
    assert_eq!(page(&world, "ada").await.source, Source::BuiltIn);
    assert_eq!(log_in(&world, "otto").await, Err(Refusal::LoginIncorrect));
}

#[tokio::test]
async fn one_node_synchronises_in_each_interval() {
    let (world, _) = world().await;
    let first = world.source(desk::source::Directory).take_sync_lease(600).await.unwrap().unwrap();
    assert_eq!(world.source(desk::source::Directory).take_sync_lease(600).await, Ok(None));
    world.clock.advance(600);
    let second = world.source(desk::source::Directory).take_sync_lease(600).await.unwrap().unwrap();
    world.source(desk::source::Directory).return_sync_lease(first).await.unwrap();
    assert_eq!(
        world.source(desk::source::Directory).take_sync_lease(600).await,
        Ok(None),
        "that one was somebody else's by then"
    );
    world.source(desk::source::Directory).return_sync_lease(second).await.unwrap();
    assert!(world.source(desk::source::Directory).take_sync_lease(600).await.unwrap().is_some());
    // Taken by a clock that was a year ahead, until somebody set it right.
    world.clock.advance(365 * 86_400);
    assert!(world.source(desk::source::Directory).take_sync_lease(600).await.unwrap().is_some());
    world.clock.advance(-364 * 86_400);
    assert!(world.source(desk::source::Directory).take_sync_lease(600).await.unwrap().is_some());
}

#[tokio::test]
async fn without_a_directory_there_is_nothing_to_synchronise_with() {
    let world = crate::support::world().await;
    assert_eq!(sync(&world, LeaverLimit::default()).await, Err(SyncError::NoDirectory));
}

#[tokio::test]
async fn an_empty_answer_is_no_directory() {
    let (world, list) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    list.set(&[]);
    for most in [LeaverLimit::default(), LeaverLimit::People(100)] {
        assert_eq!(sync(&world, most).await, Err(SyncError::Empty { people: 3 }));
    }
    assert!(!page(&world, "nora").await.user.disabled);
    assert!(rows(&world, "").await[0].starts_with(
        "(ldap) directory.sync refused the directory answers that there is nobody at all"
    ));
    assert_eq!(
        sync(&world, LeaverLimit::Percent(100.0)).await.unwrap().departed,
        3,
        "unless somebody says so in so many words"
    );
}

#[tokio::test]
async fn those_with_a_role_do_not_leave_all_at_once() {
    let (world, list) =
        world_with(GroupRules { help_desk: vec!["desk".to_owned()], ..GroupRules::default() })
            .await;
    let both = LeaverLimit::People(2);
    list.set(&[
        person("nora", &["desk"]),
        person("quin", &["desk"]),
        person("otto", &[]),
        person("pia", &[]),
    ]);
    sync(&world, both).await.unwrap();
    // The part of the directory where the Help Desk is may not be seen any longer.
    list.set(&[person("otto", &[]), person("pia", &[])]);
    assert_eq!(sync(&world, both).await, Err(SyncError::NobodyLeft));
    assert!(!page(&world, "nora").await.user.disabled);
    // Somebody who may not come in is nobody that is left.
    administer(&world, "otto", Set::Disabled(true)).await;
    list.set(&[person("otto", &["desk"]), person("pia", &[])]);
    assert_eq!(sync(&world, both).await, Err(SyncError::NobodyLeft));
    // One of them leaves as anybody does, the last one too.
    for left in [
        &[person("quin", &["desk"]), person("otto", &[]), person("pia", &[])][..],
        &[person("otto", &[]), person("pia", &[])],
    ] {
        list.set(left);
        assert_eq!(sync(&world, LeaverLimit::default()).await.unwrap().departed, 1);
    }
}

#[tokio::test]
async fn where_the_directory_says_no_groups_at_all_they_hold_up_nobodys_leaving() {
    let groups = GroupRules {
        help_desk: vec!["desk".to_owned()],
        privileged: vec!["desk".to_owned()],
        ..GroupRules::default()
    };
    let (world, list) = world_with(groups).await;
    let people = ["nora", "otto", "pia"]
        .map(|netid| ExternalIdentity { groups: None, ..person(netid, &[]) });
    list.set(&people);
    sync(&world, LeaverLimit::default()).await.unwrap();
    // Another says who is in them.
    for netid in ["nora", "otto"] {
        world
            .log_in_vouched(
                &person(netid, &["desk"]),
                Source::Oidc,
                &desk::LoginContext::default(),
                &origin(),
            )
            .await
            .unwrap();
    }
    list.set(&people[2..]);
    assert_eq!(sync(&world, LeaverLimit::People(2)).await.unwrap().departed, 2);
    // And whoever comes with such a NetID has none of what it gave.
    list.set(&people);
    assert_eq!(sync(&world, LeaverLimit::default()).await.unwrap().returned, 2);
    let nora = page(&world, "nora").await.user;
    assert_eq!((nora.role, nora.privileged, nora.disabled), (Role::Staff, false, false));
}

#[tokio::test]
async fn whoever_is_disabled_already_holds_up_nothing() {
    let (world, list) =
        world_with(GroupRules { help_desk: vec!["desk".to_owned()], ..GroupRules::default() })
            .await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    administer(&world, "nora", Set::Disabled(true)).await;
    list.set(&[person("nora", &[]), person("otto", &[]), person("pia", &[])]);
    assert_eq!(sync(&world, LeaverLimit::default()).await.unwrap().demoted, 1);
}

#[tokio::test]
async fn people_whom_the_directory_never_had_are_not_counted_with_its_own() {
    let (world, list) =
        world_with(GroupRules { privileged: vec!["desk".to_owned()], ..GroupRules::default() })
            .await;
    let people = |groups: &[&str]| {
        [person("nora", groups), person("otto", groups), person("pia", &["desk"])]
    };
    list.set(&people(&["desk"]));
    sync(&world, LeaverLimit::default()).await.unwrap();
    for number in 0..60 {
        world
            .source(desk::source::Scim)
            .push_new(
                &desk::NetId::parse(&format!("pushed{number}")).unwrap(),
                &active(true),
                &origin(),
            )
            .await
            .unwrap();
    }
    list.set(&people(&[]));
    let refused = sync(&world, LeaverLimit::default()).await.unwrap_err();
    assert_eq!(refused, SyncError::TooManyLeaving { leaving: 2, people: 3, limit: 1 });
    // Tried again and again, it is written down once, and anew when something was in between.
    let written = async || {
        rows(&world, "").await.iter().filter(|row| row.contains("directory.sync refused")).count()
    };
    assert!(sync(&world, LeaverLimit::default()).await.is_err());
    assert_eq!(written().await, 1);
    list.set(&people(&["desk"]));
    sync(&world, LeaverLimit::default()).await.unwrap();
    list.set(&people(&[]));
    assert!(sync(&world, LeaverLimit::default()).await.is_err());
    assert_eq!(written().await, 2);
}
