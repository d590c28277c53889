//! One connection: its turns, whom it leaves room for, and how it ends when the server stops.

use std::sync::atomic::AtomicUsize;
use std::task::{Context, Poll};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::connections::{House, Limits};
use crate::web::ReservedPaths;

/// A site that counts what it answers.
#[derive(Clone)]
struct Counting(Arc<AtomicUsize>);

impl Service<Request<Body>> for Counting {
    type Response = Response;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        self.0.fetch_add(1, Relaxed);
        std::future::ready(Ok(Response::default()))
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
    let serving = tokio::spawn(serve(stream, peer, stay, Counting(answered.clone()), stopped));
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
    serve(stream, peer, stay, Counting(Arc::default()), stopped).await;
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

/// When the stop is heard of: before anything has come on a connection that was taken in; while
/// a request is on its way on an idle one; or on one on which nothing comes any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AtStop {
    New,
    OnItsWay,
    Idle,
}

#[tokio::test]
async fn what_was_asked_before_a_stop_was_heard_of_is_answered_and_what_is_idle_ends() {
    let house = House::new(Limits::default(), ReservedPaths::among(Vec::new(), "".into()));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    for at_stop in [AtStop::New, AtStop::OnItsWay, AtStop::Idle] {
        let mut client =
            TcpStream::connect(listener.local_addr().expect("one")).await.expect("a connection");
        let (stream, peer) = listener.accept().await.expect("one");
        let (running, stopped) = watch::channel(false);
        let stay = house.take_in(peer.ip(), false);
        let place = stay.place.clone();
        let serving = tokio::spawn(serve(stream, peer, stay, Counting(Arc::default()), stopped));
        let head = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
        if at_stop != AtStop::New {
            client.write_all(head).await.expect("sent");
            while place.doing().0 != Doing::Idle {
                tokio::task::yield_now().await;
            }
        }
        if at_stop == AtStop::OnItsWay {
            client.write_all(head).await.expect("sent");
        }
        running.send(true).expect("it hears of it");
        if at_stop == AtStop::New {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            client.write_all(head).await.expect("sent");
        }
        serving.await.expect("it ends");
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.expect("all that was answered");
        let answered = answer.matches("HTTP/1.1 200 ").count();
        let expected = if at_stop == AtStop::OnItsWay { 2 } else { 1 };
        assert_eq!(answered, expected, "{at_stop:?}: {answer}");
        let closing = answer.matches("connection: close\r\n").count();
        assert_eq!(closing, usize::from(at_stop != AtStop::Idle), "{at_stop:?}: {answer}");
    }
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
    let serving = tokio::spawn(serve(stream, peer, stay, Counting(answered), stopped));
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert!(!place.is_going() && !serving.is_finished(), "a request is answered on it");
    place.set(Doing::Idle);
    place.go();
    serving.await.expect("it goes");
}
