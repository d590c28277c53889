//! Groups into which an identity system puts people.

use std::collections::BTreeSet;
use std::pin::pin;

use desk::{
    ImportUser, LeaverLimit, Loss, MembersChange, NetId, PushError, Refusal, Role, Settings,
};
use futures::poll;

use super::{Set, active, administer, groups_are_pushed, page, rows};
use crate::support::{World, empty_world, origin, secret};

async fn world(adjust: impl FnOnce(&mut Settings)) -> World {
    let world = empty_world(None, |settings| {
        groups_are_pushed(settings);
        adjust(settings);
    })
    .await;
    world.console().load_demo().await.unwrap();
    for netid in ["nora", "otto"] {
        world
            .source(desk::source::Scim)
            .push_new(&NetId::parse(netid).unwrap(), &active(true), &origin())
            .await
            .unwrap();
    }
    world
}

fn set(netids: &[&str]) -> BTreeSet<NetId> {
    netids.iter().map(|netid| NetId::parse(netid).unwrap()).collect()
}

async fn change(
    world: &World,
    group: &str,
    whole: bool,
    add: &[&str],
    remove: &[&str],
) -> Result<(), PushError> {
    let change = MembersChange { whole, add: set(add), remove: set(remove) };
    world.source(desk::source::Scim).change_members(group, &change, &origin()).await
}

async fn members(world: &World, group: &str) -> Vec<String> {
    world
        .source(desk::source::Scim)
        .members(group)
        .await
        .unwrap()
        .iter()
        .map(NetId::to_string)
        .collect()
}

async fn has(world: &World, netid: &str) -> (Role, bool) {
    let user = page(world, netid).await.user;
    (user.role, user.privileged)
}

#[tokio::test]
async fn the_groups_that_are_named_can_be_pushed_each_once_and_only_where_that_is_switched_on() {
    let world = world(|_| {}).await;
    assert_eq!(world.source(desk::source::Scim).groups(), ["Help-Desk", "desk-admins", "staff"]);
    let off = self::world(|settings| settings.scim_groups = false).await;
    assert!(off.source(desk::source::Scim).groups().is_empty());
}

#[tokio::test]
async fn whoever_is_put_in_has_what_the_group_gives_and_loses_it_with_the_group() {
    let world = world(|_| {}).await;
    assert_eq!(has(&world, "nora").await, (Role::Staff, false));
    change(&world, "staff", false, &["nora", "otto"], &[]).await.unwrap();
    change(&world, "help-desk", false, &["nora"], &[]).await.unwrap();
    assert_eq!(
        (has(&world, "nora").await, has(&world, "otto").await),
        ((Role::HelpDesk, true), (Role::Staff, true))
    );
    assert_eq!(
        rows(&world, "nora").await[..2],
        ["(scim) user.groups done staff, help-desk", "(scim) user.role done staff → help_desk"]
    );
    assert_eq!(
        (members(&world, "Help-Desk").await, members(&world, "STAFF").await),
        (vec!["nora".to_owned()], vec!["nora".to_owned(), "otto".to_owned()])
    );
    let groups_of = async |netid: &str| {
        let netid = NetId::parse(netid).unwrap();
        world.source(desk::source::Scim).groups_of(&netid).await.unwrap()
    };
    assert_eq!(groups_of("nora").await, ["staff", "help-desk"]);
    assert_eq!((groups_of("otto").await.len(), groups_of("nobody").await.len()), (1, 0));
    // Said again, it is nothing new; and of a name and an address that are pushed nothing follows.
    let written = rows(&world, "nora").await;
    change(&world, "help-desk", true, &["nora"], &["otto"]).await.unwrap();
    world
        .source(desk::source::Scim)
        .push(&NetId::parse("nora").unwrap(), &active(true), &origin())
        .await
        .unwrap();
    assert_eq!(rows(&world, "nora").await, written);
    change(&world, "staff", true, &["nora"], &[]).await.unwrap();
    assert_eq!(
        (members(&world, "staff").await, has(&world, "otto").await),
        (vec!["nora".to_owned()], (Role::Staff, false))
    );
    change(&world, "Help-Desk", false, &[], &["nora"]).await.unwrap();
    assert_eq!(
        (has(&world, "nora").await, members(&world, "help-desk").await),
        ((Role::Staff, true), vec![])
    );
    assert!(world.console().verify_audit().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn all_are_put_in_or_nobody() {
    let world = world(|_| {}).await;
    let [ada, nobody, no_one] = ["ada", "nobody", "no-one"].map(|id| NetId::parse(id).unwrap());
    assert_eq!(
        change(&world, "help-desk", false, &["ada", "nora", "nobody", "no-one"], &[]).await,
        Err(PushError::Members { unknown: vec![no_one, nobody], own: vec![ada.clone()] })
    );
    assert_eq!(
        change(&world, "help-desk", false, &["ada", "nora"], &[]).await,
        Err(PushError::Members { unknown: vec![], own: vec![ada] })
    );
    assert_eq!(
        (has(&world, "nora").await, members(&world, "help-desk").await),
        ((Role::Staff, false), vec![])
    );
    // Whoever is not there is not taken out, and not missed.
    change(&world, "help-desk", false, &[], &["nobody", "otto", "ada"]).await.unwrap();
    assert_eq!(has(&world, "ada").await.0, Role::Admin);
}

#[tokio::test]
async fn the_last_enabled_administrator_stays_in_the_group() {
    let world = world(|_| {}).await;
    change(&world, "desk-admins", false, &["nora"], &[]).await.unwrap();
    administer(&world, "ada", Set::Disabled(true)).await;
    let nora = NetId::parse("nora").unwrap();
    assert_eq!(
        change(&world, "desk-admins", true, &[], &[]).await,
        Err(PushError::LastAdministrator(nora))
    );
    assert_eq!(
        (has(&world, "nora").await.0, members(&world, "desk-admins").await),
        (Role::Admin, vec!["nora".to_owned()])
    );
}

#[tokio::test]
async fn who_leaves_and_comes_again_is_in_their_groups_and_who_is_made_anew_is_not() {
    let world = world(|_| {}).await;
    let (scim, nora) = (world.source(desk::source::Scim), NetId::parse("nora").unwrap());
    change(&world, "help-desk", false, &["nora"], &[]).await.unwrap();
    scim.push(&nora, &active(false), &origin()).await.unwrap();
    assert_eq!(has(&world, "nora").await.0, Role::Staff);
    scim.push(&nora, &active(true), &origin()).await.unwrap();
    assert_eq!(has(&world, "nora").await, (Role::HelpDesk, true));
    scim.push_out(&nora, &origin()).await.unwrap();
    assert!(members(&world, "help-desk").await.is_empty());
    scim.push_new(&nora, &active(true), &origin()).await.unwrap();
    assert_eq!(has(&world, "nora").await, (Role::Staff, false));
    // Nor is whoever is kept at the desk itself from now on.
    change(&world, "staff", false, &["otto"], &[]).await.unwrap();
    let otto = ImportUser {
        netid: NetId::parse("otto").unwrap(),
        name: Some("Otto".to_owned()),
        email: None,
        role: None,
        privileged: None,
        disabled: None,
        password: Some(secret("otto-netid-password")),
    };
    world.console().import_users(&[otto]).await.unwrap();
    assert!(members(&world, "staff").await.is_empty() && has(&world, "otto").await.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_groups_pushed_at_once_are_both_there() {
    let world = world(|_| {}).await;
    for round in 0..20 {
        let (one, other) = (world.desk.clone(), world.desk.clone());
        let push = |desk: desk::Desk, group: &'static str| {
            tokio::spawn(async move {
                let change =
                    MembersChange { whole: false, add: set(&["nora"]), remove: BTreeSet::new() };
                desk.source(desk::source::Scim).change_members(group, &change, &origin()).await
            })
        };
        let (one, other) = (push(one, "staff"), push(other, "help-desk"));
        for pushed in [one.await.unwrap(), other.await.unwrap()] {
            assert!(
                matches!(pushed, Ok(()) | Err(PushError::Refused(Refusal::ChangedMeanwhile))),
                "{pushed:?}"
            );
        }
        assert_eq!(
            (members(&world, "staff").await.len(), members(&world, "help-desk").await.len()),
            (1, 1),
            "round {round}"
        );
        for group in ["staff", "help-desk"] {
            change(&world, group, true, &[], &[]).await.unwrap();
        }
    }
}

#[tokio::test]
async fn whoever_is_taken_out_counts_as_a_leaver_where_they_lose_something() {
    let world = world(|settings| settings.scim_max_leavers_per_hour = LeaverLimit::People(2)).await;
    let scim = world.source(desk::source::Scim);
    let many: Vec<String> = (0..6).map(|n| format!("many{n}")).collect();
    let names: Vec<&str> = many.iter().map(String::as_str).collect();
    for netid in &names {
        scim.push_new(&NetId::parse(netid).unwrap(), &active(true), &origin()).await.unwrap();
    }
    change(&world, "staff", false, &names, &[]).await.unwrap();
    let refused = change(&world, "staff", true, &[], &[]).await;
    assert!(matches!(refused, Err(PushError::TooManyLeaving { most: 2, .. })), "{refused:?}");
    assert_eq!(members(&world, "staff").await, many, "all of them, or nobody");
    change(&world, "staff", false, &[], &names[..2]).await.unwrap();
    let refused = change(&world, "staff", false, &[], &names[2..3]).await;
    assert!(
        matches!(refused, Err(PushError::TooManyLeaving { .. })),
        "one by one as well: {refused:?}"
    );
    // Who loses nothing by it is no leaver: another group gives the same.
    change(&world, "help-desk", false, &names[2..], &[]).await.unwrap();
    change(&world, "staff", true, &[], &[]).await.unwrap();
    world.clock.advance(3601);
    change(&world, "help-desk", false, &[], &names[2..4]).await.unwrap();
}

#[tokio::test]
async fn whoever_would_lose_too_much_is_named_with_what_it_is_and_counted_once() {
    let world = world(|settings| settings.scim_max_leavers_per_hour = LeaverLimit::People(1)).await;
    let too_many = |netid: &str, role, is_first_group| -> Result<(), PushError> {
        Err(PushError::TooManyLeaving {
            netid: NetId::parse(netid).unwrap(),
            loss: Loss::Rights { role, tokens: true, is_first_group },
            seconds: 3601,
            most: 1,
        })
    };
    // Twice is once.
    for _ in 0..2 {
        change(&world, "help-desk", false, &["nora"], &[]).await.unwrap();
        change(&world, "help-desk", false, &[], &["nora"]).await.unwrap();
    }
    // A first group replaces what an administrator gave.
    administer(&world, "otto", Set::Privileged(true)).await;
    let made = change(&world, "desk-admins", false, &["nora", "otto"], &[]).await;
    assert_eq!(made, too_many("otto", None, true));
    assert_eq!(has(&world, "otto").await, (Role::Staff, true));
    change(&world, "staff", false, &["otto"], &[]).await.unwrap();
    change(&world, "help-desk", false, &["otto"], &[]).await.unwrap();
    change(&world, "desk-admins", false, &["otto"], &[]).await.unwrap();
    change(&world, "desk-admins", false, &[], &["otto"]).await.unwrap_err();
    change(&world, "staff", false, &[], &["otto"]).await.unwrap();
    let emptied = change(&world, "help-desk", true, &[], &[]).await;
    assert_eq!(emptied, too_many("otto", None, false));
    assert_eq!(has(&world, "otto").await, (Role::Admin, true));
}

#[tokio::test]
async fn more_people_than_one_transaction_takes_are_put_in_and_taken_out_and_refused_as_one() {
    let world = world(|settings| {
        settings.scim_max_leavers_per_hour = LeaverLimit::Percent(90.0);
    })
    .await;
    // A hundred are written at once: half of these are more than that, too.
    let many = world.rounds(1010).max(210);
    let many: Vec<String> = (0..many).map(|n| format!("many{n:04}")).collect();
    let scim = world.source(desk::source::Scim);
    for netid in &many {
        scim.push_new(&NetId::parse(netid).unwrap(), &active(true), &origin()).await.unwrap();
    }
    // How many may leave is a share of those who are not new.
    world.clock.advance(2 * 24 * 3600);
    let all: Vec<&str> = many.iter().map(String::as_str).collect();
    change(&world, "staff", true, &all, &[]).await.unwrap();
    assert_eq!(members(&world, "staff").await, many);
    assert_eq!(has(&world, "many0000").await, (Role::Staff, true));
    assert_eq!(has(&world, many.last().unwrap()).await, (Role::Staff, true));
    // One more than may go, and nobody goes.
    let unknown: Vec<&str> = all.iter().copied().chain(["nobody"]).collect();
    let refused = change(&world, "help-desk", false, &unknown, &[]).await;
    let nobody = vec![NetId::parse("nobody").unwrap()];
    assert_eq!(refused, Err(PushError::Members { unknown: nobody, own: vec![] }));
    let refused = change(&world, "staff", false, &[], &all).await;
    assert!(matches!(refused, Err(PushError::TooManyLeaving { .. })), "{refused:?}");
    assert_eq!(members(&world, "staff").await, many);
    assert!(members(&world, "help-desk").await.is_empty());
    let half = many.len() / 2;
    change(&world, "staff", true, &all[half..], &[]).await.unwrap();
    assert_eq!(members(&world, "staff").await, many[half..]);
    assert_eq!(has(&world, "many0000").await, (Role::Staff, false));
}

#[tokio::test]
async fn what_was_cut_off_is_done_by_the_same_once_more_and_counts_nobody_twice() {
    const MANY: u64 = 250;
    let world =
        world(|settings| settings.scim_max_leavers_per_hour = LeaverLimit::People(MANY)).await;
    let many: Vec<String> = (0..MANY).map(|n| format!("many{n:04}")).collect();
    let all: Vec<&str> = many.iter().map(String::as_str).collect();
    let scim = world.source(desk::source::Scim);
    for netid in &many {
        scim.push_new(&NetId::parse(netid).unwrap(), &active(true), &origin()).await.unwrap();
    }
    change(&world, "staff", true, &all, &[]).await.unwrap();
    {
        let mut cut_off = pin!(change(&world, "staff", false, &[], &all));
        while members(&world, "staff").await.len() == all.len() {
            assert!(poll!(&mut cut_off).is_pending(), "it is not done before anything of it is");
        }
    }
    let left = members(&world, "staff").await.len();
    assert!(left > 0 && left < all.len(), "{left} are left");
    change(&world, "staff", false, &[], &all).await.unwrap();
    assert!(members(&world, "staff").await.is_empty());
    // All of them are counted now, each once.
    change(&world, "staff", false, &["nora"], &[]).await.unwrap();
    let one_more = change(&world, "staff", false, &[], &["nora"]).await;
    assert!(matches!(one_more, Err(PushError::TooManyLeaving { .. })), "{one_more:?}");
}

#[tokio::test]
async fn no_more_are_changed_at_once_than_are_listed() {
    let world = world(|_| {}).await;
    let many: Vec<String> = (0..=desk::MAX_MEMBERS).map(|n| format!("many{n}")).collect();
    let all: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(change(&world, "staff", false, &[], &all).await, Err(PushError::TooManyMembers));
    assert_eq!(change(&world, "staff", false, &[], &all[1..]).await, Ok(()));
}
