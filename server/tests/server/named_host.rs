//! Which host a request is for is said once and readably, or the answer is 400: at every door,
//! before anything is looked at.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Request, world};

/// The status of what is answered to these lines of a head, and whether the connection ended.
async fn status(address: SocketAddr, head: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // Another one behind it: of a request that is refused nothing else is read.
    let behind = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(format!("{head}\r\n{behind}").as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // Closed with something unread is "reset".
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("{head}: {text}")), text)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_names_no_host_or_two_is_refused_at_every_door() {
    let world = world().await;
    let (token, _) = world.token("tia", "a script").await;
    for path in ["/auth/verify", "/healthz", "/readyz", "/login", "/api/v1/me", "/pkg/x", "/live"] {
        let line = format!("GET {path} HTTP/1.1\r\nauthorization: token {}\r\n", token.expose());
        for hosts in [
            "",
            "host:\r\n",
            "host: a\r\nhost: a\r\n",
            "host: a\r\nHost: b\r\n",
            "host: a b\r\n",
            "host: a, b\r\n",
            "host: user@a\r\n",
            "host: a:b\r\n",
            "host: http://a/\r\n",
        ] {
            let (status, text) = status(world.address, &format!("{line}{hosts}")).await;
            assert_eq!(status, 400, "{path} {hosts}: {text}");
            assert!(text.to_lowercase().contains("connection: close"), "{text}");
            assert_eq!(text.matches("HTTP/1.1 ").count(), 1, "nothing behind it: {text}");
            assert!(!text.to_lowercase().contains("remote-user"), "{text}");
        }
    }
    let other = format!(
        "GET http://a.example/auth/verify HTTP/1.1\r\nauthorization: token {}\r\n",
        token.expose()
    );
    assert_eq!(status(world.address, &format!("{other}host: b.example\r\n")).await.0, 400);
    let same = status(world.address, &format!("{other}host: A.example:80\r\n")).await;
    assert_eq!(same.0, 200, "{}", same.1);
    assert!(same.1.to_lowercase().contains("remote-user: tia"), "{}", same.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_names_one_is_answered_and_http_1_0_needs_none() {
    let world = world().await;
    for host in ["localhost", "latchkey_backend", "127.0.0.1:3000", "[::1]:3000", "A.Example.EDU"] {
        let answer = world.send(Request::get("/healthz").header("host", host)).await;
        assert_eq!(answer.status, 200, "{host}");
    }
    let old = "GET /healthz HTTP/1.0\r\n";
    assert_eq!(status(world.address, old).await.0, 200);
    assert_eq!(status(world.address, &format!("{old}host: a\r\n")).await.0, 200);
    assert_eq!(status(world.address, &format!("{old}host: a\r\nhost: b\r\n")).await.0, 400);
}
