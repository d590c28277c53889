//! A server that refuses to sign a node in when it connects again, and is itself again later: only
//! where the tests run on SurrealDB servers (`LATCHKEY_TEST_STORE=ws`).

use std::time::{Duration, Instant};

use desk::{Desk, PlainToken, Verdict};
use testkit::surreal_server::Server;

use super::support::{get, secret, world_with};

/// For as long the other server is there: its refusal is met, and met again.
const AWAY: Duration = Duration::from_secs(6);

/// No test waits for longer.
const SOON: Duration = Duration::from_mins(1);

/// Asks about the token until the answer, and whether the desk is ready, are these.
async fn until(desk: &Desk, token: &PlainToken, is_good: bool) {
    let began = Instant::now();
    loop {
        let verdict = desk.verify(token.expose(), None, &get()).await;
        let (good, ready) = (matches!(verdict, Verdict::Good(_)), desk.ready().await);
        if (good, ready) == (is_good, is_good) {
            return;
        }
        assert!(began.elapsed() < SOON, "{verdict:?}, ready: {ready}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_was_refused_while_the_server_was_away_keeps_nobody_out_for_good() {
    if std::env::var("LATCHKEY_TEST_STORE").as_deref() != Ok("ws") {
        return;
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let bind = format!("127.0.0.1:{port}");
    let folder = tempfile::tempdir().unwrap();
    let kept = format!("mem://{}?aol=sync", folder.path().display());
    let start = async |store: &str, password: &str| {
        Server::start_as(&bind, store, &["--user", "root", "--pass", password]).await
    };
    let server = start(&kept, "right").await;
    let world = world_with(|settings| {
        settings.store.clone_from(&server.url);
        settings.store_login = Some(("root".to_owned(), secret("right")));
    })
    .await;
    let (token, _) = world.token("tia", "one").await;
    until(&world, &token, true).await;
    drop(server);
    let other = start("memory", "other").await;
    let began = Instant::now();
    while began.elapsed() < AWAY {
        until(&world, &token, false).await;
    }
    drop(other);
    let _server = start(&kept, "right").await;
    until(&world, &token, true).await;
    // And it writes too.
    let (another, _) = world.token("tia", "another").await;
    until(&world, &another, true).await;
}
