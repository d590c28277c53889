//! Several nodes on one SurrealDB server: only where the tests run on one
//! (`LATCHKEY_TEST_STORE=ws`).

use std::time::{Duration, Instant};

use desk::{Desk, Event, PlainToken, Settings, Source, Verdict, right};

use super::directory::presence;
use super::support::{World, disabled, get, origin, world, world_with};
use testkit::surreal_server::Server;

/// What takes a second and, without its store, two: with room for a machine that has much else to
/// do.
const SOON: Duration = Duration::from_secs(15);

fn on_a_server(world: &World) -> bool {
    world.settings.store.starts_with("ws")
}

/// Another node on the same store.
async fn beside(here: &World) -> Desk {
    Desk::open(Settings { node: "there".to_owned(), ..here.settings.clone() }).await.unwrap()
}

/// Two nodes on one server, and hundreds of tokens of tia's; none where the tests are not on
/// servers.
async fn with_hundreds() -> Option<(World, Desk, Vec<PlainToken>)> {
    let here = world_with(|settings| settings.tokens_per_user = 1000).await;
    if !on_a_server(&here) {
        return None;
    }
    let there = beside(&here).await;
    let permit = here.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let mut tokens = Vec::new();
    for n in 0..300 {
        let new = super::support::new_token(&format!("one of many, {n}"));
        tokens.push(here.create_token(&permit, new).await.unwrap().0);
    }
    Some((here, there, tokens))
}

/// Asks until the answer is another than good.
async fn until_refused(desk: &Desk, token: &str) -> Verdict {
    let began = Instant::now();
    loop {
        match desk.verify(token, None, &get()).await {
            Verdict::Good(_) => assert!(began.elapsed() < SOON, "still good"),
            other => return other,
        }
        tokio::task::yield_now().await;
    }
}

/// Waits until the node remembers: its feed is there, and the next verify need not ask the store.
async fn until_good(desk: &Desk, token: &str) {
    let began = Instant::now();
    while !matches!(desk.verify(token, None, &get()).await, Verdict::Good(_)) {
        assert!(began.elapsed() < Duration::from_mins(1), "never good");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_revokes_the_other_refuses_soon() {
    let here = world().await;
    if !on_a_server(&here) {
        return;
    }
    let there = beside(&here).await;
    let tia = here.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let ada = here.permit::<right::SetDisabled>("ada", Some("tia")).await.unwrap();
    let (kept, _) = here.token("tia", "kept").await;
    for _ in 0..20 {
        let (token, view) = here.token("tia", "on both nodes").await;
        for _ in 0..50 {
            until_good(&there, token.expose()).await;
        }
        here.revoke_token(&tia, view.id.as_str()).await.unwrap();
        assert_eq!(until_refused(&there, token.expose()).await, Verdict::Refused("revoked"));
    }
    until_good(&there, kept.expose()).await;
    here.change_account(&disabled(&ada, true)).await.unwrap();
    assert_eq!(until_refused(&there, kept.expose()).await, Verdict::Refused("owner disabled"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_on_one_node_lets_tokens_work_again_on_the_other() {
    let here = presence::waiting_world(30).await;
    if !on_a_server(&here) {
        return;
    }
    let there = beside(&here).await;
    let token = presence::token_by(&here, "kim", Source::Oidc).await;
    for _ in 0..5 {
        until_good(&there, &token).await;
        here.clock.advance(30 * 86_400);
        // Nothing was written: what is remembered of it says so by itself, on both.
        for desk in [&there, &here.desk] {
            assert_eq!(
                desk.verify(&token, None, &get()).await,
                Verdict::Refused("owner has not logged in")
            );
        }
        presence::comes(&here, "kim", Source::Oidc).await;
        assert!(matches!(here.verify(&token, None, &get()).await, Verdict::Good(_)));
        until_good(&there, &token).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_tokens_in_use_leave_every_connection_open() {
    let Some((here, there, tokens)) = with_hundreds().await else { return };
    for token in &tokens {
        assert!(matches!(here.verify(token.expose(), None, &get()).await, Verdict::Good(_)));
    }
    // Until all of these uses are written, so that the other node reads them: all that while both
    // are there.
    let tia = there.visitor(&here.cookie("tia").await, &origin()).await.unwrap();
    let began = Instant::now();
    loop {
        assert!(began.elapsed() < Duration::from_mins(1), "not written");
        for desk in [&here.desk, &there] {
            assert!(matches!(
                desk.verify(tokens[0].expose(), None, &get()).await,
                Verdict::Good(_)
            ));
        }
        let seen = there.own_tokens(&tia).await.unwrap();
        if seen.iter().filter(|token| token.used.is_some()).count() >= tokens.len() {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_tokens_that_end_at_once_leave_every_connection_open() {
    let Some((here, there, tokens)) = with_hundreds().await else { return };
    let last = tokens.last().unwrap();
    for desk in [&here.desk, &there] {
        until_good(desk, last.expose()).await;
    }
    let mut feeds = [here.changes(), there.changes()];
    let permit = here.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    assert!(here.revoke_all_tokens(&permit).await.unwrap() >= 300);
    assert_eq!(until_refused(&there, last.expose()).await, Verdict::Refused("revoked"));
    // What comes after it is heard of on the same feeds: one that broke off would say that
    // anything may have changed.
    here.cookie("sam").await;
    for feed in &mut feeds {
        let mut events = Vec::new();
        while events.last() != Some(&Event::History("sam".to_owned())) {
            let next = tokio::time::timeout(Duration::from_mins(1), feed.recv()).await;
            events.push(next.expect("in time").unwrap());
        }
        assert!(!events.contains(&Event::Everything), "{events:?}");
        assert!(events.contains(&Event::Tokens("tia".to_owned())), "{events:?}");
    }
}

/// A desk on a SurrealDB server of its own, which remembers a good token; none where the tests are
/// not on servers.
async fn on_its_own_server() -> Option<(Server, World, PlainToken)> {
    let server = Server::start().await?;
    let world = world_with(|settings| settings.store.clone_from(&server.url)).await;
    let (token, _) = world.token("tia", "one").await;
    until_good(&world, token.expose()).await;
    Some((server, world, token))
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_store_a_node_says_so_and_lets_nobody_in() {
    let Some((server, world, token)) = on_its_own_server().await else { return };
    drop(server);
    assert_eq!(until_refused(&world, token.expose()).await, Verdict::Unavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_falls_silent_is_not_trusted_from_memory() {
    let Some((server, world, token)) = on_its_own_server().await else { return };
    // The connection stays, and nothing comes over it any more: as when a cable is pulled.
    server.signal("-STOP");
    let verdict = until_refused(&world, token.expose()).await;
    server.signal("-CONT");
    assert_eq!(verdict, Verdict::Unavailable);
    until_good(&world, token.expose()).await;
}
