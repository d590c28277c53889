//! `/auth/verify`: every form of a token, every method, refusals that look the same, and whose
//! address and method are believed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::{Access, Networks, Origin, PlainToken};

use crate::support::{Answer, Request, World, world, world_with};

fn verify() -> Request {
    Request::get("/auth/verify")
}

fn presented(authorization: &str) -> Request {
    verify().header("authorization", authorization)
}

fn basic(user: &str, token: &PlainToken) -> Request {
    presented(&format!("Basic {}", STANDARD.encode(format!("{user}:{}", token.expose()))))
}

async fn refused(world: &World, request: Request) -> Answer {
    let answer = world.send(request).await;
    assert_eq!(answer.status, 401, "{answer:?}");
    assert_eq!(
        answer.header("www-authenticate").as_deref(),
        Some("Basic realm=\"Latchkey\", charset=\"UTF-8\"")
    );
    assert!(answer.header("remote-user").is_none());
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_token_says_whose_it_is_in_every_form() {
    let world = world().await;
    let (token, view) = world.token("helen", "backup").await;
    let forms = [
        presented(&format!("token {}", token.expose())),
        presented(&format!("Bearer {}", token.expose())),
        presented(&format!("BEARER   {}", token.expose())),
        basic("helen", &token),
        basic("HELEN", &token),
        basic("", &token),
        basic("helen@example.edu", &token),
        basic("git", &token),
        basic("x-access-token", &token),
        presented(&format!("Basic {}", STANDARD.encode(format!("{}:", token.expose())))),
        presented(&format!(
            "Basic {}",
            STANDARD.encode(format!("{}:x-oauth-basic", token.expose()))
        )),
        presented(&format!("Token token=\"{}\"", token.expose())),
        presented(&format!("Bearer \"{}\"", token.expose())),
        Request::get("/auth/verify/").token(&token),
        Request::get("/auth/verify/tickets/1?x=y").token(&token),
    ];
    for form in forms {
        let answer = world.send(form).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("remote-user").as_deref(), Some("helen"));
        assert_eq!(answer.header("remote-groups").as_deref(), Some("help_desk"));
        assert_eq!(answer.header("remote-email").as_deref(), Some("helen@example.edu"));
        assert!(answer.header("remote-name").is_some_and(|name| !name.is_empty()));
        assert_eq!(answer.header("latchkey-token").as_deref(), Some(view.id.short()));
        assert!(!answer.text().contains(token.expose()));
        assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_method_is_answered() {
    let world = world().await;
    let (token, _) = world.token("tia", "all methods").await;
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"] {
        assert_eq!(
            world.send(Request::new(method, "/auth/verify").token(&token)).await.status,
            200,
            "{method}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_looks_the_same() {
    let world = world().await;
    let (token, view) = world.token("tia", "to be revoked").await;
    let (other, _) = world.token("tia", "goes on").await;
    world.revoke("tia", &view).await;
    let wrong_checksum = format!(
        "{}{}",
        &token.expose()[..token.expose().len() - 1],
        if token.expose().ends_with('0') { '1' } else { '0' }
    );
    let nobodys = self::world().await.token("tia", "of another desk").await.0;
    let refusals = [
        verify(),
        presented(""),
        presented("token"),
        presented("token latchkey_"),
        presented("token nonsense"),
        presented("Digest username=tia"),
        presented(&format!("token {wrong_checksum}")),
        presented(&format!("token {}", nobodys.expose())),
        presented(&format!("token {}", token.expose())),
        presented("Basic !!!!"),
        presented(&format!("Basic {}", STANDARD.encode("no colon"))),
        presented(&format!("Basic {}", STANDARD.encode(b"tia:\xFF\xFE"))),
        basic("sam", &other),
        basic("tia:tia", &other),
        basic("sam@example.edu", &other),
        basic(token.expose(), &other),
        basic(other.expose(), &token),
        presented(&format!(
            "Basic {}",
            STANDARD.encode(format!("{}:tia-netid-password", other.expose()))
        )),
        presented(&format!("Token token=\"{}\", nonce=\"1\"", other.expose())),
        presented(&format!("Basic {}", STANDARD.encode("tia:tia-netid-password"))),
        presented(&format!("token {}", other.expose()))
            .header("authorization", &format!("token {}", other.expose())),
        verify().raw_header("authorization", b"token \xFF\xFE"),
        Request::get(&format!(
            "/auth/verify?token={}&access_token={}",
            other.expose(),
            other.expose()
        )),
        Request::form(
            "/auth/verify",
            &[("token", other.expose()), ("access_token", other.expose())],
        ),
        verify().cookie(&world.log_in("tia").await),
    ];
    let first = refused(&world, verify()).await.looks();
    for refusal in refusals {
        assert_eq!(refused(&world, refusal.clone()).await.looks(), first, "{refusal:?}");
    }
    assert_eq!(
        world.send(presented(&format!("token {}", other.expose()))).await.status,
        200,
        "nothing of this harmed it"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_one_leaves_the_other() {
    let world = world().await;
    let (one, view) = world.token("tia", "one").await;
    let (other, _) = world.token("tia", "other").await;
    assert_eq!(world.send(verify().token(&one)).await.status, 200);
    world.revoke("tia", &view).await;
    assert_eq!(world.send(verify().token(&one)).await.status, 401);
    assert_eq!(world.send(verify().token(&other)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_or_unprivileged_owner_is_nobody() {
    let world = world().await;
    let (token, _) = world.token("tia", "one").await;
    world.set_disabled("tia", true).await;
    refused(&world, verify().token(&token)).await;
    world.set_disabled("tia", false).await;
    assert_eq!(world.send(verify().token(&token)).await.status, 200);
    world.set_privileged("tia", false).await;
    refused(&world, verify().token(&token)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_is_refused() {
    let world = world().await;
    let expires = desk::Expires::At(world.desk.now().plus_days(1));
    let (token, _) = world.token_with("tia", "for a day", |new| new.expires = expires).await;
    assert_eq!(world.send(verify().token(&token)).await.status, 200);
    world.clock.advance(24 * 3600 + 1);
    refused(&world, verify().token(&token)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_token_allows_reading_only() {
    let world = world_with(|keys| keys.proxy.trusted = vec!["127.0.0.1/32".to_owned()]).await;
    let (token, _) = world.token_with("tia", "read only", |new| new.access = Access::Read).await;
    let status = async |request: Request| world.send(request.token(&token)).await.status;
    for (method, expected) in [
        ("GET", 200),
        ("HEAD", 200),
        ("OPTIONS", 200),
        ("POST", 403),
        ("DELETE", 403),
        ("get", 403),
    ] {
        assert_eq!(
            status(verify().header("x-original-method", method)).await,
            expected,
            "nginx, {method}"
        );
        assert_eq!(
            status(verify().header("x-forwarded-method", method)).await,
            expected,
            "Caddy, {method}"
        );
    }
    assert_eq!(
        status(Request::new("POST", "/auth/verify").header("x-forwarded-method", "GET")).await,
        200
    );
    assert_eq!(
        status(verify()).await,
        403,
        "a trusted proxy that does not say the method has been forgotten to be told"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_trusted_proxy_cannot_widen_a_read_token() {
    let world = world().await;
    let (token, _) = world.token_with("tia", "read only", |new| new.access = Access::Read).await;
    let status = async |request: Request| world.send(request.token(&token)).await.status;
    assert_eq!(
        status(Request::new("POST", "/auth/verify").header("x-original-method", "GET")).await,
        403
    );
    assert_eq!(
        status(verify().header("x-original-method", "POST")).await,
        403,
        "narrowing is always believed"
    );
    assert_eq!(status(verify()).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_is_that_of_the_client_behind_trusted_proxies() {
    let world = world_with(|keys| keys.proxy.trusted = vec!["127.0.0.1/32".to_owned()]).await;
    let networks = Networks::parse("192.0.2.0/24").unwrap();
    let (token, _) = world.token_with("tia", "campus only", |new| new.networks = networks).await;
    let status = async |forwarded: &str| {
        world.send(verify().token(&token).header("x-forwarded-for", forwarded)).await.status
    };
    assert_eq!(status("192.0.2.9").await, 200);
    assert_eq!(
        status("192.0.2.9, 203.0.113.1").await,
        403,
        "the client wrote the first one itself"
    );
    assert_eq!(status("203.0.113.1, 192.0.2.9, 127.0.0.1").await, 200);
    assert_eq!(world.send(verify().token(&token)).await.status, 403);
    assert_eq!(
        world.send(verify().token(&token)).await.status,
        403,
        "a trusted proxy that does not say whose request it is"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_trusted_proxy_says_unreadably_is_no_address_at_any_door() {
    let trusted = ["127.0.0.1/32", "10.0.0.0/8"].map(str::to_owned);
    let world = world_with(|keys| keys.proxy.trusted = trusted.to_vec()).await;
    let bound = async |networks: &str| {
        let networks = Networks::parse(networks).unwrap();
        world.token_with("tia", "of the proxies' network", |new| new.networks = networks).await.0
    };
    let (near, inner) = (bound("127.0.0.0/8").await, bound("10.0.0.0/8").await);
    let (free, _) = world.token("tia", "bound to nothing").await;
    let statuses = async |token: &PlainToken, forwarded: &str| {
        let mut statuses = Vec::new();
        for door in ["/auth/verify", "/api/v1/me"] {
            let request = Request::get(door)
                .token(token)
                .header("x-forwarded-for", forwarded)
                .header("x-original-method", "GET");
            statuses.push(world.send(request).await.status);
        }
        statuses
    };
    let unreadable = [
        "",
        "unknown",
        "unix:",
        "-",
        "203.0.113.9, unknown",
        "203.0.113.9:",
        "2001:db8::1%eth0",
        "203.0.113.9;x",
        "203.0.113.9:x, 10.0.0.2",
    ];
    for forwarded in unreadable {
        assert_eq!(statuses(&near, forwarded).await, [403, 403], "{forwarded}");
        assert_eq!(statuses(&inner, forwarded).await, [403, 403], "{forwarded}");
        assert_eq!(statuses(&free, forwarded).await, [200, 200], "{forwarded}");
    }
    assert_eq!(
        world.send(Request::get("/api/v1/me").token(&near)).await.status,
        403,
        "none at all"
    );
    assert_eq!(statuses(&near, "127.0.0.9").await, [200, 200]);
    assert_eq!(statuses(&inner, "10.0.0.3, 10.0.0.2").await, [200, 200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_elses_forwarded_address_is_ignored() {
    let world = world().await;
    let networks = Networks::parse("192.0.2.0/24").unwrap();
    let (token, _) = world.token_with("tia", "campus only", |new| new.networks = networks).await;
    assert_eq!(
        world.send(verify().token(&token).header("x-forwarded-for", "192.0.2.9")).await.status,
        403
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_use_is_noted_with_time_and_address() {
    let world = world().await;
    let (token, view) = world.token("tia", "used").await;
    world.send(verify().token(&token)).await;
    let visitor = world
        .desk
        .visitor(
            &world.log_in("tia").await,
            &Origin { address: [127, 0, 0, 1].into(), agent: String::new() },
        )
        .await
        .unwrap();
    let tokens = world.desk.own_tokens(&visitor).await.unwrap();
    let used = tokens.into_iter().find(|token| token.id == view.id).unwrap().used.unwrap();
    assert_eq!(used.address, "127.0.0.1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pages_script_is_refused_without_a_box_for_a_password() {
    let world = world().await;
    for (name, value, challenge) in [
        ("sec-fetch-mode", "cors", "Bearer realm=\"Latchkey\""),
        ("x-requested-with", "XMLHttpRequest", "Bearer realm=\"Latchkey\""),
        ("sec-fetch-mode", "navigate", "Basic realm=\"Latchkey\", charset=\"UTF-8\""),
    ] {
        for request in [verify(), presented("token nonsense")] {
            let answer = world.send(request.header(name, value)).await;
            assert_eq!(
                (answer.status, answer.headers("www-authenticate")),
                (401, vec![challenge.to_owned()]),
                "{name}: {value}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_made_as_the_request_is_says_its_method_by_its_own() {
    let world = world_with(|keys| keys.proxy.trusted = vec!["127.0.0.1".to_owned()]).await;
    let (token, _) = world.token_with("tia", "reads", |new| new.access = Access::Read).await;
    for (method, path, status) in [
        ("GET", "/auth/verify/tickets/1", 200),
        ("HEAD", "/auth/verify/envoy/", 200),
        ("POST", "/auth/verify/tickets/1", 403),
        ("DELETE", "/auth/verify/tickets/1", 403),
        // Nothing says there what it was asked for.
        ("GET", "/auth/verify/", 403),
        ("GET", "/auth/verify", 403),
    ] {
        let requested =
            Request::new(method, path).header("x-forwarded-for", "192.0.2.1").token(&token);
        assert_eq!(world.send(requested.clone()).await.status, status, "{method} {path}");
        // A client cannot say another one beside.
        let wanted = if status == 200 || method == "GET" { 200 } else { 403 };
        assert_eq!(
            world.send(requested.header("x-original-method", "GET")).await.status,
            wanted,
            "{method} {path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_to_open_a_websocket_is_one_that_may_change_things() {
    let world = world().await;
    let (token, _) = world.token("tia", "one").await;
    let opening = || {
        verify()
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
    };
    let opening = || opening().header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    assert_eq!(world.send(opening().token(&token)).await.status, 200);
    refused(&world, opening()).await;
    let (reads, _) = world.token_with("tia", "reads", |new| new.access = desk::Access::Read).await;
    assert_eq!(world.send(verify().token(&reads)).await.status, 200);
    assert_eq!(world.send(opening().token(&reads)).await.status, 403);
    // Whoever says it is a GET says nothing else.
    assert_eq!(
        world.send(opening().header("x-original-method", "GET").token(&reads)).await.status,
        403
    );
}
