//! Connections under load: what takes too long ends, verify goes on however many there are, and a
//! stop ends all of them.

use std::net::SocketAddr;
use std::time::Duration;

use server::connections::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Request, World, world_as};

/// No test waits for longer: nothing that is to happen takes so long, however slow the machine.
const TEST_TIMEOUT: Duration = Duration::from_mins(1);

async fn limited(change: impl FnOnce(&mut Limits)) -> World {
    world_as(|_| {}, |configuration| change(&mut configuration.connections)).await
}

/// A connection on which this was sent.
async fn sent(address: SocketAddr, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // One that is closed at once is none that anything can be sent on.
    let _ = stream.write_all(bytes.as_bytes()).await;
    stream
}

/// All that comes until the other side closes.
async fn until_closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Closed with something unread is "reset".
    let _ = tokio::time::timeout(TEST_TIMEOUT, stream.read_to_end(&mut bytes))
        .await
        .expect("closed within a minute");
    bytes
}

const HALF: &str = "GET /healthz HTTP/1.1\r\nhost: x\r\nx-";
const WHOLE: &str = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
/// Its body never comes.
const SLOW: &str = "POST /fn/log_in HTTP/1.1\r\nhost: x\r\nsec-fetch-site: \
    same-origin\r\ncontent-length: 1000\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_come_ends_its_connection() {
    let world = limited(|limits| limits.head = Duration::from_millis(200)).await;
    for beginning in ["", "G", HALF] {
        assert!(
            until_closed(&mut sent(world.address, beginning).await).await.is_empty(),
            "{beginning}"
        );
    }
    // Nor does it gain time by coming bit by bit, or after another one.
    let mut stream = sent(world.address, WHOLE).await;
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    let dribble = async { while stream.write_all(b"x").await.is_ok() {} };
    tokio::time::timeout(TEST_TIMEOUT, dribble).await.expect("closed within a minute");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_nothing_is_asked_on_ends_and_an_answer_that_takes_its_time_does_not() {
    let world = limited(|limits| limits.idle = Duration::from_millis(200)).await;
    let answer = until_closed(&mut sent(world.address, WHOLE).await).await;
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
    let mut live =
        Request::get("/live").cookie(&world.log_in("tia").await).open(world.address).await;
    assert!(
        until_closed(&mut sent(world.address, WHOLE).await).await.starts_with(b"HTTP/1.1 200 "),
        "as long as that one was open"
    );
    world.token("tia", "watched").await;
    while live.event().await.unwrap() != "tokens" {}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_move_ends() {
    let world = limited(|limits| {
        (limits.stalled, limits.idle) = (Duration::from_millis(300), Duration::from_millis(200));
    })
    .await;
    assert!(until_closed(&mut sent(world.address, SLOW).await).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_never_more_connections_than_there_may_be_and_verify_goes_on() {
    let world = limited(|limits| limits.most = 32).await;
    let (token, _) = world.token("tia", "goes on").await;
    let mut half = Vec::new();
    for _ in 0..200 {
        half.push(sent(world.address, HALF).await);
        if half.len() % 10 == 0 {
            assert_eq!(world.send(Request::get("/auth/verify").token(&token)).await.status, 200);
        }
    }
    // The oldest went, and what came last has its turn.
    for stream in &mut half[..150] {
        assert!(until_closed(stream).await.is_empty());
    }
    let last = half.last_mut().unwrap();
    last.write_all(b"y: z\r\n\r\n").await.unwrap();
    let mut first = [0; 12];
    last.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
}

/// However many pages somebody has open, in however many sessions.
#[tokio::test(flavor = "multi_thread")]
async fn open_pages_keep_nobody_out() {
    let world = limited(|limits| limits.most = 32).await;
    let (token, _) = world.token("tia", "goes on").await;
    let mut open = Vec::new();
    for who in ["tia", "sam", "ada", "rae", "helen"].into_iter().cycle().take(30) {
        let cookie = world.log_in(who).await;
        open.push(sent(world.address, &listening(&cookie)).await);
        for requested in [
            Request::get("/login").page(),
            Request::get("/auth/verify").token(&token),
            Request::get("/healthz"),
        ] {
            assert_eq!(world.send(requested).await.status, 200, "with {} of them", open.len());
        }
    }
}

/// What a page asks for that is told of events.
fn listening(cookie: &desk::Cookie) -> String {
    format!("GET /live HTTP/1.1\r\nhost: x\r\ncookie: latchkey={}\r\n\r\n", cookie.expose())
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_on_which_nothing_comes_keep_no_page_out() {
    // Of a head, of a body, of a next request.
    for beginning in [HALF, SLOW, WHOLE] {
        let world = limited(|limits| limits.most = 32).await;
        let mut held = Vec::new();
        for _ in 0..100 {
            held.push(sent(world.address, beginning).await);
            if held.len() > 25 {
                assert_eq!(
                    world.send(Request::get("/login").page()).await.status,
                    200,
                    "{beginning}, {} of them",
                    held.len()
                );
            }
        }
        until_closed(&mut held[0]).await;
    }
}

/// A connection from one of this machine's own addresses on which this was sent.
async fn sent_from(from: [u8; 4], address: SocketAddr, bytes: &str) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    let _ = stream.write_all(bytes.as_bytes()).await;
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_its_share_of_connections_however_many_are_left() {
    let hour = Duration::from_hours(1);
    let world = limited(|limits| {
        limits.each = 16;
        (limits.head, limits.idle, limits.stalled) = (hour, hour, hour);
    })
    .await;
    for beginning in [HALF, SLOW, WHOLE] {
        let mut theirs = Vec::new();
        for _ in 0..100 {
            theirs.push(sent_from([127, 0, 0, 2], world.address, beginning).await);
        }
        // Of its own the oldest go, or what comes is not taken; whoever else is there stays.
        let mut beside = sent(world.address, HALF).await;
        let is_open = |stream: &TcpStream| match stream.try_read(&mut [0; 1024]) {
            Ok(read) => read > 0,
            Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
        };
        let closing = async {
            while theirs.iter().filter(|stream| is_open(stream)).count() > 16 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(TEST_TIMEOUT, closing).await.expect("closed within a minute");
        beside.write_all(b"y: z\r\n\r\n").await.unwrap();
        let mut first = [0; 12];
        beside.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 200", "{beginning}");
    }
}

/// However many pages somebody has open, in however many sessions.
#[tokio::test(flavor = "multi_thread")]
async fn what_open_pages_listen_to_makes_room_for_whoever_comes_from_the_same_address() {
    let world = limited(|limits| limits.each = 16).await;
    let mut open = Vec::new();
    for netid in ["tia", "rae", "helen", "ada"] {
        let cookie = world.log_in(netid).await;
        let beginning = listening(&cookie);
        for _ in 0..6 {
            open.push(sent_from([127, 0, 0, 2], world.address, &beginning).await);
        }
    }
    let answered = async {
        loop {
            let requested = "GET /auth/verify HTTP/1.1\r\nhost: x\r\n\r\n";
            let mut stream = sent_from([127, 0, 0, 2], world.address, requested).await;
            let mut first = [0; 12];
            if stream.read_exact(&mut first).await.is_ok() {
                return first;
            }
        }
    };
    let first = tokio::time::timeout(TEST_TIMEOUT, answered).await.expect("it comes in");
    assert_eq!(&first, b"HTTP/1.1 401");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_speaks_http_2_in_the_clear() {
    let world = limited(|_| {}).await;
    let answer = until_closed(
        &mut sent(world.address, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0").await,
    )
    .await;
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 "), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_larger_than_any_is_refused() {
    let world = limited(|_| {}).await;
    let head =
        format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx-large: {}\r\n\r\n", "x".repeat(400 * 1024));
    let answer = until_closed(&mut sent(world.address, &head).await).await;
    assert!(
        answer.is_empty() || answer.starts_with(b"HTTP/1.1 431 "),
        "{:?}",
        String::from_utf8_lossy(&answer)
    );
    let answer =
        world.send(Request::get("/healthz").header("x-large", &"x".repeat(40 * 1024))).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_for_no_head() {
    let world = limited(|_| {}).await;
    let mut streams = [
        sent(world.address, "").await,
        sent(world.address, HALF).await,
        sent(world.address, WHOLE).await,
    ];
    // They are there once another one was answered.
    assert_eq!(world.send(Request::get("/healthz")).await.status, 200);
    let address = world.address;
    world.stop().await;
    for stream in &mut streams {
        until_closed(stream).await;
    }
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}
