//! What `tools/bench-instructions` counts the instructions of: a server and one client that asks it
//! so many times, on one thread. usage: instructions fixed|bare|verify REQUESTS
//!
//! `fixed` answers the same bytes whatever comes: what it takes is the client's and the runtime's.
//! `bare` is an axum route that does nothing else ([`bare.rs`](bare.rs)), `verify` the desk with a
//! good token that it remembers.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::net::SocketAddr;

use axum::Router;
use axum::routing::any;
use axum::serve::ListenerExt as _;
use http::StatusCode;
use server::config::{Configuration, Sections};
use server::serve::start;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const ANYWHERE: SocketAddr =
    SocketAddr::V4(std::net::SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 0));

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut args = std::env::args().skip(1).filter(|arg| !arg.starts_with("--"));
    let what = args.next().unwrap();
    let requests: u32 = args.next().unwrap().parse().unwrap();
    // Each is sent the same: of a desk that is not there a token is as good as any.
    let token = format!("latchkey_{}", "x".repeat(40));
    match what.as_str() {
        "fixed" => ask(fixed().await, "/", &token, requests).await,
        "bare" => ask(bare().await, "/", &token, requests).await,
        "verify" => {
            let mut sections = Sections::default();
            sections.server.listen = ANYWHERE.into();
            "mem://".clone_into(&mut sections.store.url);
            (sections.hash.memory_kib, sections.hash.passes) = (64, 1);
            let mut configuration = Configuration::from_sections(sections).unwrap();
            configuration.desk.demo = true;
            let world = testkit::World::demo(configuration.desk.clone()).await;
            let (token, _) = world.token("tia", "measured").await;
            let running = start(&configuration, world.desk.clone(), true).await.unwrap();
            ask(running.address(), "/auth/verify", token.expose(), requests).await;
        }
        other => panic!("{other}: fixed, bare or verify"),
    }
}

/// Answers each packet with the same bytes.
async fn fixed() -> SocketAddr {
    const ANSWER: &[u8] = b"HTTP/1.1 204 No Content\r\ndate: Sat, 01 Nov 2025 00:00:00 GMT\r\n\r\n";
    let listener = TcpListener::bind(ANYWHERE).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        while stream.read(&mut request).await.unwrap() > 0 {
            stream.write_all(ANSWER).await.unwrap();
        }
    });
    address
}

async fn bare() -> SocketAddr {
    let listener = TcpListener::bind(ANYWHERE).await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let route = Router::new().route("/", any(|| async { StatusCode::NO_CONTENT }));
    tokio::spawn(async move { axum::serve(listener, route).await });
    address
}

/// Asks so many times, one after the other on one connection, as a proxy does.
async fn ask(address: SocketAddr, path: &str, token: &str, requests: u32) {
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: desk.example.edu\r\nx-original-method: GET\r\n\
         x-forwarded-for: 192.0.2.1\r\nuser-agent: curl/8.14.1\r\naccept: */*\r\n\
         authorization: Bearer {token}\r\n\r\n"
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut answer = [0; 4096];
    for _ in 0..requests {
        stream.write_all(request.as_bytes()).await.unwrap();
        // Every answer is sent in one piece.
        let read = stream.read(&mut answer).await.unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 20"), "{:?}", &answer[..read]);
    }
}
