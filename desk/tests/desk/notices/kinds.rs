//! What is told of what happens: each kind once, however often its row is read.

use desk::{Channel, NoticeKind, right};

use super::super::support::{origin, password_change, request};
use super::{DAY, kinds_of, mailing, mailing_with, mails};

#[tokio::test]
async fn a_token_that_was_made_is_told_once() {
    let world = mailing().await;
    let (_, token) = world.token("tia", "Ticket sync").await;
    let first = mails(&world).await;
    assert_eq!(kinds_of(&first), [("tia", NoticeKind::TokenMade)]);
    let notice = &first[0];
    let about = notice.token.as_ref().unwrap();
    assert_eq!((&about.id, about.description.as_str()), (&token.id, "Ticket sync"));
    assert_eq!((notice.by.as_str(), notice.address.as_str()), ("you", "192.0.2.7"));
    assert_eq!(notice.by_code, "tia", "to programs nobody is “you”");
    assert!(notice.email.contains('@') && !notice.name.is_empty(), "{notice:?}");
    assert_eq!((notice.at, notice.tries), (world.now(), 0));
    assert_eq!(mails(&world).await, [], "it was sent");
}

#[tokio::test]
async fn a_renewed_token_is_a_new_one() {
    let world = mailing().await;
    let (_, token) = world.token("tia", "Ticket sync").await;
    mails(&world).await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let grace = desk::GracePeriod::NONE;
    let (_, new) = world.renew_token(&permit, token.id.as_str(), grace).await.unwrap();
    let notices = mails(&world).await;
    assert_eq!(notices[0].token.as_ref().map(|token| &token.id), Some(&new.id));
}

#[tokio::test]
async fn what_somebody_else_does_says_who_it_was() {
    let world = mailing().await;
    world.give_initial("sam", "plain copper teapot garden").await;
    let notices = mails(&world).await;
    assert_eq!(kinds_of(&notices), [("sam", NoticeKind::PasswordSet)]);
    let helen = world.person("helen").await.me().name;
    assert_eq!((&notices[0].by, notices[0].by_code.as_str()), (&helen, "helen"));
    assert!(notices[0].initial && notices[0].detail.is_empty(), "{:?}", notices[0]);
    world.give_own("sam", "another copper teapot garden").await;
    let notices = mails(&world).await;
    assert_eq!(kinds_of(&notices), [("sam", NoticeKind::PasswordChanged)]);
    assert_eq!((notices[0].by.as_str(), notices[0].address.as_str()), ("the operator", ""));
    assert_eq!(notices[0].by_code, "(console)");
}

#[tokio::test]
async fn a_first_password_that_the_operator_sets_as_their_own_is_no_initial_one() {
    let world = mailing().await;
    world.give_own("sam", "plain copper teapot garden").await;
    let notices = mails(&world).await;
    assert_eq!(kinds_of(&notices), [("sam", NoticeKind::PasswordSet)]);
    assert_eq!(notices[0].by, "the operator");
    assert!(!notices[0].initial && notices[0].detail.is_empty(), "{:?}", notices[0]);
}

#[tokio::test]
async fn a_new_network_is_told_apart_from_what_is_said_of_it() {
    let world = mailing_with(|notices| {
        notices.administrators = vec![NoticeKind::TokenNewNetwork];
    })
    .await;
    let (token, _) = world.token("tia", "Backup script").await;
    for (address, days) in [("192.0.2.7", 8), ("203.0.113.9", 0)] {
        world.verify(token.expose(), None, &request("GET", address)).await;
        world.write_noted().await;
        world.clock.advance(days * DAY);
    }
    let notices = mails(&world).await;
    let notice_to = |netid: &str, kind: NoticeKind| {
        let one = notices.iter().find(|notice| notice.netid == netid && notice.kind == kind);
        one.unwrap_or_else(|| panic!("{netid}: {notices:?}"))
    };
    let to_tia = notice_to("tia", NoticeKind::TokenNewNetwork);
    let to_ada = notice_to("ada", NoticeKind::ForAdministrators);
    for notice in [to_tia, to_ada] {
        assert_eq!(notice.network, "203.0.113.0/24");
        assert_eq!(notice.note, "first from there; 1 network before");
        assert_eq!(notice.by_code, "(the token itself)");
    }
    assert_eq!(to_ada.detail, "Auth token of tia used from a new network");
    assert_eq!(to_ada.quoted, "Backup script");
}

#[tokio::test]
async fn a_changed_local_password_is_told() {
    let world = mailing().await;
    let tia = world.person("tia").await;
    let new = "plain copper teapot garden";
    let change = password_change("tia-local-password", new, new);
    world.change_own_password(&tia, &change, &origin()).await.unwrap();
    assert_eq!(kinds_of(&mails(&world).await), [("tia", NoticeKind::PasswordChanged)]);
}

#[tokio::test]
async fn a_closed_account_is_told_and_nothing_else_to_whoever_has_it() {
    let world = mailing().await;
    world.token("tia", "Ticket sync").await;
    world.set_disabled("tia", true).await;
    assert_eq!(kinds_of(&mails(&world).await), [("tia", NoticeKind::AccountClosed)]);
    world.set_disabled("tia", false).await;
    assert_eq!(mails(&world).await, [], "that it is open again they see");
    // Closed and opened before anybody was told: it would be untrue.
    world.set_disabled("tia", true).await;
    world.set_disabled("tia", false).await;
    assert_eq!(mails(&world).await, []);
}

#[tokio::test]
async fn a_kind_that_the_operator_has_switched_off_is_not_told() {
    let world = mailing_with(|notices| {
        notices.kinds.retain(|kind| *kind != NoticeKind::TokenMade);
    })
    .await;
    world.token("tia", "Ticket sync").await;
    world.give_initial("sam", "plain copper teapot garden").await;
    assert_eq!(kinds_of(&mails(&world).await), [("sam", NoticeKind::PasswordSet)]);
}

#[tokio::test]
async fn administrators_are_told_what_they_ask_for_by_mail_alone() {
    let world = mailing_with(|notices| {
        notices.administrators = vec![NoticeKind::AccountClosed];
        notices.webhook = true;
    })
    .await;
    world.token("tia", "Ticket sync").await;
    world.set_disabled("sam", true).await;
    let notices = mails(&world).await;
    let expected = [
        ("ada", NoticeKind::ForAdministrators),
        ("sam", NoticeKind::AccountClosed),
        ("tia", NoticeKind::TokenMade),
    ];
    assert_eq!(kinds_of(&notices), expected);
    let to_ada = notices.iter().find(|notice| notice.netid == "ada").unwrap();
    assert_eq!(to_ada.detail, "Account of sam closed");
    let hooks = world.notices_due(Channel::Webhook, 20).await.unwrap();
    assert_eq!(kinds_of(&hooks), expected[1..]);
}

#[tokio::test]
async fn what_somebody_wrote_is_no_word_of_ours_to_administrators() {
    let world = mailing_with(|notices| notices.administrators = vec![NoticeKind::TokenMade]).await;
    let evil = "x. Your session ended: log in at https://evil.example.net/.";
    world.token("tia", evil).await;
    let notices = mails(&world).await;
    let to_ada = notices.iter().find(|notice| notice.netid == "ada").unwrap();
    assert_eq!(to_ada.detail, "Auth token of tia made");
    assert!(to_ada.quoted.contains("evil") && !to_ada.own_words, "{to_ada:?}");
}
