//! What every door says while its store is away: only where the tests run on a SurrealDB server.

use std::time::{Duration, Instant};

use crate::support::{Answer, Request, world_with};
use crate::surreal_server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn every_door_says_that_it_cannot_tell_and_lets_nobody_in() {
    let Some(server) = Server::start().await else { return };
    let world = world_with(|keys| keys.store = Some(server.url.clone())).await;
    let (token, _) = world.token("tia", "one").await;
    let secret = world.desk.console_add_client("rt").await.unwrap();
    let fields = [("client_id", "rt"), ("client_secret", secret.expose()), ("token", token.expose())];
    let asked = [
        Request::get("/auth/verify").token(&token),
        Request::get("/api/v1/me").token(&token),
        Request::form("/oauth2/introspect", &fields),
    ];
    // Twice: the second time from memory.
    for request in asked.iter().chain(&asked) {
        assert_eq!(world.send(request.clone()).await.status, 200, "{request:?}");
    }
    // Not stopped in order: as when the machine it runs on is gone without a word.
    server.signal("-STOP");
    let away = |answer: &Answer| answer.status == 503 && answer.header("retry-after").is_some();
    let began = Instant::now();
    while !away(&world.send(asked[0].clone()).await) {
        assert!(began.elapsed() < Duration::from_secs(30), "still let in");
    }
    let revoke = Request::form("/oauth2/revoke", &fields);
    for request in asked.into_iter().chain([revoke]) {
        let answer = world.send(request.clone()).await;
        assert!(away(&answer), "{request:?}: {answer:?}");
    }
    let status = async |path: &str| world.send(Request::get(path)).await.status;
    assert_eq!((status("/healthz").await, status("/readyz").await), (200, 503), "whoever watches is told");
    server.signal("-CONT");
    let again = Request::get("/auth/verify").token(&token);
    let began = Instant::now();
    while world.send(again.clone()).await.status != 200 {
        assert!(began.elapsed() < Duration::from_secs(60), "it does not come back");
    }
}
