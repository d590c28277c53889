//! Several nodes on one SurrealDB server: only where the tests run on one (`LATCHKEY_TEST_STORE=ws`).

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use desk::{AccountChange, Action, Desk, Settings, Verdict};

use super::support::{World, get, origin, world, world_with};

fn on_a_server(world: &World) -> bool {
    world.settings.store.starts_with("ws")
}

/// Asks until the answer is another than good, and how long that took.
async fn until_refused(desk: &Desk, token: &str) -> (Verdict, Duration) {
    let began = Instant::now();
    loop {
        match desk.verify(token, None, &get()).await {
            Verdict::Good(_) => assert!(began.elapsed() < Duration::from_secs(20), "still good"),
            other => return (other, began.elapsed()),
        }
        tokio::task::yield_now().await;
    }
}

/// Waits until the node remembers: its feed is there, and the next verify need not ask the store.
async fn until_good(desk: &Desk, token: &str) {
    let began = Instant::now();
    while !matches!(desk.verify(token, None, &get()).await, Verdict::Good(_)) {
        assert!(began.elapsed() < Duration::from_secs(20), "never good");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_revokes_the_other_refuses_within_a_second() {
    let here = world().await;
    if !on_a_server(&here) {
        return;
    }
    let there = Desk::open(Settings { node: "there".to_owned(), ..here.settings.clone() }).await.unwrap();
    let tia = here.permit("tia", Action::ManageOwnTokens, None).await.unwrap();
    let ada = here.permit("ada", Action::SetDisabled, Some("tia")).await.unwrap();
    let (kept, _) = here.token("tia", "kept").await;
    for _ in 0..20 {
        let (token, view) = here.token("tia", "on both nodes").await;
        for _ in 0..50 {
            until_good(&there, token.expose()).await;
        }
        here.revoke_token(&tia, &view.id, &origin()).await.unwrap();
        let (verdict, took) = until_refused(&there, token.expose()).await;
        assert_eq!(verdict, Verdict::Refused("revoked"));
        assert!(took < Duration::from_secs(1), "{took:?}");
    }
    until_good(&there, kept.expose()).await;
    here.change_account(&[(ada.clone(), AccountChange::Disabled(true))], &origin()).await.unwrap();
    let (verdict, took) = until_refused(&there, kept.expose()).await;
    assert_eq!(verdict, Verdict::Refused("owner disabled"));
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_tokens_in_use_leave_every_connection_open() {
    let here = world_with(|settings| settings.tokens_per_user = 1000).await;
    if !on_a_server(&here) {
        return;
    }
    let there = Desk::open(Settings { node: "there".to_owned(), ..here.settings.clone() }).await.unwrap();
    let permit = here.permit("tia", Action::ManageOwnTokens, None).await.unwrap();
    let mut tokens = Vec::new();
    for n in 0..300 {
        let new = super::support::new_token(&format!("one of many, {n}"));
        tokens.push(here.create_token(&permit, new, "", &origin()).await.unwrap().0);
    }
    for token in &tokens {
        assert!(matches!(here.verify(token.expose(), None, &get()).await, Verdict::Good(_)));
    }
    // Until all of these uses are written, so that the other node reads them: all that while both are there.
    let tia = there.visitor(&here.cookie("tia").await, &origin()).await.unwrap();
    let began = Instant::now();
    loop {
        assert!(began.elapsed() < Duration::from_secs(60), "not written");
        for desk in [&here.desk, &there] {
            assert!(matches!(desk.verify(tokens[0].expose(), None, &get()).await, Verdict::Good(_)));
        }
        let seen = there.own_tokens(&tia).await.unwrap();
        if seen.iter().filter(|token| token.used.is_some()).count() >= tokens.len() {
            break;
        }
    }
}

/// A SurrealDB server of the test's own, which it may end.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    async fn start() -> Option<Self> {
        if std::env::var("LATCHKEY_TEST_STORE").as_deref() != Ok("ws") {
            return None;
        }
        let program = std::env::var_os("LATCHKEY_TEST_SURREAL").expect("tools/test says where the server is");
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let bind = format!("127.0.0.1:{port}");
        let child = Command::new(program)
            .args(["start", "--bind", &bind, "--unauthenticated", "--log", "none", "memory"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let began = Instant::now();
        while tokio::net::TcpStream::connect(&bind).await.is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "the server does not start");
            tokio::task::yield_now().await;
        }
        Some(Self { child, url: format!("ws://{bind}") })
    }

    fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_store_a_node_says_so_and_lets_nobody_in() {
    let Some(server) = Server::start().await else { return };
    let world = world_with(|settings| settings.store = server.url.clone()).await;
    let (token, _) = world.token("tia", "one").await;
    until_good(&world, token.expose()).await;
    drop(server);
    let (verdict, took) = until_refused(&world, token.expose()).await;
    assert_eq!(verdict, Verdict::Unavailable);
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_falls_silent_is_not_trusted_from_memory() {
    let Some(server) = Server::start().await else { return };
    let world = world_with(|settings| settings.store = server.url.clone()).await;
    let (token, _) = world.token("tia", "one").await;
    until_good(&world, token.expose()).await;
    // The connection stays, and nothing comes over it any more: as when a cable is pulled.
    server.signal("-STOP");
    let (verdict, took) = until_refused(&world, token.expose()).await;
    server.signal("-CONT");
    assert_eq!(verdict, Verdict::Unavailable);
    assert!(took < Duration::from_secs(5), "{took:?}");
    until_good(&world, token.expose()).await;
}
