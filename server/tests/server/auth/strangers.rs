//! Tokens that anybody makes up: answered with 429 before the store is asked, and what is known is
//! answered all the same.

use desk::PlainToken;

use crate::support::{Request, World, world_with};

/// From one address behind a trusted proxy.
async fn world() -> World {
    world_with(|keys| keys.proxy.trusted = vec!["127.0.0.1/32".to_owned()]).await
}

fn verify(token: &PlainToken, client: &str) -> Request {
    Request::get("/auth/verify")
        .token(token)
        .header("x-forwarded-for", client)
        .header("x-original-method", "GET")
}

/// Sends new ones until one is answered with 429.
async fn flood(world: &World, client: &str) {
    for _ in 0..1000 {
        let answer = world.send(verify(&PlainToken::random(), client)).await;
        if answer.status == 429 {
            let seconds: u32 = answer.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=60).contains(&seconds) && answer.body.is_empty());
            assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
            return;
        }
        assert_eq!(answer.status, 401);
    }
    panic!("never held up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_new_ones_is_held_up_and_what_is_known_is_not() {
    let world = world().await;
    let (used, view) = world.token("tia", "in memory").await;
    let (fresh, _) = world.token("tia", "not asked about yet").await;
    assert_eq!(world.send(verify(&used, "203.0.113.5")).await.status, 200);
    flood(&world, "203.0.113.5").await;
    assert_eq!(world.send(verify(&used, "203.0.113.5")).await.status, 200, "in memory");
    assert_eq!(
        world.send(verify(&fresh, "203.0.113.5")).await.status,
        200,
        "from the same address"
    );
    let (newest, _) = world.token("rae", "made meanwhile").await;
    assert_eq!(world.send(verify(&newest, "203.0.113.5")).await.status, 200);
    world.revoke("tia", &view).await;
    assert_eq!(
        world.send(verify(&used, "203.0.113.5")).await.status,
        401,
        "and what is revoked is refused"
    );
    assert_eq!(
        world.send(verify(&PlainToken::random(), "203.0.113.6")).await.status,
        401,
        "another address"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ipv6_a_whole_network_is_held_up() {
    let world = world().await;
    flood(&world, "2001:db8:1:1::1").await;
    assert_eq!(world.send(verify(&PlainToken::random(), "2001:db8:1:1::2")).await.status, 429);
    assert_eq!(world.send(verify(&PlainToken::random(), "2001:db8:2::1")).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_door_that_asks_about_tokens_is_held_up_together() {
    let world = world().await;
    let secret = world.desk.console().add_client("rt").await.unwrap();
    let (good, _) = world.token("tia", "good").await;
    let from = "203.0.113.5";
    let form = |door: &str, token: &PlainToken| {
        let fields =
            [("client_id", "rt"), ("client_secret", secret.expose()), ("token", token.expose())];
        Request::form(door, &fields).header("x-forwarded-for", from)
    };
    // The client is known from then on.
    assert_eq!(world.send(form("/oauth2/introspect", &good)).await.status, 200);
    flood(&world, from).await;
    let requests = [
        Request::get("/api/v1/me").token(&PlainToken::random()).header("x-forwarded-for", from),
        form("/oauth2/introspect", &PlainToken::random()),
        form("/oauth2/revoke", &PlainToken::random()),
    ];
    for request in requests {
        let answer = world.send(request.clone()).await;
        assert!(
            answer.status == 429 && answer.header("retry-after").is_some(),
            "{request:?}: {answer:?}"
        );
    }
    let me = Request::get("/api/v1/me").token(&good).header("x-forwarded-for", from);
    assert_eq!(world.send(me).await.status, 200);
    assert_eq!(
        world.send(form("/oauth2/introspect", &good)).await.json()["active"].as_bool(),
        Some(true)
    );
    assert_eq!(world.send(form("/oauth2/revoke", &good)).await.status, 200);
    assert_eq!(world.send(verify(&good, from)).await.status, 401, "it was revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_of_another_site_sends_takes_nothing_from_the_clients_at_that_address() {
    let world = world().await;
    let secret = world.desk.console().add_client("rt").await.unwrap();
    let form = |secret: &str| {
        Request::form(
            "/oauth2/introspect",
            &[("client_id", "rt"), ("client_secret", secret), ("token", "x")],
        )
        .without("sec-fetch-site")
    };
    for site in ["cross-site", "same-site"] {
        for _ in 0..40 {
            let sent = form("wrong").header("sec-fetch-site", site);
            assert_eq!(world.send(sent).await.status, 400, "{site}");
        }
    }
    assert_eq!(world.send(form(secret.expose())).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_clients_is_held_up_before_the_store_is_asked_and_who_was_right_before_is_not() {
    let world = world().await;
    let secret = world.desk.console().add_client("rt").await.unwrap();
    let (good, _) = world.token("tia", "good").await;
    let form = |name: &str, secret: &str| {
        let fields = [("client_id", name), ("client_secret", secret), ("token", good.expose())];
        Request::form("/oauth2/introspect", &fields).header("x-forwarded-for", "203.0.113.5")
    };
    assert_eq!(world.send(form("rt", secret.expose())).await.status, 200);
    let mut statuses = Vec::new();
    for n in 0..40 {
        statuses
            .push(world.send(form(if n % 2 == 0 { "rt" } else { "nobody" }, "wrong")).await.status);
    }
    assert!(statuses.starts_with(&[401; 30]) && statuses.ends_with(&[429; 5]), "{statuses:?}");
    assert_eq!(world.send(form("rt", secret.expose())).await.status, 200);
}
