//! `/oauth2`: what a client learns of a token and may end, and how it is refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::{Access, ClientSecret, Expires, Networks};

use crate::support::{Answer, Request, World, world};

const INTROSPECT: &str = "/oauth2/introspect";
const REVOKE: &str = "/oauth2/revoke";

fn by(name: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")))
}

struct Client {
    world: World,
    secret: ClientSecret,
}

async fn client() -> Client {
    let world = world().await;
    let secret = world.desk.console().add_client("rt").await.unwrap();
    Client { world, secret }
}

impl Client {
    /// Posts fields as the client.
    async fn post(&self, door: &str, fields: &[(&str, &str)]) -> Answer {
        self.world
            .send(
                Request::form(door, fields)
                    .header("authorization", &by("rt", self.secret.expose())),
            )
            .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_learns_of_a_good_token_and_nothing_of_any_other() {
    let client = client().await;
    let expires = client.world.clock.now().plus_days(1);
    let (token, view) = client
        .world
        .token_with("tia", "shown", |new| {
            new.access = Access::Read;
            new.expires = Expires::At(expires);
        })
        .await;
    let answer = client.post(INTROSPECT, &[("token", token.expose())]).await;
    assert_eq!((answer.status, answer.header("cache-control").as_deref()), (200, Some("no-store")));
    let expected = serde_json::json!({
        "active": true, "sub": "tia", "username": "tia", "scope": "read", "token_type": "Bearer",
        "iat": view.created.0 / 1000, "exp": expires.0 / 1000,
    });
    assert_eq!(answer.json(), expected);
    client.world.revoke("tia", &view).await;
    let revoked = client
        .post(INTROSPECT, &[("token", token.expose()), ("token_type_hint", "refresh_token")])
        .await;
    assert_eq!(revoked.json(), serde_json::json!({ "active": false }));
    for other in ["x", "latchkey_", "tia-local-password"] {
        assert_eq!(
            client.post(INTROSPECT, &[("token", other)]).await.looks(),
            revoked.looks(),
            "{other}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_bound_to_networks_is_active_only_from_within() {
    let client = client().await;
    let (token, _) = client
        .world
        .token_with("tia", "near", |new| new.networks = Networks::parse("192.0.2.0/24").unwrap())
        .await;
    for (fields, active) in [
        (vec![("token", token.expose())], false),
        (vec![("token", token.expose()), ("client_ip", "198.51.100.9")], false),
        (vec![("token", token.expose()), ("client_ip", "192.0.2.9")], true),
        (vec![("token", token.expose()), ("client_ip", "unknown")], false),
        (vec![("token", token.expose()), ("client_ip", "192.0.2.9:")], false),
        (vec![("token", token.expose()), ("client_ip", "192.0.2.9%eth0")], false),
    ] {
        assert_eq!(
            client.post(INTROSPECT, &fields).await.json()["active"].as_bool(),
            Some(active),
            "{fields:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_client_learns_nothing() {
    let client = client().await;
    let (token, _) = client.world.token("tia", "shown").await;
    let secret = client.secret.expose();
    let mut looks = Vec::new();
    for authorization in [
        None,
        Some(by("rt", "wrong")),
        Some(by("nobody", secret)),
        Some(by("RT", secret)),
        Some(by("", "")),
        Some("Basic ???".to_owned()),
        Some(format!("Bearer {}", token.expose())),
    ] {
        for door in [INTROSPECT, REVOKE] {
            let mut request = Request::form(door, &[("token", token.expose())]);
            if let Some(value) = &authorization {
                request = request.header("authorization", value);
            }
            let answer = client.world.send(request).await;
            assert_eq!(
                (answer.status, answer.json()["error"].as_str()),
                (401, Some("invalid_client")),
                "{authorization:?}"
            );
            assert!(answer.header("www-authenticate").unwrap().starts_with("Basic "));
            looks.push(answer.looks());
        }
    }
    assert!(looks.iter().all(|look| *look == looks[0]), "all refusals look the same");
    assert_eq!(
        client.world.send(Request::get("/auth/verify").token(&token)).await.status,
        200,
        "nothing was revoked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_may_prove_itself_in_the_form() {
    let client = client().await;
    let (token, _) = client.world.token("tia", "shown").await;
    let fields =
        [("token", token.expose()), ("client_id", "rt"), ("client_secret", client.secret.expose())];
    assert_eq!(
        client.world.send(Request::form(INTROSPECT, &fields)).await.json()["active"].as_bool(),
        Some(true)
    );
    let both = client
        .world
        .send(
            Request::form(INTROSPECT, &fields)
                .header("authorization", &by("rt", client.secret.expose())),
        )
        .await;
    assert_eq!((both.status, both.json()["error"].as_str()), (400, Some("invalid_request")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_cannot_be_read_is_an_invalid_request() {
    let client = client().await;
    let authorization = by("rt", client.secret.expose());
    let (token, _) = client.world.token("tia", "shown").await;
    let twice = [("token", token.expose()), ("token", token.expose())];
    let requests = [
        Request::form(INTROSPECT, &[]),
        Request::form(INTROSPECT, &[("token", "")]),
        Request::form(INTROSPECT, &twice),
        Request::form(INTROSPECT, &[("token", &"x".repeat(9000))]),
        Request::form(INTROSPECT, &[("token", token.expose())])
            .without("content-type")
            .header("content-type", "application/json"),
    ];
    for request in requests {
        let answer =
            client.world.send(request.clone().header("authorization", &authorization)).await;
        assert_eq!(
            (answer.status, answer.json()["error"].as_str()),
            (400, Some("invalid_request")),
            "{request:?}"
        );
    }
    let answer = client.world.send(Request::get(INTROSPECT)).await;
    assert_eq!((answer.status, answer.header("allow").as_deref()), (405, Some("POST")));
    assert_eq!(answer.header("content-type").as_deref(), Some("application/problem+json"));
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_secrets_is_slowed_down_by_address() {
    let client = client().await;
    let mut statuses = Vec::new();
    for n in 0..40 {
        let request = Request::form(INTROSPECT, &[("token", "x")])
            .header("authorization", &by("rt", &format!("guess {n}")));
        statuses.push(client.world.send(request).await.status);
    }
    assert_eq!((statuses[0], statuses[39]), (401, 429));
    assert_eq!(
        client.post(INTROSPECT, &[("token", "x")]).await.status,
        200,
        "who knows it is not held up"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_revokes_a_token_and_one_that_does_not_work_is_revoked_enough() {
    let client = client().await;
    let (token, _) = client.world.token("tia", "ended").await;
    let (kept, _) = client.world.token("tia", "kept").await;
    let answer = client.post(REVOKE, &[("token", token.expose())]).await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    for again in [token.expose(), "x", ""] {
        let expected = if again.is_empty() { 400 } else { 200 };
        assert_eq!(client.post(REVOKE, &[("token", again)]).await.status, expected, "{again}");
    }
    assert_eq!(client.world.send(Request::get("/auth/verify").token(&token)).await.status, 401);
    assert_eq!(client.world.send(Request::get("/auth/verify").token(&kept)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_inactive_once_it_expires_or_its_owner_may_have_none() {
    let client = client().await;
    let expires = Expires::At(client.world.clock.now().plus_days(1));
    let (short, _) = client.world.token_with("tia", "short", |new| new.expires = expires).await;
    let (token, _) = client.world.token("tia", "kept").await;
    let active = async |token: &desk::PlainToken| {
        client.post(INTROSPECT, &[("token", token.expose())]).await.json()["active"]
            .as_bool()
            .unwrap()
    };
    assert!(active(&short).await && active(&token).await);
    client.world.clock.advance(24 * 3600 + 1);
    assert!(!active(&short).await && active(&token).await);
    client.world.set_privileged("tia", false).await;
    assert!(!active(&token).await);
    client.world.set_privileged("tia", true).await;
    assert!(active(&token).await);
    client.world.set_disabled("tia", true).await;
    assert!(!active(&token).await);
    client.world.set_disabled("tia", false).await;
    assert!(active(&token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_authorization_headers_are_an_invalid_request() {
    let client = client().await;
    let authorization = by("rt", client.secret.expose());
    let request = Request::form(INTROSPECT, &[("token", "x")])
        .header("authorization", &authorization)
        .header("authorization", &authorization);
    assert_eq!(client.world.send(request).await.status, 400);
}
