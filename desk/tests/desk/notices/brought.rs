//! Tokens that are brought from Request Tracker with few days left: what is behind them by then is
//! told at once, and once. And what a backup brings back.

use desk::{Notice, NoticeKind, RtImport};

use super::super::backup::{OnFiles, back_up};
use super::super::request_tracker::{TIA, bring, tias, token};
use super::{DAY, by_mail, hourly_mails, kinds_of, mailing, mails};

/// What each is for, and how many days are left.
fn days_left(notices: &[Notice]) -> Vec<(&str, i64)> {
    assert!(notices.iter().all(|notice| notice.kind == NoticeKind::TokenExpires), "{notices:?}");
    let mut days: Vec<(&str, i64)> = notices
        .iter()
        .map(|notice| (notice.token.as_ref().unwrap().description.as_str(), notice.days_left))
        .map(|(description, left)| (description, left.unwrap()))
        .collect();
    days.sort_unstable();
    days
}

#[tokio::test]
async fn what_ends_soon_is_told_at_once_and_once() {
    let world = mailing().await;
    assert_eq!(hourly_mails(&world).await, [], "it was looked for before they come");
    let mut import = tias(3);
    for (token, days) in import.tokens.iter_mut().zip([10, 3, 40]) {
        token.expires = Some(world.now().plus_days(days));
    }
    let (third, first) = (import.tokens.pop().unwrap(), import);
    bring(&world, &first).await;
    // By the row that says who brought them, before it is looked for again.
    assert_eq!(days_left(&mails(&world).await), [("cron 0", 10), ("cron 1", 3)]);
    assert_eq!(hourly_mails(&world).await, []);
    // Whoever brings more tells nothing again.
    let all = RtImport { tokens: [first.tokens, vec![third]].concat(), ..first };
    bring(&world, &all).await;
    assert_eq!(hourly_mails(&world).await, []);
    // And the next thresholds come as of any other.
    world.clock.advance(4 * DAY);
    assert_eq!(days_left(&hourly_mails(&world).await), [("cron 0", 6)]);
    world.clock.advance(22 * DAY);
    assert_eq!(kinds_of(&hourly_mails(&world).await), [("tia", NoticeKind::TokenIdle)]);
}

#[tokio::test]
async fn what_request_tracker_made_for_few_days_is_told_as_well_and_what_is_made_here_is_not() {
    let world = mailing().await;
    assert_eq!(hourly_mails(&world).await, []);
    let brought = desk::RtToken {
        created: Some(world.now().plus_days(-1)),
        expires: Some(world.now().plus_days(5)),
        ..token(TIA, 0)
    };
    bring(&world, &RtImport { tokens: vec![brought], ..tias(0) }).await;
    let ends = desk::Expires::At(world.now().plus_days(5));
    world.token_with("tia", "made for five days", |new| new.expires = ends).await;
    let mut notices = mails(&world).await;
    notices.retain(|notice| notice.kind != NoticeKind::TokenMade);
    assert_eq!(days_left(&notices), [("cron 0", 5)]);
    assert_eq!(hourly_mails(&world).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_reached_since_a_backup_is_told_by_the_store_that_is_restored_from_it() {
    let files = OnFiles::new(by_mail).await;
    let world = &files.world;
    let ends = desk::Expires::At(world.now().plus_days(17));
    world.token_with("tia", "Ticket sync", |new| new.expires = ends).await;
    assert_eq!(kinds_of(&hourly_mails(world).await), [("tia", NoticeKind::TokenMade)]);
    let (backup, _) = back_up(world).await;
    world.clock.advance(5 * DAY);
    let desk = files.restored(&backup, "copy").await;
    assert_eq!(days_left(&hourly_mails(&desk).await), [("Ticket sync", 12)]);
    assert_eq!(hourly_mails(&desk).await, []);
}
