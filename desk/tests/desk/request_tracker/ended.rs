//! Tokens that ended with their strings: over in all that is done with them, and taken out of the
//! store as others are.

use std::time::Duration;

use desk::{
    AuditAction, AuditQuery, AuditRow, GracePeriod, NetId, Push, Refusal, RtImport, Settings,
    Verdict, right, source,
};

use super::super::support::{World, origin, world_with};
use super::tokens::edit;
use super::{TIA, bring, is_good, listed, person, string, tias, token, verify, world_of};

const DAY: i64 = 86_400;

/// Strings end in ten days.
fn in_ten_days(settings: &mut Settings) {
    settings.rt_strings_end = Some(settings.clock.now().plus_days(10));
}

/// A world in which they do, and tia has two of them.
async fn ending() -> World {
    let world = world_with(in_ten_days).await;
    bring(&world, &tias(2)).await;
    world
}

/// What was written down of tokens that were taken out.
async fn cleanups(world: &World) -> Vec<AuditRow> {
    let action = AuditAction::TokenCleanup.code().to_owned();
    let query = AuditQuery { action, ..AuditQuery::default() };
    world.console().audit(&query).await.unwrap().rows
}

#[tokio::test]
async fn ninety_days_after_the_day_they_go_out_of_the_store_into_the_audit() {
    let world = ending().await;
    world.token("tia", "made here").await;
    // One that was used here, and one that was not.
    assert!(is_good(&world, &string(TIA, 0)).await);
    let days = |days: u64| Duration::from_secs(days * 24 * 3600);
    world.clean_up(days(1)).await.unwrap();
    world.clock.advance(99 * DAY);
    world.clean_up(days(99)).await.unwrap();
    assert_eq!((listed(&world).await.len(), cleanups(&world).await.len()), (3, 0));
    world.clock.advance(DAY);
    for _ in 0..2 {
        world.clean_up(days(1)).await.unwrap();
        let left = listed(&world).await;
        assert_eq!((left.len(), left[0].description.as_str()), (1, "made here"));
        let rows = cleanups(&world).await;
        assert_eq!((rows.len(), rows[0].subject.as_str()), (1, "tia"));
        let detail = &rows[0].detail;
        assert!(detail.starts_with("2 tokens ended more than 90 days ago: "), "{detail}");
        assert!(detail.contains(" cron 0") && detail.contains(" cron 1"), "{detail}");
    }
    for nth in [0, 1] {
        let verdict = verify(&world, &string(TIA, nth)).await;
        assert_eq!(verdict, Verdict::Refused("old string ended"));
    }
    let plan = world.console().plan_rt_import(&tias(2)).await.unwrap();
    assert_eq!((plan.tokens_new, plan.tokens_already), (0, 2), "they do not come again");
    let standing = world.console().rt_standing().await.unwrap();
    assert_eq!((standing.imported, standing.moved, standing.not_moved), (2, 1, 0));
    assert!(world.console().verify_audit().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn a_day_of_long_ago_takes_nothing_away_before_ninety_days_are_over() {
    let world = world_with(|settings| {
        settings.rt_strings_end = Some(settings.clock.now().plus_days(-4000));
    })
    .await;
    bring(&world, &tias(2)).await;
    for (days, expected) in [(0, 0), (0, 0), (89, 0), (1, 2), (1, 0)] {
        world.clock.advance(days * DAY);
        assert_eq!(world.console().clean_up_tokens().await, Ok(expected), "after {days} days");
    }
    // What is brought later stays as long.
    bring(&world, &tias(3)).await;
    for (days, expected) in [(0, 0), (89, 0), (1, 1)] {
        world.clock.advance(days * DAY);
        assert_eq!(world.console().clean_up_tokens().await, Ok(expected), "after {days} more");
    }
}

#[tokio::test]
async fn nothing_is_made_in_their_place_and_nothing_changed_of_them() {
    let world = ending().await;
    for (days, expected) in [(9, Ok(())), (1, Err(Refusal::TokenOver))] {
        world.clock.advance(days * DAY);
        let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
        let last = listed(&world).await.pop().unwrap();
        let edited = world.edit_token(&permit, last.id.as_str(), edit(&last)).await;
        assert_eq!(edited.map(drop), expected, "edited after {days} days");
        let mut old = listed(&world).await;
        old.retain(|token| token.from_rt && token.revoked.is_none());
        let first = old.remove(0);
        let renewed = world.renew_token(&permit, first.id.as_str(), GracePeriod::NONE).await;
        assert_eq!(renewed.map(drop), expected, "renewed after {days} days");
    }
}

#[tokio::test]
async fn they_are_not_among_those_that_lie_idle_and_among_all_that_are_revoked() {
    for (world, idle, all) in [(world_of(2).await, 2, 0), (ending().await, 0, 2)] {
        world.clock.advance(100 * DAY);
        let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
        assert_eq!(world.revoke_idle_tokens(&permit).await, Ok(idle));
        assert_eq!(world.revoke_all_tokens(&permit).await, Ok(all));
    }
}

#[tokio::test]
async fn what_a_directory_has_ended_comes_back_only_while_strings_are_taken() {
    let pia = NetId::parse("pia").unwrap();
    let push = |active| Push {
        name: None,
        name_parts: None,
        email: None,
        external_id: None,
        active: Some(active),
    };
    for (days, expected) in [(9, 1), (10, 0)] {
        let world = world_with(|settings| {
            in_ten_days(settings);
            settings.is_pushed_to = true;
        })
        .await;
        world.source(source::Scim).push_new(&pia, &push(true), &origin()).await.unwrap();
        let import = RtImport {
            people: vec![person(16, "pia")],
            tokens: vec![token(16, 0)],
            ..RtImport::default()
        };
        assert_eq!(bring(&world, &import).await.tokens, 1);
        for active in [false, true] {
            world.source(source::Scim).push(&pia, &push(active), &origin()).await.unwrap();
        }
        world.clock.advance(days * DAY);
        let permit = world.permit::<right::SetDisabled>("ada", Some("pia")).await.unwrap();
        assert_eq!(world.restore_tokens(&permit).await, Ok(expected), "after {days} days");
    }
}
