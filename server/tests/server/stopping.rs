//! A stop ends within ten seconds, whoever holds on to what; told once more it ends at once.

use std::net::SocketAddr;
use std::time::Duration;

use http::Request;
use rustls::version::TLS13;
use testkit::program::Signal;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::support::http2::{Http2, get};
use crate::support::{Latchkey, secure_world};

const HERE: [u8; 4] = [127, 0, 0, 1];

/// Its body never comes.
const SLOW: &[u8] = b"POST /fn/log_in HTTP/1.1\r\nhost: x\r\nsec-fetch-site: \
    same-origin\r\ncontent-length: 1000\r\n\r\nn";

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_in_time_whoever_dribbles_listens_or_takes_nothing() {
    let (world, certificate) = secure_world(|_| {}).await;
    let address = world.address;
    // A body that comes bit by bit, for as long as it may.
    let mut dribbling = certificate.by_http1(HERE, address).await;
    dribbling.write_all(SLOW).await.unwrap();
    let dribble = tokio::spawn(async move {
        let mut ticks = tokio::time::interval(Duration::from_millis(100));
        while dribbling.write_all(b"e").await.is_ok() {
            ticks.tick().await;
        }
    });
    // Streams on one connection: one that listens, one that takes nothing, one whose body does not
    // come.
    let streams = Http2::with_window(certificate.by_http2(HERE, address).await, 0).await;
    let cookie = format!("__Host-latchkey={}", world.log_in("tia").await.expose());
    let live = get("/live").header("cookie", cookie).body(()).unwrap();
    let _live = streams.begin(live, b"", true).await.unwrap().await.unwrap();
    let long = get("/api/v1/openapi.json").body(()).unwrap();
    let _long = streams.begin(long, b"", true).await.unwrap().await.unwrap();
    let form = Request::post("https://localhost/fn/log_in").header("sec-fetch-site", "same-origin");
    let _slow = streams.begin(form.body(()).unwrap(), b"netid=", false).await.unwrap();
    // A handshake of which half is there.
    let mut half = TcpStream::connect(address).await.unwrap();
    half.write_all(b"\x16\x03\x01\x02\x00\x01").await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), world.stop()).await.expect("it ends in time");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    dribble.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_in_before_it_is_answered() {
    let (world, certificate) = secure_world(|_| {}).await;
    let address = world.address;
    // The first of them has not said anything, and is there once those after it are.
    let fresh = TcpStream::connect(address).await.unwrap();
    let by_http1 = certificate.by_http1(HERE, address).await;
    let by_http2 = Http2::on(certificate.by_http2(HERE, address).await).await;
    let healthz = crate::support::Request::get("/healthz");
    let asking = async {
        until_closed(address).await;
        let first = async {
            let fresh = certificate.over(fresh, &[&TLS13], &[b"http/1.1"]).await.unwrap();
            healthz.send_on(address, fresh).await.status
        };
        let second = async { healthz.send_on(address, by_http1).await.status };
        let third = async { by_http2.status("/healthz").await.unwrap() };
        assert_eq!(tokio::join!(first, second, third), (200, 200, 200));
    };
    tokio::join!(world.stop(), asking);
}

/// Waits until nobody listens there.
async fn until_closed(address: SocketAddr) {
    let closing = async { while TcpStream::connect(address).await.is_ok() {} };
    tokio::time::timeout(Duration::from_mins(1), closing).await.expect("within a minute");
}

#[tokio::test(flavor = "multi_thread")]
async fn told_once_more_it_ends_at_once() {
    for (first, second, is_at_once) in [
        (Signal::Term, Signal::Term, true),
        (Signal::Int, Signal::Term, true),
        // The end of the terminal comes along with a stop, and is no wish.
        (Signal::Hup, Signal::Term, false),
    ] {
        let latchkey = Latchkey::new();
        let serve = ["serve", "--demo", "--listen", testkit::program::ANY_PORT];
        let command = latchkey.command_by(&["env", "--default-signal=HUP"], &serve);
        let serving = latchkey.serve_by(command);
        let mut slow = TcpStream::connect(serving.address).await.unwrap();
        slow.write_all(SLOW).await.unwrap();
        // It is with the server by the time that a second request is answered.
        let alive = crate::support::Request::get("/healthz").send(serving.address).await;
        assert_eq!(alive.status, 200);
        serving.signal(first);
        until_closed(serving.address).await;
        serving.signal(second);
        let ended = tokio::task::spawn_blocking(move || serving.ended()).await.unwrap();
        let (code, log) = ended;
        assert_eq!(code, Some(i32::from(is_at_once)), "{first:?} {second:?}: {log}");
        assert_eq!(log.contains("Stopped at once"), is_at_once, "{log}");
        assert_eq!(log.contains("did not end in time"), !is_at_once, "{log}");
        drop(slow);
    }
}
