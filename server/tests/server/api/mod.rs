//! `/api/v1`: what a token may ask about itself, and that what is refused is a problem (RFC 9457).

use desk::Access;

use crate::support::{Request, world};

#[tokio::test(flavor = "multi_thread")]
async fn me_is_whose_token_it_is() {
    let world = world().await;
    let (token, view) = world.token("rae", "script").await;
    let answer = world.send(Request::get("/api/v1/me").token(&token)).await;
    assert_eq!(
        (answer.status, answer.header("content-type").as_deref()),
        (200, Some("application/json"))
    );
    let me = answer.json();
    assert_eq!(
        (me["netid"].as_str(), me["role"].as_str(), me["email"].as_str()),
        (Some("rae"), Some("rep"), Some("rae@example.edu"))
    );
    assert_eq!(
        (me["token"]["id"].as_str(), me["token"]["description"].as_str()),
        (Some(view.id.short()), Some("script"))
    );
    assert_eq!(
        (me["token"]["access"].as_str(), me["token"]["expires"].is_null()),
        (Some("full"), true)
    );
    assert_eq!(me["token"]["created"].as_str(), Some(view.created.rfc3339().as_str()));
    assert_eq!(world.send(Request::get("/api/v1/token").token(&token)).await.json(), me["token"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_working_token_it_is_a_problem() {
    let world = world().await;
    let session = world.log_in("ada").await;
    for request in [
        Request::get("/api/v1/me"),
        Request::get("/api/v1/me").header("authorization", "token x"),
        Request::get("/api/v1/me").cookie(&session),
    ] {
        let answer = world.send(request).await;
        assert_eq!(
            (answer.status, answer.header("content-type").as_deref()),
            (401, Some("application/problem+json"))
        );
        assert_eq!(answer.header("www-authenticate").as_deref(), Some("Bearer realm=\"Latchkey\""));
        assert_eq!(answer.json()["status"].as_u64(), Some(401));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_a_problem() {
    let answer = world().await.send(Request::get("/api/v1/tokens")).await;
    assert_eq!(
        (answer.status, answer.header("content-type").as_deref()),
        (404, Some("application/problem+json"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_revokes_itself_even_a_read_only_one() {
    let world = world().await;
    let (token, _) = world.token_with("tia", "read only", |new| new.access = Access::Read).await;
    let (other, _) = world.token("tia", "other").await;
    assert_eq!(world.send(Request::new("DELETE", "/api/v1/token").token(&token)).await.status, 204);
    assert_eq!(world.send(Request::new("DELETE", "/api/v1/token").token(&token)).await.status, 401);
    assert_eq!(world.send(Request::get("/auth/verify").token(&token)).await.status, 401);
    assert_eq!(world.send(Request::get("/auth/verify").token(&other)).await.status, 200);
}
