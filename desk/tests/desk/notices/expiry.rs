//! Tokens that end soon: each threshold once, also where days were missed, by the desk's own clock.

use desk::{Expires, NoticeKind, PlainToken, TokenEdit, TokenView, Verdict, right};

use super::super::support::{World, get, token_edit};
use super::{DAY, hourly_mails, kinds_of, mailing, mails};

/// A token of tia's that ends in so many days, and whose making has been told.
async fn ending_in(world: &World, days: i64) -> (PlainToken, TokenView) {
    let ends = Expires::At(world.now().plus_days(days));
    let made = world.token_with("tia", "Ticket sync", |new| new.expires = ends).await;
    mails(world).await;
    made
}

/// An application uses it.
async fn uses(world: &World, token: &PlainToken) {
    assert!(matches!(world.verify(token.expose(), None, &get()).await, Verdict::Good(_)));
    world.write_noted().await;
}

/// How many days are left in each that is told now.
async fn days_left(world: &World) -> Vec<Option<i64>> {
    let notices = hourly_mails(world).await;
    let kinds = kinds_of(&notices);
    assert!(kinds.iter().all(|kind| *kind == ("tia", NoticeKind::TokenExpires)), "{kinds:?}");
    notices.iter().map(|notice| notice.days_left).collect()
}

#[tokio::test]
async fn each_threshold_comes_once() {
    let world = mailing().await;
    let (token, _) = ending_in(&world, 30).await;
    uses(&world, &token).await;
    assert_eq!(days_left(&world).await, []);
    let mut days = Vec::new();
    for day in 1..=31 {
        world.clock.advance(DAY);
        for _ in 0..2 {
            let left = days_left(&world).await;
            days.extend(left.into_iter().map(|left| (day, left.unwrap())));
        }
    }
    assert_eq!(days, [(16, 14), (23, 7), (29, 1)]);
}

#[tokio::test]
async fn of_missed_days_the_true_ones_are_told_and_not_those_that_were_missed() {
    let world = mailing().await;
    let (token, _) = ending_in(&world, 40).await;
    world.clock.advance(20 * DAY);
    uses(&world, &token).await;
    assert_eq!(days_left(&world).await, [], "20 days are left");
    world.clock.advance(17 * DAY);
    assert_eq!(days_left(&world).await, [Some(3)]);
    world.clock.advance(DAY);
    assert_eq!(days_left(&world).await, [], "nothing of those that were missed");
    world.clock.advance(DAY);
    assert_eq!(days_left(&world).await, [Some(1)]);
}

#[tokio::test]
async fn one_that_nobody_uses_is_asked_about_once() {
    let world = mailing().await;
    let (_, token) = ending_in(&world, 30).await;
    let mut all = Vec::new();
    for _ in 0..31 {
        world.clock.advance(DAY);
        all.extend(hourly_mails(&world).await);
    }
    assert_eq!(kinds_of(&all), [("tia", NoticeKind::TokenIdle)]);
    assert_eq!(all[0].days_left, Some(14));
    assert_eq!(all[0].token.as_ref().map(|token| &token.id), Some(&token.id));
}

#[tokio::test]
async fn what_was_made_for_a_week_is_told_in_its_last_day() {
    let world = mailing().await;
    let (token, _) = ending_in(&world, 7).await;
    uses(&world, &token).await;
    let mut days = Vec::new();
    for day in 0..7 {
        days.extend(days_left(&world).await.into_iter().map(|left| (day, left)));
        world.clock.advance(DAY);
    }
    assert_eq!(days, [(6, Some(1))]);
}

/// Moves a token's end.
async fn edit(world: &World, token: &TokenView, days: i64) {
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let expires = Expires::At(world.now().plus_days(days));
    let edit = TokenEdit { expires, ..token_edit("Ticket sync") };
    world.edit_token(&permit, token.id.as_str(), edit).await.unwrap();
}

#[tokio::test]
async fn what_is_put_off_or_revoked_before_it_is_sent_is_not_told() {
    let world = mailing().await;
    let (token, view) = ending_in(&world, 30).await;
    uses(&world, &token).await;
    world.clock.advance(17 * DAY);
    world.make_notices_of_ending_tokens().await.unwrap();
    edit(&world, &view, 40).await;
    assert_eq!(mails(&world).await, [], "it does not end soon any more");
    // When it does, it is told.
    world.clock.advance(33 * DAY);
    uses(&world, &token).await;
    assert_eq!(days_left(&world).await, [Some(7)]);
    world.clock.advance(6 * DAY);
    world.make_notices_of_ending_tokens().await.unwrap();
    world.revoke("tia", &view).await;
    assert_eq!(mails(&world).await, []);
}

#[tokio::test]
async fn the_days_are_those_that_are_left_when_it_is_sent() {
    let world = mailing().await;
    let (token, _) = ending_in(&world, 30).await;
    uses(&world, &token).await;
    world.clock.advance(16 * DAY);
    world.make_notices_of_ending_tokens().await.unwrap();
    world.clock.advance(2 * DAY);
    let notices = mails(&world).await;
    assert_eq!(notices.iter().map(|notice| notice.days_left).collect::<Vec<_>>(), [Some(12)]);
}
