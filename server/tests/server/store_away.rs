//! What every door says while its store is away: only where the tests run on a SurrealDB server.

use std::time::{Duration, Instant};

use testkit::by_hand;
use testkit::forms::new_token;
use testkit::surreal_server::Server;

use crate::listening::supervised::{notified, until};
use crate::support::{Answer, Latchkey, Request, secret, world_with};

#[tokio::test(flavor = "multi_thread")]
async fn every_door_says_that_it_cannot_tell_and_lets_nobody_in() {
    let Some(server) = Server::start().await else { return };
    let world = world_with(|keys| keys.store.url = server.url.clone()).await;
    let (token, _) = world.token("tia", "one").await;
    let secret = world.desk.console().add_client("rt").await.unwrap();
    let fields =
        [("client_id", "rt"), ("client_secret", secret.expose()), ("token", token.expose())];
    let requests = [
        Request::get("/auth/verify").token(&token),
        Request::get("/api/v1/me").token(&token),
        Request::form("/oauth2/introspect", &fields),
    ];
    // Twice: the second time from memory.
    for request in requests.iter().chain(&requests) {
        assert_eq!(world.send(request.clone()).await.status, 200, "{request:?}");
    }
    // Not stopped in order: as when the machine it runs on is gone without a word.
    server.signal("-STOP");
    let away = |answer: &Answer| answer.status == 503 && answer.header("retry-after").is_some();
    let began = Instant::now();
    while !away(&world.send(requests[0].clone()).await) {
        assert!(began.elapsed() < Duration::from_secs(30), "still let in");
    }
    let revoke = Request::form("/oauth2/revoke", &fields);
    for request in requests.into_iter().chain([revoke]) {
        let answer = world.send(request.clone()).await;
        assert!(away(&answer), "{request:?}: {answer:?}");
    }
    let status = async |path: &str| world.send(Request::get(path)).await.status;
    assert_eq!(
        (status("/healthz").await, status("/readyz").await),
        (200, 503),
        "whoever watches is told"
    );
    server.signal("-CONT");
    let again = Request::get("/auth/verify").token(&token);
    let began = Instant::now();
    while world.send(again.clone()).await.status != 200 {
        assert!(began.elapsed() < Duration::from_mins(1), "it does not come back");
    }
}

/// The program itself, with its store stopped and a use of a token noted: by SIGTERM it ends.
async fn ends_within_ten_seconds(request_under_way: bool) {
    let Some(server) = Server::start().await else { return };
    let latchkey = Latchkey::new();
    latchkey.write("latchkey.toml", &format!("[store]\nurl = \"{}\"\n", server.url));
    let serving = latchkey.serve();
    let address = serving.address;
    // By another node beside it, which knows the token.
    let beside = desk::Desk::open(desk::Settings {
        store: server.url.clone(),
        node: "beside".to_owned(),
        demo: true,
        hash_memory_kib: 64,
        hash_passes: 1,
        ..desk::Settings::default()
    });
    let beside = beside.await.unwrap();
    let origin = crate::support::origin();
    let (cookie, _) = beside.log_in("tia", &secret("tia-netid-password"), &origin).await.unwrap();
    let tia = beside.visitor(&cookie, &origin).await.unwrap();
    let permit = by_hand::confirm(&beside, &tia, "tia-local-password").await.unwrap();
    let cookie = permit.cookie().unwrap().clone();
    let (token, _) = beside.create_token(&permit, new_token("one")).await.unwrap();
    let verify = || Request::get("/auth/verify").token(&token);
    let began = Instant::now();
    while verify().send(address).await.status != 200 {
        assert!(began.elapsed() < Duration::from_secs(30), "never good");
    }
    server.signal("-STOP");
    let waiting = request_under_way.then(|| {
        let log_out = Request::form("/fn/log_out", &[]).cookie(&cookie);
        tokio::spawn(async move { log_out.send(address).await.status })
    });
    if request_under_way {
        // It is with the server by the time that a second request is answered.
        assert_eq!(Request::get("/healthz").send(address).await.status, 200);
    }
    let stopping = Instant::now();
    let (code, log) = tokio::task::spawn_blocking(move || serving.terminate()).await.unwrap();
    let took = stopping.elapsed();
    server.signal("-CONT");
    assert!(took < Duration::from_secs(10), "{took:?}: {log}");
    assert_eq!(code, Some(0), "{log}");
    if let Some(waiting) = waiting {
        assert_eq!(waiting.await.unwrap(), 503, "it was answered: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_while_the_store_is_away_and_uses_are_noted() {
    ends_within_ten_seconds(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_answers_and_ends_requests_that_wait_for_the_store() {
    ends_within_ten_seconds(true).await;
}

/// A restart does not mend a store: the watchdog hears that this process goes on.
#[tokio::test(flavor = "multi_thread")]
async fn systemd_hears_that_the_store_is_away_and_that_the_program_goes_on() {
    let Some(server) = Server::start().await else { return };
    let latchkey = Latchkey::new();
    latchkey.write("latchkey.toml", &format!("[store]\nurl = \"{}\"\n", server.url));
    let socket = notified(&latchkey);
    let mut command =
        latchkey.command(&["serve", "--demo", "--listen", testkit::program::ANY_PORT]);
    command.env("NOTIFY_SOCKET", latchkey.path("notify")).env("WATCHDOG_USEC", "8000000");
    let serving = latchkey.serve_by(command);
    until(&socket, "READY=1");
    server.signal("-STOP");
    let away = "STATUS=The store does not answer: nobody is let in until it does.";
    until(&socket, away);
    for _ in 0..2 {
        until(&socket, "WATCHDOG=1");
    }
    server.signal("-CONT");
    until(&socket, &format!("STATUS=Serving at http://{}.", serving.address));
    assert_eq!(serving.terminate().0, Some(0));
}
