//! By HTTP/2 everything is answered as by HTTP/1.1, and each stream is bounded as a connection is.

use std::time::Duration;

use futures::StreamExt as _;
use http::Request;
use rustls::version::TLS13;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::HERE;
use crate::support::http2::{Http2, frame, get, head, next, preface};
use crate::support::secure_world;

/// No test waits for longer: nothing that is to happen takes so long, however slow the machine.
const TEST_TIMEOUT: Duration = Duration::from_mins(1);

async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(TEST_TIMEOUT, what).await.expect("within a minute")
}

fn log_in() -> Request<()> {
    let form = Request::post("https://localhost/fn/log_in")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    form.body(()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_answered_as_by_http_1() {
    let (world, certificate) = secure_world(|_| {}).await;
    let client = Http2::on(certificate.by_http2(HERE, world.address).await).await;
    let (token, _) = world.token("tia", "by streams").await;
    let verify = get("/auth/verify").header("authorization", format!("token {}", token.expose()));
    let (answer, _) = client.ask(verify.body(()).unwrap(), b"").await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["remote-user"], "tia");
    let form = b"netid=tia&password=tia-netid-password&next=";
    let (answer, _) = client.ask(log_in(), form).await.unwrap();
    assert_eq!(answer.status, 200);
    let mut set = answer.headers.get_all("set-cookie").iter().map(|set| set.to_str().unwrap());
    let session = set.find(|set| set.starts_with("__Host-latchkey="));
    let cookie = session.and_then(|set| set.split(';').next()).expect("a session's");
    // Browsers send them one by one.
    let page = get("/settings/auth-tokens").header("cookie", "a=b").header("cookie", cookie);
    let page = page.header("accept", "text/html").body(()).unwrap();
    let (answer, page) = client.ask(page, b"").await.unwrap();
    assert_eq!(answer.status, 200);
    assert!(String::from_utf8(page).unwrap().contains("</html>"), "the whole of it");
    assert_eq!(client.status("/nothing").await.unwrap(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_host_than_the_authority_is_refused() {
    let (world, certificate) = secure_world(|_| {}).await;
    let client = Http2::on(certificate.by_http2(HERE, world.address).await).await;
    let status = async |host: &str| {
        let request = get("/healthz").header("host", host).body(()).unwrap();
        client.ask(request, b"").await.unwrap().0.status.as_u16()
    };
    assert_eq!([status("localhost").await, status("elsewhere").await], [200, 400]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_offers_nothing_that_is_spoken_is_refused() {
    let (world, certificate) = secure_world(|_| {}).await;
    let stream = certificate.connect(HERE, world.address, &[&TLS13], &[b"spdy/3"]).await;
    assert!(stream.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_ends_its_stream_alone() {
    let (world, certificate) =
        secure_world(|limits| limits.stalled = Duration::from_millis(500)).await;
    let client = Http2::on(certificate.by_http2(HERE, world.address).await).await;
    let slow = client.begin(log_in(), b"netid=", false).await.unwrap();
    assert_eq!(client.status("/healthz").await.unwrap(), 200, "beside it");
    assert!(in_time(slow).await.is_err(), "it is given up");
    assert_eq!(client.status("/healthz").await.unwrap(), 200, "on the same connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nobody_takes_ends_its_stream_alone() {
    let (world, certificate) =
        secure_world(|limits| limits.stalled = Duration::from_millis(500)).await;
    let stream = certificate.by_http2(HERE, world.address).await;
    // Ten bytes of an answer, and no more: enough for a short one.
    let client = Http2::with_window(stream, 10).await;
    let long = get("/api/v1/openapi.json").body(()).unwrap();
    let answer = client.begin(long, b"", true).await.unwrap().await.unwrap();
    assert_eq!(answer.status(), 200, "its head is there");
    let (_, mut coming) = answer.into_parts();
    let ended = in_time(async {
        loop {
            // What comes is kept, and nothing more is asked for.
            match coming.data().await {
                Some(Ok(_)) => {}
                ended => return ended,
            }
        }
    });
    assert!(ended.await.is_some_and(|ended| ended.is_err()), "it is given up");
    assert_eq!(client.status("/healthz").await.unwrap(), 200, "on the same connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_count_among_the_connections_of_their_address() {
    let hour = Duration::from_hours(1);
    let (world, certificate) = secure_world(|limits| {
        limits.each = 8;
        (limits.head, limits.idle, limits.stalled) = (hour, hour, hour);
    })
    .await;
    let from = [127, 0, 0, 2];
    let client = Http2::on(certificate.by_http2(from, world.address).await).await;
    let mut slow = Vec::new();
    for _ in 0..24 {
        slow.push(client.begin(log_in(), b"netid=", false).await.unwrap());
    }
    // Those beyond its share are answered so, or the ones before them are given up for them.
    let mut ending: futures::stream::FuturesUnordered<_> = slow.into_iter().collect();
    for _ in 0..16 {
        let ended = in_time(ending.next()).await.expect("there are more");
        assert!(ended.is_err() || ended.is_ok_and(|answer| answer.status() == 503));
    }
    let beside = Http2::on(certificate.by_http2(HERE, world.address).await).await;
    assert_eq!(beside.status("/healthz").await.unwrap(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_nothing_is_asked_on_ends() {
    let (world, certificate) = secure_world(|limits| {
        (limits.head, limits.idle) = (Duration::from_secs(1), Duration::from_millis(300));
    })
    .await;
    // Nothing is asked on it at all.
    let mut quiet = certificate.by_http2(HERE, world.address).await;
    quiet.write_all(&preface()).await.unwrap();
    let _ = in_time(quiet.read_to_end(&mut Vec::new())).await;
    // One request, and nothing more; what else comes is answers to pings and the like.
    let mut once = certificate.by_http2(HERE, world.address).await;
    let mut bytes = preface();
    bytes.extend(frame(1, 0x5, 1, &head("/healthz")));
    bytes.extend(frame(8, 0, 0, &1_u32.to_be_bytes()));
    once.write_all(&bytes).await.unwrap();
    let mut answer = Vec::new();
    let _ = in_time(once.read_to_end(&mut answer)).await;
    assert!(answer.windows(5).any(|bytes| bytes == b"alive"), "it was answered before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_told_of_events_by_a_stream_and_a_stop_ends_it() {
    let (world, certificate) = secure_world(|_| {}).await;
    let client = Http2::on(certificate.by_http2(HERE, world.address).await).await;
    let cookie = world.log_in("tia").await;
    let cookie = format!("__Host-latchkey={}", cookie.expose());
    let live = get("/live").header("cookie", cookie).body(()).unwrap();
    let (answer, mut events) =
        client.begin(live, b"", true).await.unwrap().await.unwrap().into_parts();
    assert_eq!(answer.status, 200);
    world.token("tia", "watched").await;
    let mut text = String::new();
    in_time(async {
        while !text.contains("event: tokens") {
            let data = next(&mut events).await.unwrap().expect("it goes on");
            text.push_str(std::str::from_utf8(&data).unwrap());
        }
    })
    .await;
    tokio::time::timeout(Duration::from_secs(5), world.stop()).await.expect("it ends");
    in_time(async { while let Ok(Some(_)) = next(&mut events).await {} }).await;
    assert!(client.status("/healthz").await.is_err());
}
