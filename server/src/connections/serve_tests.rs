//! One connection: its turns, whom it leaves room for, and how it ends when the server stops.

use std::sync::atomic::AtomicUsize;
use std::task::{Context, Poll};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::connections::{House, Limits};
use crate::web::ReservedPaths;

/// A site that counts what it answers, so many bytes each time.
#[derive(Clone, Default)]
struct Counting {
    answered: Arc<AtomicUsize>,
    length: usize,
}

impl Service<Request<Body>> for Counting {
    type Response = Response;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        self.answered.fetch_add(1, Relaxed);
        std::future::ready(Ok(Response::new(Body::from(vec![b'a'; self.length]))))
    }
}

/// On one thread, on which two that yield have their turns one after the other.
#[tokio::test]
async fn of_requests_that_come_at_once_others_have_a_turn_between_any_two() {
    const REQUESTS: usize = 64;
    let answered = Arc::new(AtomicUsize::new(0));
    let house = House::new(Limits::default(), ReservedPaths::among(Vec::new(), "".into()));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let mut client =
        TcpStream::connect(listener.local_addr().expect("one")).await.expect("a connection");
    let all = "GET / HTTP/1.1\r\nhost: x\r\n\r\n".repeat(REQUESTS);
    client.write_all(all.as_bytes()).await.expect("sent");
    let (stream, peer) = listener.accept().await.expect("one");
    let (_running, stopped) = watch::channel(false);
    let stay = house.take_in(peer.ip(), false);
    let site = Counting { answered: answered.clone(), ..Counting::default() };
    let serving = tokio::spawn(serve(stream, peer, stay, site, stopped));
    let mut seen = 0;
    while seen < REQUESTS {
        let now = answered.load(Relaxed);
        assert!(now <= seen + 1, "{} without a turn of anybody else", now - seen);
        assert!(!serving.is_finished(), "after {seen} of them");
        seen = now;
        tokio::task::yield_now().await;
    }
    serving.abort();
}

/// All that is answered on a new connection on which this was asked.
async fn its_stay(house: &House, path: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let mut client =
        TcpStream::connect(listener.local_addr().expect("one")).await.expect("a connection");
    let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    client.write_all(head.as_bytes()).await.expect("sent");
    let (stream, peer) = listener.accept().await.expect("one");
    let (_running, stopped) = watch::channel(false);
    let stay = house.take_in(peer.ip(), false);
    serve(stream, peer, stay, Counting::default(), stopped).await;
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.expect("an answer");
    answer
}

#[tokio::test]
async fn the_last_connections_are_for_verify_while_all_others_are_answered() {
    let reserved = ReservedPaths::among(crate::router::routes(), "".into());
    let house = House::new(Limits { most: 16, ..Limits::default() }, reserved);
    let mut others: Vec<Stay> =
        (0..14).map(|_| house.take_in([192, 0, 2, 1].into(), false)).collect();
    for stay in &others {
        stay.place.set(Doing::Busy);
    }
    for path in ["/auth/verify", "/auth/verify/wiki/page", "/healthz"] {
        assert!(its_stay(&house, path).await.starts_with("HTTP/1.1 200 "), "{path}");
    }
    // A path that only ends like verify's is no way around.
    let elsewhere = ["/login", "/settings/auth/verify", "/x/healthz"];
    let refused = elsewhere.map(|path| its_stay(&house, path));
    for (path, answer) in elsewhere.iter().zip(futures::future::join_all(refused).await) {
        assert!(answer.starts_with("HTTP/1.1 503 "), "{path}: {answer}");
        for part in ["connection: close", "retry-after: 5", "too many connections"] {
            assert!(answer.contains(part), "{path}: {answer}");
        }
    }
    others.pop();
    assert!(its_stay(&house, "/login").await.starts_with("HTTP/1.1 200 "));
}

/// When a request comes on a connection of a server that is told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AtStop {
    /// The first on it, after the stop is heard of.
    New,
    /// It is on its way when the stop is heard of.
    OnItsWay,
    /// After that, from a client that does not know of it.
    Later,
    /// None does.
    Idle,
}

/// A connection, as its client has it and as it is served.
async fn connected() -> (TcpStream, TcpStream, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let client =
        TcpStream::connect(listener.local_addr().expect("one")).await.expect("a connection");
    let (stream, peer) = listener.accept().await.expect("one");
    (client, stream, peer)
}

const HEAD: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

#[tokio::test]
async fn what_is_asked_before_its_client_knows_of_a_stop_is_answered_and_what_is_idle_ends() {
    let house = House::new(Limits::default(), ReservedPaths::among(Vec::new(), "".into()));
    for at_stop in [AtStop::New, AtStop::OnItsWay, AtStop::Later, AtStop::Idle] {
        let (mut client, stream, peer) = connected().await;
        let (running, stopped) = watch::channel(false);
        let stay = house.take_in(peer.ip(), false);
        let place = stay.place.clone();
        let serving = tokio::spawn(serve(stream, peer, stay, Counting::default(), stopped));
        if at_stop != AtStop::New {
            client.write_all(HEAD).await.expect("sent");
            while place.doing().0 != Doing::Idle {
                tokio::task::yield_now().await;
            }
        }
        if at_stop == AtStop::OnItsWay {
            client.write_all(HEAD).await.expect("sent");
        }
        running.send(true).expect("it hears of it");
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        if matches!(at_stop, AtStop::New | AtStop::Later) {
            client.write_all(HEAD).await.expect("sent");
        }
        serving.await.expect("it ends");
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.expect("all that was answered");
        let answered = answer.matches("HTTP/1.1 200 ").count();
        let before = usize::from(at_stop != AtStop::New);
        let since = usize::from(at_stop != AtStop::Idle);
        assert_eq!(answered, before + since, "{at_stop:?}: {answer}");
        let closing = answer.matches("connection: close\r\n").count();
        assert_eq!(closing, since, "{at_stop:?}: {answer}");
    }
}

/// More than any socket holds.
const LARGE: usize = 32 << 20;

#[tokio::test]
async fn an_answer_that_is_taken_slowly_is_whole_after_a_stop() {
    let house = House::new(Limits::default(), ReservedPaths::among(Vec::new(), "".into()));
    let (mut client, stream, peer) = connected().await;
    let (running, stopped) = watch::channel(false);
    let stay = house.take_in(peer.ip(), false);
    let site = Counting { length: LARGE, ..Counting::default() };
    let mut serving = tokio::spawn(serve(stream, peer, stay, site, stopped));
    client.write_all(HEAD).await.expect("sent");
    let mut answer = vec![0; 1024];
    client.read_exact(&mut answer).await.expect("it has begun");
    running.send(true).expect("it hears of it");
    // Longer than a head would be waited for.
    let waited = tokio::time::timeout(2 * HEAD_AT_STOP, &mut serving).await;
    assert!(waited.is_err(), "it waits for its client");
    client.read_to_end(&mut answer).await.expect("the rest of it");
    let body = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    assert_eq!(answer.len() - body, LARGE);
    serving.await.expect("it ends");
}

/// The notice comes when it was given for an idle connection, and a request has come meanwhile.
#[tokio::test]
async fn a_connection_that_was_told_to_go_too_late_can_be_told_again() {
    let house = House::new(Limits::default(), ReservedPaths::among(Vec::new(), "".into()));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let _client =
        TcpStream::connect(listener.local_addr().expect("one")).await.expect("a connection");
    let (stream, peer) = listener.accept().await.expect("one");
    let (_running, stopped) = watch::channel(false);
    let stay = house.take_in(peer.ip(), false);
    let place = stay.place.clone();
    place.set(Doing::Busy);
    place.go();
    let answered = Arc::new(AtomicUsize::new(0));
    let site = Counting { answered, ..Counting::default() };
    let serving = tokio::spawn(serve(stream, peer, stay, site, stopped));
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert!(!place.is_going() && !serving.is_finished(), "a request is answered on it");
    place.set(Doing::Idle);
    place.go();
    serving.await.expect("it goes");
}
