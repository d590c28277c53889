//! What administrators are told of others: so much in an hour, over all people and kinds, and of
//! leaks and of each other all the same.

use std::ops::Range;

use desk::{ImportUser, LeakSource, NetId, Notice, NoticeKind, Role};

use super::super::leaks::{Gate, report};
use super::super::support::World;
use super::{mailing_with, mails};

/// What ada is told of now.
async fn to_ada(world: &World) -> Vec<Notice> {
    let mut notices = mails(world).await;
    notices.retain(|notice| notice.netid == "ada");
    notices
}

fn new_person(number: u32) -> ImportUser {
    ImportUser {
        netid: NetId::parse(&format!("new{number}")).unwrap(),
        name: Some("Nora New".to_owned()),
        email: None,
        role: None,
        privileged: Some(true),
        disabled: None,
        password: None,
    }
}

/// People who are new, each with a local password that is set for them.
async fn new_people(world: &World, numbers: Range<u32>) {
    let people: Vec<ImportUser> = numbers.map(new_person).collect();
    world.console().import_users(&people).await.unwrap();
    for person in &people {
        world.give_own(person.netid.as_str(), "plain copper teapot garden").await;
    }
}

/// Somebody finds a token of tia's that was just made.
async fn leak(world: &World) {
    let (token, _) = world.token("tia", "Ticket sync").await;
    let found = report(world, &Gate::of(0), &[token.expose()], LeakSource::GitHub).await;
    assert_eq!(found.revoked(), 1);
}

#[tokio::test]
async fn many_people_at_once_come_in_one_mail_from_some_on_and_hide_no_leak() {
    let world = mailing_with(|notices| {
        notices.administrators =
            vec![NoticeKind::PasswordSet, NoticeKind::TokenMade, NoticeKind::TokenLeaked];
    })
    .await;
    leak(&world).await;
    new_people(&world, 0..65).await;
    // More than come of one kind about one person: there is no second mail that gathers.
    for n in 0..22 {
        world.token("rae", &format!("one of many, {n}")).await;
    }
    leak(&world).await;
    // Whatever happens to another administrator is told by itself, as a leak is.
    let boss = ImportUser { role: Some(Role::Admin), ..new_person(900) };
    world.console().import_users(&[boss]).await.unwrap();
    world.give_own("new900", "plain copper teapot garden").await;
    let now = to_ada(&world).await;
    let count = |begins: &str| now.iter().filter(|it| it.detail.starts_with(begins)).count();
    assert_eq!(count("Leaked token of tia revoked"), 2, "both, and they count");
    assert_eq!(count("Auth token of tia made"), 1);
    assert_eq!((count("Local password of new"), count("Local password of new900")), (59, 1));
    assert_eq!(now.len(), 62);

    world.clock.advance(3600 + 60);
    let later = to_ada(&world).await;
    let [summary] = later.as_slice() else { panic!("{later:?}") };
    let words = "More happened than comes in mails of its own: 30 since ";
    assert!(summary.detail.starts_with(words), "{}", summary.detail);
    assert!(summary.own_words && summary.quoted.is_empty(), "{summary:?}");
    // It is of many, and by nobody in particular.
    let of_one = [&summary.by, &summary.by_code, &summary.address, &summary.network];
    assert!(of_one.into_iter().all(String::is_empty), "{summary:?}");

    new_people(&world, 65..66).await;
    let next = to_ada(&world).await;
    let [next] = next.as_slice() else { panic!("{next:?}") };
    assert_eq!(next.detail, "Local password of new65 set");
}
