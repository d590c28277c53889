//! Tokens of people of whom nobody would say that they have left wait for them to log in.

use desk::{LoginContext, NetId, Source, Verdict, right};

use super::{Set, active, administer, page, person};
use crate::support::{World, get, new_token, origin, world_with};

const DAY: i64 = 86_400;

pub(crate) async fn waiting_world(days: u32) -> World {
    world_with(|settings| settings.token_needs_log_in_days = days).await
}

pub(crate) async fn comes(desk: &desk::Desk, netid: &str, source: Source) -> desk::Visitor {
    let (cookie, _) = desk
        .log_in_vouched(&person(netid, &[]), source, &LoginContext::default(), &origin())
        .await
        .unwrap();
    desk.visitor(&cookie, &origin()).await.unwrap()
}

/// A token of somebody who comes by single sign-on.
pub(crate) async fn token_by(world: &World, netid: &str, source: Source) -> String {
    comes(world, netid, source).await;
    let own = "seven otters cross the weir";
    world.give_own(netid, own).await;
    let visitor = comes(world, netid, source).await;
    let permit = world.confirm(&visitor, own).await.unwrap();
    world.create_token(&permit, new_token("a script")).await.unwrap().0.expose().to_owned()
}

async fn verdict(world: &World, token: &str) -> Verdict {
    world.verify(token, None, &get()).await
}

const WAITS: Verdict = Verdict::Refused("owner has not logged in");

#[tokio::test]
async fn they_are_refused_on_the_day_and_work_again_at_once() {
    let world = waiting_world(30).await;
    for source in [Source::Oidc, Source::Proxy] {
        let netid = format!("of-{source}");
        let token = token_by(&world, &netid, source).await;
        let by_own_account = world.token("tia", "of the desk's own").await.0;
        assert!(matches!(verdict(&world, &token).await, Verdict::Good(_)));
        // What is remembered of it knows when it ends.
        world.clock.advance(30 * DAY - 1);
        assert!(matches!(verdict(&world, &token).await, Verdict::Good(_)), "{source}");
        world.clock.advance(1);
        assert_eq!(verdict(&world, &token).await, WAITS, "{source}");
        assert!(
            matches!(verdict(&world, by_own_account.expose()).await, Verdict::Good(_)),
            "of them an administrator says it"
        );
        let shown = page(&world, &netid).await.tokens.unwrap();
        assert!(shown.iter().all(|token| token.waits), "{shown:?}");
        // Refused log-ins change nothing.
        administer(&world, &netid, Set::Disabled(true)).await;
        let refused = world
            .log_in_vouched(&person(&netid, &[]), source, &LoginContext::default(), &origin())
            .await;
        assert!(refused.is_err());
        administer(&world, &netid, Set::Disabled(false)).await;
        assert_eq!(verdict(&world, &token).await, WAITS, "{source}");
        let visitor = comes(&world, &netid, source).await;
        assert!(matches!(verdict(&world, &token).await, Verdict::Good(_)), "{source}");
        assert!(world.own_tokens(&visitor).await.unwrap().iter().all(|token| !token.waits));
        world.clock.advance(30 * DAY);
        assert_eq!(verdict(&world, &token).await, WAITS, "{source}, again");
    }
}

#[tokio::test]
async fn a_token_that_is_over_does_not_wait() {
    let world = waiting_world(30).await;
    let token = token_by(&world, "kim", Source::Oidc).await;
    let permit = world.console().permit::<right::RevokeTokensOf>("kim").await.unwrap();
    world.revoke_all_tokens(&permit).await.unwrap();
    world.clock.advance(31 * DAY);
    assert_eq!(verdict(&world, &token).await, Verdict::Refused("revoked"));
    assert!(page(&world, "kim").await.tokens.unwrap().iter().all(|token| !token.waits));
}

#[tokio::test]
async fn by_default_and_of_whom_somebody_says_it_they_never_do() {
    for (days, pushed) in [(0, false), (30, true)] {
        let world = world_with(|settings| {
            (settings.token_needs_log_in_days, settings.is_pushed_to) = (days, true);
        })
        .await;
        if pushed {
            let kim = NetId::parse("kim").unwrap();
            world
                .source(desk::source::Scim)
                .push_new(&kim, &active(true), &origin())
                .await
                .unwrap();
        }
        let token = token_by(&world, "kim", Source::Oidc).await;
        world.clock.advance(1000 * DAY);
        assert!(matches!(verdict(&world, &token).await, Verdict::Good(_)), "{days} {pushed}");
    }
    // An identity system that is asked no more says nothing.
    let world = waiting_world(30).await;
    let kim = NetId::parse("kim").unwrap();
    world.source(desk::source::Scim).push_new(&kim, &active(true), &origin()).await.unwrap();
    let token = token_by(&world, "kim", Source::Oidc).await;
    world.clock.advance(30 * DAY);
    assert_eq!(verdict(&world, &token).await, WAITS);
}

#[tokio::test]
async fn a_log_in_that_cannot_have_been_yet_lets_nothing_wait_for_longer() {
    let world = waiting_world(30).await;
    let token = token_by(&world, "kim", Source::Oidc).await;
    world.clock.advance(400 * DAY);
    comes(&world, "kim", Source::Oidc).await;
    world.clock.advance(-370 * DAY + 60);
    assert_eq!(verdict(&world, &token).await, WAITS);
    comes(&world, "kim", Source::Oidc).await;
    assert!(matches!(verdict(&world, &token).await, Verdict::Good(_)));
}
