//! Tokens from Request Tracker among everybody's: by a filter of their own, and by the end that is
//! shown of them.

use desk::{TokenFilter, TokenQuery};

use super::super::support::{World, world_with};
use super::{bring, tias};

/// `DESCRIPTION: REASONS` of each that is found.
async fn found(world: &World, filter: TokenFilter) -> Vec<String> {
    let found = world.console().find_tokens(&TokenQuery::of([filter]), "").await.unwrap();
    assert_eq!(found.next, None, "all of them");
    let line = |found: &desk::FoundToken| {
        let why: Vec<String> = found.reasons.iter().map(ToString::to_string).collect();
        format!("{}: {}", found.token.description, why.join(", "))
    };
    found.tokens.iter().map(line).collect()
}

#[tokio::test]
async fn they_are_found_by_where_they_are_from_and_by_the_day_on_which_strings_end() {
    let world = world_with(|settings| {
        settings.rt_strings_end = Some(settings.clock.now().plus_days(10));
    })
    .await;
    bring(&world, &tias(1)).await;
    world.token("tia", "made here").await;
    let day = world.now().plus_days(10).date();
    let of_rt = TokenFilter::FromRequestTracker;
    assert_eq!(found(&world, of_rt).await, ["cron 0: from Request Tracker"]);
    let soon = format!("cron 0: expires {day}");
    assert_eq!(found(&world, TokenFilter::Expiring(14)).await, [soon]);
    assert!(found(&world, TokenFilter::Expiring(7)).await.is_empty());
    assert!(found(&world, TokenFilter::Expired).await.is_empty());
    let not_moved = async || world.console().rt_not_moved("").await.unwrap().tokens;
    let ends: Vec<_> = not_moved().await.iter().map(|found| found.token.expires).collect();
    assert_eq!(ends, [world.settings.rt_strings_end]);
    world.clock.advance(10 * 86_400);
    let ended = format!("cron 0: ended with Request Tracker’s strings {day}");
    assert_eq!(found(&world, TokenFilter::Expired).await, [ended]);
    assert!(found(&world, of_rt).await.is_empty(), "it does not work any more");
    assert_eq!(not_moved().await.len(), 1, "it stays listed, with its end");
}
