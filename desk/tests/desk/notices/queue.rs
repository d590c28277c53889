//! The queue: who has what is due, what becomes of what cannot be sent, and how long it is kept.

use std::time::Duration;

use desk::{
    Channel, ImportUser, NetId, Notice, NoticeChoice, NoticeKind, NoticeSettings, Settings,
};
use testkit::by_hand::token_with;

use super::super::support::{StoreFolder, World, new_token, origin, reopen};
use super::{DAY, kinds_of, mailing, mailing_with, mails};

/// Those that are due, and are not said to be sent.
async fn due(world: &World) -> Vec<Notice> {
    world.make_notices().await.unwrap();
    world.notices_due(Channel::Mail, 100).await.unwrap()
}

#[tokio::test]
async fn at_one_moment_one_of_two_has_it_and_another_once_the_first_is_gone() {
    let world = mailing().await;
    let beside = world.beside().await;
    world.token("tia", "Ticket sync").await;
    world.make_notices().await.unwrap();
    let (here, there) =
        tokio::join!(world.notices_due(Channel::Mail, 10), beside.notices_due(Channel::Mail, 10));
    let both = [here.unwrap(), there.unwrap()].concat();
    assert_eq!(kinds_of(&both), [("tia", NoticeKind::TokenMade)]);
    world.clock.advance(5 * 60 - 1);
    assert_eq!(due(&world).await, []);
    // Whoever had it has not been heard of again: at most one more comes, and none is lost.
    world.clock.advance(1);
    let again = beside.notices_due(Channel::Mail, 10).await.unwrap();
    assert_eq!(again, both);
    beside.notice_sent(&again[0], Channel::Mail).await.unwrap();
    world.clock.advance(6 * 60);
    assert_eq!(due(&world).await, []);
}

#[tokio::test]
async fn what_cannot_be_sent_comes_again_later_and_later_and_is_given_up() {
    let world = mailing().await;
    world.token("tia", "Ticket sync").await;
    for (tries, minutes) in [(0, 1), (1, 5), (2, 15), (3, 60), (4, 60)] {
        let notices = due(&world).await;
        assert_eq!(notices.iter().map(|notice| notice.tries).collect::<Vec<_>>(), [tries]);
        world.notice_failed(&notices[0], Channel::Mail, "away", false).await.unwrap();
        world.clock.advance(minutes * 60 - 1);
        assert_eq!(due(&world).await, [], "{minutes}");
        world.clock.advance(1);
    }
    let mut left = 0;
    while let Some(notice) = due(&world).await.pop() {
        world.notice_failed(&notice, Channel::Mail, "away", false).await.unwrap();
        world.clock.advance(3600);
        left += 1;
    }
    assert_eq!(left, 4 + 72 + 1 - 5);
    let queue = world.notices_waiting().await.unwrap();
    assert_eq!((queue.waiting, queue.oldest, queue.given_up), (0, None, 1));
}

#[tokio::test]
async fn where_no_try_can_be_better_there_is_none() {
    let world = mailing().await;
    world.token("tia", "Ticket sync").await;
    let notices = due(&world).await;
    assert_eq!(world.notices_waiting().await.unwrap().waiting, 1);
    world.notice_failed(&notices[0], Channel::Mail, "no such mailbox", true).await.unwrap();
    world.clock.advance(DAY);
    assert_eq!(due(&world).await, []);
    assert_eq!(world.notices_waiting().await.unwrap().given_up, 1);
}

#[tokio::test]
async fn who_is_late_to_say_that_it_failed_puts_off_nothing() {
    let world = mailing().await;
    world.token("tia", "Ticket sync").await;
    let first = due(&world).await;
    world.clock.advance(5 * 60);
    let second = due(&world).await;
    world.notice_failed(&second[0], Channel::Mail, "away", false).await.unwrap();
    world.notice_failed(&first[0], Channel::Mail, "away", false).await.unwrap();
    world.clock.advance(60);
    let third = due(&world).await;
    assert_eq!(third.iter().map(|notice| notice.tries).collect::<Vec<_>>(), [1]);
    world.notice_sent(&third[0], Channel::Mail).await.unwrap();
    world.notice_failed(&first[0], Channel::Mail, "away", true).await.unwrap();
    assert_eq!(world.notices_waiting().await.unwrap().given_up, 0, "it was sent");
}

#[tokio::test]
async fn whoever_has_no_address_is_not_tried_for_ever() {
    let world = mailing_with(|notices| notices.webhook = true).await;
    let nora = ImportUser {
        netid: NetId::parse("nora").unwrap(),
        name: Some("Nora New".to_owned()),
        email: None,
        role: None,
        privileged: Some(true),
        disabled: None,
        password: None,
    };
    world.console().import_users(&[nora]).await.unwrap();
    world.give_own("nora", "plain copper teapot garden").await;
    assert_eq!(due(&world).await, []);
    // Where it goes to a program, it goes.
    let hooks = world.notices_due(Channel::Webhook, 10).await.unwrap();
    assert_eq!(kinds_of(&hooks), [("nora", NoticeKind::PasswordSet)]);
    world.notice_sent(&hooks[0], Channel::Webhook).await.unwrap();
    world.clock.advance(DAY);
    assert_eq!(due(&world).await, []);
    let queue = world.notices_waiting().await.unwrap();
    assert_eq!((queue.waiting, queue.given_up), (0, 0));
}

#[tokio::test]
async fn what_is_not_wanted_is_not_mailed_and_what_is_no_choice_is() {
    let world = mailing_with(|notices| notices.webhook = true).await;
    let tia = world.person("tia").await;
    let none = NoticeChoice::default();
    world.set_notice_settings(&tia, &none, &origin()).await.unwrap();
    assert_eq!(kinds_of(&mails(&world).await), [("tia", NoticeKind::NoticesChanged)]);
    world.clock.advance(3 * DAY);
    world.token("tia", "Ticket sync").await;
    assert_eq!(mails(&world).await, []);
    let hooks = world.notices_due(Channel::Webhook, 10).await.unwrap();
    let expected = [("tia", NoticeKind::TokenMade), ("tia", NoticeKind::NoticesChanged)];
    assert_eq!(kinds_of(&hooks), expected, "the operator's is no choice");
    let tia = world.person("tia").await;
    // Chosen again, it is told again.
    let made = NoticeChoice { wanted: vec![NoticeKind::TokenMade] };
    world.set_notice_settings(&tia, &made, &origin()).await.unwrap();
    world.token("tia", "another").await;
    let expected = [("tia", NoticeKind::TokenMade), ("tia", NoticeKind::NoticesChanged)];
    assert_eq!(kinds_of(&mails(&world).await), expected);
    world.set_notice_settings(&tia, &none, &origin()).await.unwrap();
    world.give_own("tia", "plain copper teapot garden").await;
    let expected = [("tia", NoticeKind::PasswordChanged), ("tia", NoticeKind::NoticesChanged)];
    assert_eq!(kinds_of(&mails(&world).await), expected);
}

#[tokio::test]
async fn a_flood_is_gathered_in_one_mail_an_hour_and_hides_nothing_else() {
    let world = mailing().await;
    for n in 0..25 {
        world.token("tia", &format!("one of many, {n}")).await;
    }
    world.give_own("tia", "plain copper teapot garden").await;
    let now = mails(&world).await;
    let made = now.iter().filter(|notice| notice.kind == NoticeKind::TokenMade).count();
    assert_eq!((made, now.len()), (20, 21), "the changed password is among them");
    world.clock.advance(3600 + 60);
    let summary = mails(&world).await;
    assert_eq!(kinds_of(&summary), [("tia", NoticeKind::TokenMade)]);
    assert_eq!(summary[0].token, None);
    let words = "More auth tokens were made in your name: 5 since ";
    assert!(summary[0].detail.starts_with(words), "{}", summary[0].detail);
    world.clock.advance(DAY);
    let tia = world.person("tia").await;
    let permit = world.confirm(&tia, "plain copper teapot garden").await.unwrap();
    world.create_token(&permit, new_token("the next day")).await.unwrap();
    let next = mails(&world).await;
    assert_eq!(next.len(), 1);
    assert!(next[0].token.is_some());
}

/// Whoever makes many tokens hides nothing from administrators but more of the same.
#[tokio::test]
async fn one_persons_flood_hides_from_administrators_nothing_else_and_nobody_else() {
    let world = mailing_with(|notices| {
        notices.administrators = vec![NoticeKind::TokenMade, NoticeKind::PasswordChanged];
    })
    .await;
    for n in 0..25 {
        world.token("tia", &format!("one of many, {n}")).await;
    }
    world.token("rae", "of somebody else").await;
    world.give_own("tia", "plain copper teapot garden").await;
    let to_ada = |notices: &[Notice]| -> Vec<String> {
        let of_ada = notices.iter().filter(|notice| notice.netid == "ada");
        of_ada.map(|notice| notice.detail.clone()).collect()
    };
    let now = to_ada(&mails(&world).await);
    let count = |words: &str| now.iter().filter(|detail| *detail == words).count();
    assert_eq!(count("Auth token of tia made"), 20);
    assert_eq!(count("Auth token of rae made"), 1);
    assert_eq!(count("Local password of tia changed"), 1);
    world.clock.advance(3600 + 60);
    let later = mails(&world).await;
    let summary = later.iter().find(|notice| notice.netid == "ada").unwrap();
    let words = "More auth tokens were made in the name of tia: 5 since ";
    assert!(summary.detail.starts_with(words), "{}", summary.detail);
    assert!(summary.own_words && summary.quoted.is_empty(), "{summary:?}");
    assert_eq!(to_ada(&later).len(), 1);
}

#[tokio::test]
async fn after_a_month_nothing_is_left_of_it() {
    let world = mailing().await;
    world.token("tia", "Ticket sync").await;
    let notices = due(&world).await;
    world.notice_failed(&notices[0], Channel::Mail, "no such mailbox", true).await.unwrap();
    let month = Duration::from_hours(31 * 24);
    world.clean_up(Duration::ZERO).await.unwrap();
    world.clock.advance(29 * DAY);
    world.clean_up(month).await.unwrap();
    assert_eq!(world.notices_waiting().await.unwrap().given_up, 1);
    world.clock.advance(2 * DAY);
    world.clean_up(month).await.unwrap();
    assert_eq!(world.notices_waiting().await.unwrap().given_up, 0);
}

#[tokio::test]
async fn what_has_waited_for_a_week_is_not_told_any_more() {
    let world = mailing().await;
    for (days, expected) in [(7, 1), (8, 0)] {
        world.token("tia", "Ticket sync").await;
        world.make_notices().await.unwrap();
        world.clock.advance(days * DAY);
        let notices = due(&world).await;
        assert_eq!(notices.len(), expected, "{days}");
        for notice in notices {
            world.notice_sent(&notice, Channel::Mail).await.unwrap();
        }
    }
    assert_eq!(world.notices_waiting().await.unwrap().waiting, 0);
}

/// A desk's settings whose store is in this folder.
fn settings_in(folder: &StoreFolder, mail: bool) -> Settings {
    Settings {
        store: format!("rocksdb://{}", folder.path().join("store").display()),
        demo: true,
        hash_memory_kib: 64,
        hash_passes: 1,
        notices: NoticeSettings { mail, ..NoticeSettings::default() },
        ..Settings::default()
    }
}

#[tokio::test]
async fn what_happens_while_nobody_is_told_is_not_told_later() {
    let folder = StoreFolder::from(tempfile::tempdir().unwrap());
    let clock = desk::Clock::standing();
    let open = async |mail: bool| {
        reopen(Settings { clock: clock.clone(), ..settings_in(&folder, mail) }).await
    };
    let off = open(false).await;
    off.console().load_demo().await.unwrap();
    token_with(&off, "tia", "from before", |_| {}).await;
    assert_eq!(mails(&off).await, []);
    off.close().await;
    drop(off);
    let on = open(true).await;
    assert_eq!(mails(&on).await, []);
    token_with(&on, "tia", "from now on", |_| {}).await;
    assert_eq!(mails(&on).await.len(), 1);
    token_with(&on, "tia", "one that waits", |_| {}).await;
    on.make_notices().await.unwrap();
    assert_eq!(on.notices_waiting().await.unwrap().waiting, 1);
    on.close().await;
    drop(on);
    let off = open(false).await;
    off.make_notices().await.unwrap();
    assert_eq!(off.notices_waiting().await.unwrap().waiting, 0, "nothing waits for what is off");
    token_with(&off, "tia", "meanwhile", |_| {}).await;
    off.close().await;
    drop(off);
    clock.advance(4 * DAY);
    let on = open(true).await;
    assert_eq!(mails(&on).await, [], "it is too old by now");
    on.close().await;
}
