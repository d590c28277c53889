//! What a person chooses, and the private address of their calendar.

use desk::{AuditAction, AuditQuery, Expires, NoticeChoice, NoticeKind, Refusal};

use super::super::support::{World, origin, world};
use super::{DAY, kinds_of, mailing, mailing_with, mails};

/// The kinds that tia wants, of those that she is asked about.
async fn wanted(world: &World) -> Vec<(NoticeKind, bool)> {
    let tia = world.person("tia").await;
    world.notice_settings(&tia).await.unwrap().optional
}

#[tokio::test]
async fn everything_is_wanted_until_somebody_says_otherwise() {
    use NoticeKind as K;
    let optional = [K::TokenMade, K::TokenNewNetwork, K::TokenExpires, K::TokenIdle];
    let world = mailing().await;
    assert_eq!(wanted(&world).await, optional.map(|kind| (kind, true)));
    let tia = world.person("tia").await;
    // What is no choice is none, whatever a form says.
    let choice = NoticeChoice { wanted: vec![K::TokenExpires, K::PasswordChanged] };
    world.set_notice_settings(&tia, &choice, &origin()).await.unwrap();
    let expected = optional.map(|kind| (kind, kind == K::TokenExpires));
    assert_eq!(wanted(&world).await, expected);
    let sam = world.person("sam").await;
    let others = world.notice_settings(&sam).await.unwrap();
    assert_eq!(others.optional, optional.map(|kind| (kind, true)));
    assert!(others.mail && others.email == "sam@example.edu" && others.calendar.is_none());
    let query =
        AuditQuery { action: AuditAction::NoticesSet.code().to_owned(), ..Default::default() };
    let rows = world.console().audit(&query).await.unwrap().rows;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].detail, "all but token-made, token-new-network, token-idle");
}

/// Whoever has stolen a session switches off what would tell, and then does what it would tell of.
#[tokio::test]
async fn what_is_switched_off_is_told_and_counts_three_days_later() {
    use NoticeKind as K;
    let world = mailing().await;
    let choose = async |wanted: &[NoticeKind]| {
        let tia = world.person("tia").await;
        let choice = NoticeChoice { wanted: wanted.to_vec() };
        world.set_notice_settings(&tia, &choice, &origin()).await.unwrap();
    };
    choose(&[K::TokenNewNetwork, K::TokenExpires, K::TokenIdle]).await;
    world.token("tia", "made by whoever it was").await;
    let sent = mails(&world).await;
    assert_eq!(kinds_of(&sent), [("tia", K::TokenMade), ("tia", K::NoticesChanged)]);
    let changed = sent.iter().find(|notice| notice.kind == K::NoticesChanged).unwrap();
    let words = "You get no mail any more when an auth token is made in your name.";
    assert_eq!((changed.detail.as_str(), changed.by.as_str()), (words, "you"));
    assert!(changed.own_words);
    // Another choice meanwhile puts nothing off, and takes nothing forward.
    world.clock.advance(2 * DAY);
    choose(&[K::TokenNewNetwork, K::TokenIdle]).await;
    assert_eq!(kinds_of(&mails(&world).await), [("tia", K::NoticesChanged)]);
    world.clock.advance(DAY - 1);
    world.token("tia", "within three days").await;
    assert_eq!(kinds_of(&mails(&world).await), [("tia", K::TokenMade)]);
    world.clock.advance(1);
    world.token("tia", "three days later").await;
    assert_eq!(mails(&world).await, []);
    // Switched on and off again, it counts anew; and what is switched on is no news.
    choose(K::ALL).await;
    assert_eq!(mails(&world).await, []);
    choose(&[]).await;
    world.token("tia", "once more").await;
    let sent = mails(&world).await;
    assert_eq!(kinds_of(&sent), [("tia", K::TokenMade), ("tia", K::NoticesChanged)]);
}

#[tokio::test]
async fn what_the_operator_does_not_send_is_no_choice() {
    use NoticeKind as K;
    let world = mailing_with(|notices| {
        let sent = |kind| ![NoticeKind::TokenMade, NoticeKind::NoticesChanged].contains(&kind);
        notices.kinds.retain(|kind| sent(*kind));
    })
    .await;
    assert!(wanted(&world).await.iter().all(|(kind, _)| *kind != NoticeKind::TokenMade));
    // Nor is it named among what is none.
    let tia = world.person("tia").await;
    let always = world.notice_settings(&tia).await.unwrap().always;
    assert!(always.contains(&NoticeKind::PasswordSet), "{always:?}");
    // No string of another system ends here.
    for kind in [K::NoticesChanged, K::ForAdministrators, K::TokenIdle, K::OldStringsEnd] {
        assert!(!always.contains(&kind), "{kind:?}");
    }
}

#[tokio::test]
async fn a_form_that_was_sent_is_done_once() {
    let world = mailing().await;
    let tia = world.person("tia").await;
    let key = desk::FormKey::text("tia", "7f3a");
    let sender = world.sender(tia.clone(), &key, AuditAction::NoticesSet).await.unwrap();
    world.set_notice_settings(&sender, &NoticeChoice::default(), &origin()).await.unwrap();
    drop(sender);
    let again = world.sender(tia, &key, AuditAction::NoticesSet).await;
    assert!(matches!(again, Err(Refusal::SentAlready { good: true, .. })), "{again:?}");
}

/// What stands in the calendar with this address.
async fn entries(world: &World, secret: &str) -> Option<Vec<String>> {
    let entries = world.calendar(secret).await.unwrap()?;
    Some(entries.into_iter().map(|entry| entry.description).collect())
}

#[tokio::test]
async fn a_calendar_has_the_ends_of_its_owners_tokens_that_work() {
    let world = world().await;
    let ends = |days: i64| Expires::At(world.now().plus_days(days));
    world.token_with("tia", "later", |new| new.expires = ends(60)).await;
    let (_, sooner) = world.token_with("tia", "sooner", |new| new.expires = ends(30)).await;
    let (_, over) = world.token_with("tia", "revoked", |new| new.expires = ends(20)).await;
    world.revoke("tia", &over).await;
    world.token("tia", "for ever").await;
    world.token_with("rae", "another's", |new| new.expires = ends(10)).await;
    let tia = world.person("tia").await;
    let secret = world.new_calendar_address(&tia, &origin()).await.unwrap();
    let calendar = world.calendar(secret.expose()).await.unwrap().unwrap();
    assert_eq!(
        (calendar[0].id.as_str(), Some(calendar[0].expires)),
        (sooner.id.short(), sooner.expires)
    );
    assert_eq!(entries(&world, secret.expose()).await.unwrap(), ["sooner", "later"]);
    world.clock.advance(31 * super::DAY);
    assert_eq!(entries(&world, secret.expose()).await.unwrap(), ["later"]);
    world.set_disabled("tia", true).await;
    assert_eq!(entries(&world, secret.expose()).await, None);
}

#[tokio::test]
async fn an_address_ends_when_another_takes_its_place_or_its_owner_says_so() {
    let world = world().await;
    let tia = world.person("tia").await;
    assert!(!world.end_calendar_address(&tia, &origin()).await.unwrap(), "there is none");
    let first = world.new_calendar_address(&tia, &origin()).await.unwrap();
    assert_eq!(world.notice_settings(&tia).await.unwrap().calendar, Some(world.now()));
    assert_eq!(entries(&world, first.expose()).await, Some(Vec::new()));
    let second = world.new_calendar_address(&tia, &origin()).await.unwrap();
    assert!(!second.same(&first));
    assert_eq!(entries(&world, first.expose()).await, None);
    assert_eq!(entries(&world, second.expose()).await, Some(Vec::new()));
    assert!(world.end_calendar_address(&tia, &origin()).await.unwrap());
    assert_eq!(entries(&world, second.expose()).await, None);
    assert_eq!(world.notice_settings(&tia).await.unwrap().calendar, None);
    for nobodys in ["", "x", &"0".repeat(64), &"A".repeat(64)] {
        assert_eq!(entries(&world, nobodys).await, None, "{nobodys}");
    }
    // Each is in the audit, without the secret.
    let rows = world.console().audit(&AuditQuery::default()).await.unwrap().rows;
    let of = |action: AuditAction| rows.iter().filter(|row| row.action.is(action)).count();
    assert_eq!((of(AuditAction::CalendarSet), of(AuditAction::CalendarEnd)), (2, 1));
    let all = serde_json::to_string(&rows).unwrap();
    assert!(!all.contains(first.expose()) && !all.contains(second.expose()));
}

#[tokio::test]
async fn a_new_address_is_shown_once_to_whoever_made_it() {
    let world = world().await;
    let cookie = world.cookie("tia").await;
    let tia = world.look(&cookie).await.unwrap();
    for _ in 0..2 {
        let secret = world.new_calendar_address(&tia, &origin()).await.unwrap();
        world.keep_calendar_for_reveal(&cookie, &secret).await.unwrap();
    }
    let other = world.cookie("tia").await;
    assert!(world.take_calendar_for_reveal(&other).await.unwrap().is_none(), "another session");
    let shown = world.take_calendar_for_reveal(&cookie).await.unwrap().unwrap();
    assert!(entries(&world, shown.expose()).await.is_some(), "the last of both");
    assert!(world.take_calendar_for_reveal(&cookie).await.unwrap().is_none(), "once");
    let secret = world.new_calendar_address(&tia, &origin()).await.unwrap();
    world.keep_calendar_for_reveal(&cookie, &secret).await.unwrap();
    world.clock.advance(61);
    assert!(world.take_calendar_for_reveal(&cookie).await.unwrap().is_none(), "for a minute");
}
