//! A socket in the file system: whoever may connect to it is a trusted proxy.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use desk::Networks;
use server::config::ListenAt;
use tokio::net::UnixStream;

use crate::support::{Answer, Latchkey, Request, World, world_with};

async fn world_at(path: &Path) -> World {
    world_with(|keys| keys.server.listen = ListenAt::Socket(path.to_owned())).await
}

async fn send(path: &Path, request: Request) -> Answer {
    let stream = UnixStream::connect(path).await.unwrap();
    request.send_on(([127, 0, 0, 1], 80).into(), stream).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_by_it_says_whose_request_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("http.sock");
    let world = world_at(&path).await;
    assert_eq!(world.shown(), format!("unix:{}", path.display()));
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660, "its owner and its group");
    let networks = Networks::parse("192.0.2.0/24").unwrap();
    let (token, _) = world.token_with("tia", "campus only", |new| new.networks = networks).await;
    let verify = || Request::get("/auth/verify").token(&token);
    let from = |client: &str| verify().header("x-forwarded-for", client);
    assert_eq!(send(&path, from("192.0.2.9")).await.status, 200);
    assert_eq!(send(&path, from("203.0.113.9")).await.status, 403);
    assert_eq!(send(&path, from("192.0.2.9, 203.0.113.9")).await.status, 403);
    assert_eq!(send(&path, verify()).await.status, 403, "nobody says whose it is");
    let page = Request::get("/login").page().header("x-forwarded-for", "192.0.2.9");
    let by_https = page.clone().header("x-forwarded-proto", "https");
    let only = "strict-transport-security";
    assert!(send(&path, by_https).await.header(only).is_some());
    assert!(send(&path, page).await.header(only).is_none());
    let name = "0123456789abcdef0123";
    let named = Request::get("/healthz").header("x-request-id", name);
    assert_eq!(send(&path, named).await.header("x-request-id").as_deref(), Some(name));
    world.stop().await;
    assert!(!path.exists(), "it goes with the server");
}

#[test]
fn one_that_a_killed_program_has_left_is_replaced_and_one_in_use_is_not() {
    let latchkey = Latchkey::new();
    let path = latchkey.path("http.sock");
    let listen = format!("unix:{}", path.display());
    let section = format!("[server]\nlisten = \"{listen}\"\n[store]\nurl = \"mem://\"\n");
    latchkey.write("latchkey.toml", &section);
    latchkey.serve_by(latchkey.command(&["serve"])).kill();
    assert!(path.exists(), "nobody has taken it away");
    let serving = latchkey.serve_by(latchkey.command(&["serve"]));
    let second = latchkey.run(&["serve"]);
    assert_eq!(second.code, Some(1));
    assert!(second.err.contains(&format!("Cannot listen on {listen}")), "{}", second.err);
    assert!(path.exists());
    let (code, log) = serving.terminate();
    assert_eq!(code, Some(0), "{log}");
    assert!(!path.exists(), "{log}");
}

#[test]
fn permissions_that_let_everybody_in_are_said_aloud() {
    let latchkey = Latchkey::new();
    let with_mode = |mode: &str| {
        let section =
            format!("[server]\nlisten = \"unix:/run/x.sock\"\nsocket_mode = \"{mode}\"\n");
        latchkey.write("latchkey.toml", &section);
        latchkey.run(&["check"]).out
    };
    assert!(with_mode("0666").contains("server.socket_mode lets everybody"));
    assert!(!with_mode("0660").contains("server.socket_mode"));
}
