//! One enabled administrator remains, whatever a directory, an identity system or a log-in's groups
//! say.

use desk::{GroupRules, LeaverLimit, LoginContext, NetId, PushError, Role, Source};

use super::{Set, active, administer, log_in, page, person, rows, sync, world, world_with};
use crate::support::{World, origin};

/// A desk where the directory's groups make administrators, and nobody is one but by them.
async fn administered(admins: &[&str]) -> (World, std::sync::Arc<super::List>) {
    let (world, list) =
        world_with(GroupRules { admin: vec!["admins".to_owned()], ..GroupRules::default() }).await;
    list.set(
        &["kim", "lou", "nora", "otto"]
            .map(|netid| person(netid, if admins.contains(&netid) { &["admins"] } else { &[] })),
    );
    sync(&world, LeaverLimit::default()).await.unwrap();
    administer(&world, "ada", Set::Disabled(true)).await;
    (world, list)
}

async fn is_administrator(world: &World, netid: &str) -> bool {
    let user = page(world, netid).await.user;
    user.role == Role::Admin && !user.disabled
}

#[tokio::test]
async fn a_synchronisation_leaves_the_last_one_and_says_so() {
    let (world, list) = administered(&["kim"]).await;
    list.set(&[person("lou", &[]), person("nora", &[])]);
    for _ in 0..2 {
        let done = sync(&world, LeaverLimit::People(2)).await.unwrap();
        assert!(
            done.faults
                .iter()
                .any(|fault| fault.starts_with("kim is the last enabled administrator")),
            "{:?}",
            done.faults
        );
        assert!(is_administrator(&world, "kim").await);
    }
    assert!(page(&world, "otto").await.user.disabled, "whoever else is gone has left");
    // With another one there is nothing to keep them for.
    list.set(&[person("lou", &["admins"]), person("nora", &[])]);
    let done = sync(&world, LeaverLimit::People(2)).await.unwrap();
    assert_eq!((done.departed, done.faults.len()), (1, 0), "{:?}", done.faults);
    assert!(!is_administrator(&world, "kim").await && is_administrator(&world, "lou").await);
}

#[tokio::test]
async fn of_several_who_would_lose_it_at_once_one_stays() {
    let (world, list) = administered(&["kim", "lou"]).await;
    list.set(&["kim", "lou", "nora", "otto"].map(|netid| person(netid, &[])));
    let done = sync(&world, LeaverLimit::Percent(100.0)).await.unwrap();
    assert_eq!((done.demoted, done.faults.len()), (1, 1), "{:?}", done.faults);
    assert!(is_administrator(&world, "kim").await && !is_administrator(&world, "lou").await);
    // One that the directory still has rather than one who is gone.
    let (world, list) = administered(&["kim", "lou"]).await;
    list.set(&["lou", "nora", "otto"].map(|netid| person(netid, &[])));
    let done = sync(&world, LeaverLimit::Percent(100.0)).await.unwrap();
    assert_eq!((done.departed, done.demoted, done.faults.len()), (1, 0, 1), "{:?}", done.faults);
    assert!(!is_administrator(&world, "kim").await && is_administrator(&world, "lou").await);
}

#[tokio::test]
async fn an_identity_system_is_refused() {
    let (world, _) = administered(&["kim", "lou"]).await;
    let [kim, lou] = ["kim", "lou"].map(|netid| NetId::parse(netid).unwrap());
    world.source(desk::source::Scim).push(&lou, &active(false), &origin()).await.unwrap();
    assert_eq!(
        world.source(desk::source::Scim).push(&kim, &active(false), &origin()).await,
        Err(PushError::LastAdministrator(kim.clone()))
    );
    assert_eq!(rows(&world, "kim").await[0], "(scim) user.left refused last-administrator");
    assert_eq!(
        world.source(desk::source::Scim).push_out(&kim, &origin()).await,
        Err(PushError::LastAdministrator(kim.clone()))
    );
    assert!(
        is_administrator(&world, "kim").await
            && world.source(desk::source::Scim).pushed_user(&kim).await.unwrap().is_some()
    );
}

#[tokio::test]
async fn a_log_in_keeps_the_role() {
    let (world, list) = administered(&["kim", "lou"]).await;
    let renamed =
        desk::ExternalIdentity { name: Some("Kim Renamed".to_owned()), ..person("kim", &[]) };
    list.set(&[renamed, person("lou", &[])]);
    log_in(&world, "lou").await.unwrap();
    assert_eq!(page(&world, "lou").await.user.role, Role::Staff);
    log_in(&world, "kim").await.unwrap();
    assert!(is_administrator(&world, "kim").await);
    assert_eq!(
        page(&world, "kim").await.user.name,
        "Kim Renamed",
        "the rest is as the directory says"
    );
    assert!(
        rows(&world, "kim")
            .await
            .contains(&"(ldap) user.role refused last-administrator".to_owned())
    );
    // By another door too.
    world
        .log_in_vouched(&person("kim", &[]), Source::Proxy, &LoginContext::default(), &origin())
        .await
        .unwrap();
    assert!(is_administrator(&world, "kim").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_leave_at_one_moment_never_both_do() {
    let (world, _) = world().await;
    let [kim, lou] = ["kim", "lou"].map(|netid| NetId::parse(netid).unwrap());
    for netid in [&kim, &lou] {
        world.source(desk::source::Scim).push_new(netid, &active(true), &origin()).await.unwrap();
        administer(&world, netid.as_str(), Set::Role(Role::Admin)).await;
    }
    administer(&world, "ada", Set::Disabled(true)).await;
    for round in 0..world.rounds(200) {
        let push = |netid: &NetId| {
            let (desk, netid) = (world.desk.clone(), netid.clone());
            tokio::spawn(async move {
                desk.source(desk::source::Scim)
                    .push(&netid, &active(false), &origin())
                    .await
                    .map(|_| ())
            })
        };
        let (one, other) = (push(&kim), push(&lou));
        let outcomes = [one.await.unwrap(), other.await.unwrap()];
        assert_eq!(
            outcomes
                .iter()
                .filter(|outcome| matches!(outcome, Err(PushError::LastAdministrator(_))))
                .count(),
            1,
            "round {round}: {outcomes:?}"
        );
        for (netid, outcome) in [&kim, &lou].into_iter().zip(outcomes) {
            assert_eq!(
                is_administrator(&world, netid.as_str()).await,
                outcome.is_err(),
                "round {round}"
            );
            if outcome.is_ok() {
                world
                    .source(desk::source::Scim)
                    .push(netid, &active(true), &origin())
                    .await
                    .unwrap();
                administer(&world, netid.as_str(), Set::Role(Role::Admin)).await;
            }
        }
    }
}
