//! A NetID that the directory has given to another person: by another entry, another name and
//! another address, all of it together.

use std::sync::Arc;

use desk::{
    Channel, ExternalIdentity, LeaverLimit, NoticeChoice, NoticeKind, NoticeSettings, Refusal, Role,
};

use super::{List, Set, administer, log_in, page, person, rows, sync, token, works, world};
use crate::support::{empty_world, origin, secret};

/// What the directory says of somebody: the entry, the name and the address.
fn claims(netid: &str, id: &str, name: &str, email: &str) -> ExternalIdentity {
    ExternalIdentity {
        name: Some(name.to_owned()),
        email: Some(email.to_owned()),
        id: Some(id.to_owned()),
        ..person(netid, &[])
    }
}

fn first(netid: &str) -> ExternalIdentity {
    claims(netid, &format!("{netid}-1"), "First Holder", "first@example.edu")
}

fn second(netid: &str) -> ExternalIdentity {
    claims(netid, &format!("{netid}-2"), "Second Holder", "second@example.edu")
}

const LEFT: &str = "(ldap) user.left done the NetID is another person’s in the directory by now: \
    staff again, tokens revoked, sessions ended, the local password gone";

#[tokio::test]
async fn whoever_logs_in_by_it_has_nothing_of_the_one_before() {
    let (world, list) = world().await;
    list.set(&[first("pia")]);
    log_in(&world, "pia").await.unwrap();
    administer(&world, "pia", Set::Role(Role::Rep)).await;
    let old = token(&world, "pia").await;
    let (cookie, _) = world.log_in("pia", &secret("pia's password"), &origin()).await.unwrap();
    let before = world.look(&cookie).await.unwrap();
    let address = world.new_calendar_address(&before, &origin()).await.unwrap();
    assert!(world.calendar(address.expose()).await.unwrap().is_some());
    list.set(&[second("pia")]);
    assert!(works(&world, &old).await, "nobody has said so yet");
    log_in(&world, "pia").await.unwrap();
    assert!(!works(&world, &old).await);
    assert_eq!(world.calendar(address.expose()).await.unwrap(), None, "whose it was has left");
    let now = page(&world, "pia").await;
    assert_eq!(
        (now.user.role, now.user.disabled, now.local.set_at, now.user.name.as_str()),
        (Role::Staff, false, None, "Second Holder")
    );
    assert!(now.former.unwrap().contains("First Holder"));
    assert!(rows(&world, "pia").await.contains(&LEFT.to_owned()));
    // What is theirs stays theirs.
    let new = token(&world, "pia").await;
    log_in(&world, "pia").await.unwrap();
    sync(&world, LeaverLimit::Percent(100.0)).await.unwrap();
    assert!(works(&world, &new).await && !works(&world, &old).await);
    assert_eq!(rows(&world, "pia").await.iter().filter(|row| **row == LEFT).count(), 1);
    assert!(world.console().verify_audit().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn what_the_one_before_was_to_be_told_and_had_chosen_goes_with_them() {
    let list = Arc::new(List::default());
    list.set(&[first("pia")]);
    let world = empty_world(Some(list.clone()), |settings| {
        settings.notices = NoticeSettings { mail: true, ..NoticeSettings::default() };
    })
    .await;
    let look = async || {
        let (cookie, _) = world.log_in("pia", &secret("pia's password"), &origin()).await.unwrap();
        world.look(&cookie).await.unwrap()
    };
    world.make_notices().await.unwrap();
    let before = look().await;
    let choice = NoticeChoice { wanted: vec![NoticeKind::TokenMade] };
    world.set_notice_settings(&before, &choice, &origin()).await.unwrap();
    token(&world, "pia").await;
    world.make_notices().await.unwrap();
    assert!(world.notices_waiting().await.unwrap().waiting >= 2, "a token, and a local password");

    list.set(&[second("pia")]);
    let now = look().await;
    assert_eq!(world.notices_due(Channel::Mail, 10).await.unwrap(), []);
    let chosen = world.notice_settings(&now).await.unwrap();
    assert_eq!(chosen.email, "second@example.edu");
    assert!(chosen.optional.iter().all(|(_, is_wanted)| *is_wanted), "{chosen:?}");

    // What happens to them they are told.
    world.clock.advance(1);
    token(&world, "pia").await;
    world.make_notices().await.unwrap();
    let due = world.notices_due(Channel::Mail, 10).await.unwrap();
    let mut kinds: Vec<NoticeKind> = due.iter().map(|notice| notice.kind).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, [NoticeKind::TokenMade, NoticeKind::PasswordSet]);
    assert!(due.iter().all(|notice| notice.email == "second@example.edu"), "{due:?}");
}

#[tokio::test]
async fn a_directory_that_is_built_anew_and_a_marriage_make_nobody_another() {
    let (world, list) = world().await;
    for (n, (id, name, email)) in [
        ("pia-2", "First Holder", "first@example.edu"),
        ("pia-2", "Second Holder", "first@example.edu"),
        ("pia-2", "First Holder", "second@example.edu"),
        ("pia-2", "First holder", "FIRST@example.edu"),
        ("pia-1", "Second Holder", "second@example.edu"),
        ("pia-2", "Second Holder", ""),
        ("pia-2", "", "second@example.edu"),
    ]
    .into_iter()
    .enumerate()
    {
        let netid = format!("pia{n}");
        let as_first = ExternalIdentity { netid: netid.clone(), ..first("pia") };
        list.set(&[as_first]);
        log_in(&world, &netid).await.unwrap();
        let token = token(&world, &netid).await;
        list.set(&[claims(&netid, id, name, email)]);
        log_in(&world, &netid).await.unwrap();
        assert!(works(&world, &token).await, "{id} {name} {email}");
    }
}

#[tokio::test]
async fn a_synchronisation_finds_one_and_believes_no_more_than_may_leave() {
    let (world, list) = world().await;
    let all = ["nora", "otto", "pia"];
    list.set(&all.map(first));
    sync(&world, LeaverLimit::default()).await.unwrap();
    let tokens = [token(&world, "nora").await, token(&world, "otto").await];
    let pias = token(&world, "pia").await;
    list.set(&all.map(second));
    let report = sync(&world, LeaverLimit::default()).await.unwrap();
    assert_eq!((report.updated, report.departed), (3, 0));
    assert!(report.faults[0].contains("taken for who they were"), "{:?}", report.faults);
    for token in tokens.iter().chain([&pias]) {
        assert!(works(&world, token).await);
    }
    assert_eq!(page(&world, "nora").await.user.name, "Second Holder", "that it is noted");

    list.set(&[
        second("nora"),
        second("otto"),
        claims("pia", "pia-3", "Third", "third@example.edu"),
    ]);
    let report = sync(&world, LeaverLimit::default()).await.unwrap();
    assert_eq!((report.updated, report.departed, report.faults.len()), (0, 1, 0), "{report:?}");
    assert!(!works(&world, &pias).await && works(&world, &tokens[0]).await);
    assert!(rows(&world, "pia").await.contains(&LEFT.to_owned()));
    assert_eq!(page(&world, "pia").await.user.name, "Third");
    log_in(&world, "pia").await.unwrap();
}

#[tokio::test]
async fn what_the_last_administrator_has_nobody_takes_over() {
    let list = Arc::new(List::default());
    list.set(&[first("pia")]);
    let world = empty_world(Some(list.clone()), |_| {}).await;
    log_in(&world, "pia").await.unwrap();
    administer(&world, "pia", Set::Role(Role::Admin)).await;
    let token = token(&world, "pia").await;
    list.set(&[second("pia")]);
    assert_eq!(log_in(&world, "pia").await, Err(Refusal::AnotherPerson));
    assert_eq!(rows(&world, "pia").await[0], "(ldap) log-in refused another-person");
    let report = sync(&world, LeaverLimit::default()).await.unwrap();
    assert!(report.faults[0].contains("last enabled administrator"), "{:?}", report.faults);
    let pia = page(&world, "pia").await;
    assert_eq!((pia.user.role, pia.user.name.as_str()), (Role::Admin, "First Holder"));
    assert!(works(&world, &token).await);
}
