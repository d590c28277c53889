//! A connection by HTTP/2. Each of its streams has a place of its own, as a connection by HTTP/1.1
//! has: it counts among those of its address, may be told to go, and ends where nothing moves on
//! it. So a connection carries no more than as many others would. What is bounded beside that:
//!
//! - [`MAX_STREAMS`] at a time, and what each may send before it is asked for ([`WINDOW`]);
//! - a head as long as one of HTTP/1.1, in however many frames it comes;
//! - streams that are begun and given up (CVE-2023-44487): h2 ends a connection with twenty of them
//!   that it has not looked at yet, and [`Counts`] one that gives up more than it takes;
//! - who answers no ping is gone.
//!
//! What asks for an answer of the protocol's own (pings, settings) waits until the one before it is
//! taken, within h2. Tests: below, and `server/tests/server/tls/{http2,hostile}.rs`.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use axum::body::Body;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Notify, watch};

use super::body::{Answering, Coming};
use super::host;
use super::house::Stay;
use super::place::Doing;
use super::refused::NotServed;
use super::serve::{HEAD_AT_STOP, MAX_BUFFER, Site, respond, stop_wanted, too_many};

/// So many streams at a time. A browser has some ten, a proxy opens another connection; what is
/// handed on and not taken is less than a connection by HTTP/1.1 may keep.
const MAX_STREAMS: u32 = 32;

/// What may come of a body before it is asked for, and of all bodies of a connection.
const WINDOW: u32 = 64 * 1024;
const WINDOW_OF_ALL: u32 = 4 * WINDOW;

/// How often it is asked whether somebody is there, and how long they may take to say so.
const PING_EVERY: Duration = Duration::from_secs(20);
const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// So many streams may be given up on a connection, whatever else there is on it.
const MAY_GIVE_UP: u64 = 128;

/// How long a connection may take to hear that it is told to go.
const GOODBYE: Duration = Duration::from_millis(50);

/// The streams of a connection. Cheap to clone.
#[derive(Clone, Debug)]
struct Streams(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// The connection's own place.
    stay: Arc<Stay>,
    /// The one that has just begun: hyper asks for its answer, and then for somebody to see to it.
    pending: Mutex<Option<Stream>>,
    counts: Mutex<Counts>,
    /// It gives up too many.
    is_enough: Notify,
}

/// How many there were.
#[derive(Debug, Default)]
struct Counts {
    open: u32,
    answered: u64,
    given_up: u64,
}

impl Counts {
    /// Whether whoever asks does not want to know.
    fn is_enough(&self) -> bool {
        self.given_up > MAY_GIVE_UP && self.given_up > self.answered
    }
}

/// One stream, there for as long as this is.
#[derive(Debug)]
struct Stream {
    streams: Streams,
    /// None: there is no room for it.
    stay: Option<Arc<Stay>>,
    is_answered: Arc<AtomicBool>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        let is_answered = self.is_answered.load(Relaxed);
        let mut counts = self.streams.counts();
        counts.open -= 1;
        if is_answered {
            counts.answered += 1;
        } else {
            counts.given_up += 1;
        }
        if counts.open == 0 {
            self.streams.0.stay.place.set(Doing::Idle);
        }
        if counts.is_enough() {
            self.streams.0.is_enough.notify_one();
        }
    }
}

impl Streams {
    fn of(stay: Arc<Stay>) -> Self {
        stay.place.has_streams();
        Self(Arc::new(Inner {
            stay,
            pending: Mutex::default(),
            counts: Mutex::default(),
            is_enough: Notify::new(),
        }))
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pending(&self) -> MutexGuard<'_, Option<Stream>> {
        self.0.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One begins: its place, if there is room, and where to note that it is answered.
    fn begin(&self) -> (Option<Arc<Stay>>, Arc<AtomicBool>) {
        {
            let mut counts = self.counts();
            counts.open += 1;
            self.0.stay.place.set(Doing::Busy);
        }
        let beside = self.0.stay.beside().inspect_err(|why| self.0.stay.not_served(*why));
        let stay = beside.ok().map(Arc::new);
        if let Some(stay) = &stay {
            stay.place.set(Doing::Busy);
        }
        let is_answered = Arc::new(AtomicBool::new(false));
        let stream =
            Stream { streams: self.clone(), stay: stay.clone(), is_answered: is_answered.clone() };
        // One that nobody saw to ends here, outside the lock.
        let before = self.pending().replace(stream);
        drop(before);
        (stay, is_answered)
    }
}

impl<F> hyper::rt::Executor<F> for Streams
where
    F: Future<Output = ()> + Send + 'static,
{
    /// Sees to the stream that has begun until it is over, or has taken longer than it may.
    fn execute(&self, serving: F) {
        let pending = self.pending().take();
        let limits = *self.0.stay.limits();
        tokio::spawn(async move {
            match pending.as_ref().and_then(|stream| stream.stay.as_ref()) {
                Some(stay) => while_it_may(stay, serving).await,
                // Who is told that there is no room has a head's time to hear it.
                None => {
                    let _ = tokio::time::timeout(limits.head, serving).await;
                }
            }
            drop(pending);
        });
    }
}

async fn while_it_may(stay: &Stay, serving: impl Future<Output = ()>) {
    let place = &stay.place;
    let mut serving = pin!(serving);
    loop {
        tokio::select! {
            () = serving.as_mut() => return,
            () = place.closing.notified() => {
                if place.doing().0.is_waiting() || place.is_over(stay.limits()) {
                    return;
                }
                place.stays();
            }
        }
    }
}

/// Serves one connection until either side has enough.
pub(super) async fn serve<I, S: Site>(
    io: I,
    peer: SocketAddr,
    stay: Arc<Stay>,
    site: S,
    mut stopped: watch::Receiver<bool>,
) where
    I: AsyncRead + AsyncWrite + Unpin,
{
    let place = stay.place.clone();
    let streams = Streams::of(stay.clone());
    let beginning = streams.clone();
    let service = hyper::service::service_fn(move |request| {
        answer(request, peer, beginning.begin(), site.clone())
    });
    let mut builder = http2::Builder::new(streams.clone());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW_OF_ALL)
        .max_send_buf_size(MAX_BUFFER)
        .max_header_list_size(u32::try_from(MAX_BUFFER).unwrap_or(u32::MAX))
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_TIMEOUT);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(io), service));
    let mut stopping = pin!(stop_wanted(&mut stopped));
    loop {
        tokio::select! {
            // What goes wrong on a connection is between the two of them.
            _ = connection.as_mut() => return,
            () = streams.0.is_enough.notified() => return,
            () = place.closing.notified() => {
                if place.doing().0.is_waiting() || place.is_over(stay.limits()) {
                    connection.as_mut().graceful_shutdown();
                    let _ = tokio::time::timeout(GOODBYE, connection).await;
                    return;
                }
                place.stays();
            }
            () = &mut stopping => break,
        }
    }
    // Whoever has not asked yet was taken in before: told to go, they would ask nothing.
    let has_request = poll_fn(|cx| match connection.as_mut().poll(cx) {
        Poll::Ready(_) => Poll::Ready(false),
        Poll::Pending if place.doing().0 == Doing::Head => Poll::Pending,
        Poll::Pending => Poll::Ready(true),
    });
    if let Ok(false) = tokio::time::timeout(HEAD_AT_STOP, has_request).await {
        return;
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ = connection.as_mut() => return,
        () = tokio::time::sleep(HEAD_AT_STOP) => {}
    }
    if place.doing().0.has_request() {
        let _ = connection.await;
    }
}

fn answer<S: Site>(
    mut request: Request<Incoming>,
    peer: SocketAddr,
    (stay, is_answered): (Option<Arc<Stay>>, Arc<AtomicBool>),
    site: S,
) -> impl Future<Output = Result<http::Response<Answering>, Infallible>> + use<S> {
    let is_named = host::name(&mut request);
    host::join_cookies(request.headers_mut());
    let is_broken = Arc::new(AtomicBool::new(false));
    async move {
        let response = match stay {
            None => Answering::of_nobody(too_many()),
            Some(stay) => {
                let place = stay.place.clone();
                let coming = place.clone();
                let broken = is_broken.clone();
                let request =
                    request.map(|body| Body::new(Coming::of_stream(body, coming, broken)));
                let response = if is_named {
                    respond(request, peer, &stay, site).await
                } else {
                    stay.not_served(NotServed::Host);
                    host::refuse(peer)
                };
                Answering::on_stream(response, place)
            }
        };
        // Whose body breaks off is answered so, and nobody waits for it: that is given up.
        is_answered.store(!is_broken.load(Relaxed), Relaxed);
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connections::{House, Limits};
    use crate::web::ReservedPaths;

    fn streams(limits: Limits) -> (Streams, House) {
        let house = House::new(limits, ReservedPaths::among(Vec::new(), "".into()));
        let stay = Arc::new(house.take_in([192, 0, 2, 1].into(), false));
        (Streams::of(stay), house)
    }

    /// One begins and is over.
    fn comes_and_goes(streams: &Streams, is_answered: bool) {
        let (stay, answered) = streams.begin();
        drop(stay);
        answered.store(is_answered, Relaxed);
        drop(streams.pending().take());
    }

    #[test]
    fn a_stream_counts_as_a_connection_of_its_address_for_as_long_as_it_is_there() {
        let (streams, house) = streams(Limits { each: 4, ..Limits::default() });
        let own = streams.0.stay.place.clone();
        assert_eq!(own.doing().0, Doing::Head, "it is to ask for something");
        let mut there = Vec::new();
        for _ in 0..3 {
            assert!(streams.begin().0.is_some());
            there.push(streams.pending().take());
        }
        assert_eq!(own.doing().0, Doing::Busy);
        let none = Limits { stalled: Duration::ZERO, idle: Duration::ZERO, ..Limits::default() };
        assert!(!own.is_over(&none), "its streams are, each for itself");
        assert!(
            there
                .iter()
                .flatten()
                .filter_map(|stream| stream.stay.as_ref())
                .all(|stay| { stay.place.is_over(&none) })
        );
        assert!(streams.begin().0.is_none(), "its address has its share");
        assert!(house.figures().not_served.contains(&("share", 1)), "and that is counted");
        drop(streams.pending().take());
        let elsewhere = [192, 0, 2, 2].into();
        assert!(house.come_in(elsewhere, false, std::time::Instant::now()).is_some());
        there.pop();
        assert!(streams.begin().0.is_some(), "one has gone");
        drop(streams.pending().take());
        drop(there);
        assert_eq!(own.doing().0, Doing::Idle);
        assert!(own.is_over(&none));
        // An answer to a ping is no head's beginning.
        own.moved(true);
        assert_eq!(own.doing().0, Doing::Idle);
    }

    #[test]
    fn who_gives_up_more_than_they_take_is_sent_away() {
        let (streams, _house) = streams(Limits::default());
        for n in 0..MAY_GIVE_UP {
            comes_and_goes(&streams, false);
            assert!(!streams.counts().is_enough(), "{n}");
        }
        for _ in 0..=MAY_GIVE_UP {
            comes_and_goes(&streams, true);
        }
        comes_and_goes(&streams, false);
        assert!(!streams.counts().is_enough(), "it takes as many");
        comes_and_goes(&streams, false);
        assert!(streams.counts().is_enough());
    }
}
