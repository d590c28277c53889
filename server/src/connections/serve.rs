//! One connection: hyper with this house's limits, and when it is told to end; by HTTP/1.1 here, by
//! HTTP/2 in [`super::streams`]. Tests: `serve_tests.rs`, `server/tests/server/connections.rs`.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::{HeaderValue, Request, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tower_service::Service;

use super::body::{Answering, Coming};
use super::host;
use super::house::Stay;
use super::place::Doing;
use super::refused::NotServed;
use super::secure::{self, Secure};
use super::socket::Socket;
use super::stream::Noting;
use super::streams;

/// About the largest head (at twice as much it ends for sure), and what a connection keeps of what
/// is not written yet. A head has some cookies and what a proxy adds; proxies take 32 KiB.
pub(super) const MAX_BUFFER: usize = 48 * 1024;

/// How long, when the server stops, a head that is to come may take to come whole: one that has
/// begun, or the first of a connection that was taken in. A handshake has as long before it.
pub(super) const HEAD_AT_STOP: Duration = Duration::from_secs(1);

/// How long a connection on which nothing is asked stays when the server stops. Its client does not
/// know yet, and may have asked for something that is still on its way: closed at once, such a
/// request is lost, and what is no GET is not repeated by itself. Who asks often asks within that
/// time, and is told to go with the answer.
const IDLE_AT_STOP: Duration = Duration::from_millis(300);

/// The longest that a request waits for room in the general share.
const FOR_ROOM: Duration = Duration::from_secs(2);

/// Whether a request is answered already since the connection was last looked at. Hyper answers
/// what came at once in one go; nobody else on that thread would have a turn in between.
#[derive(Debug, Default)]
struct Turn(AtomicBool);

impl Turn {
    /// Goes on with the connection; each time is a turn.
    async fn of<F: Future>(&self, mut connection: Pin<&mut F>) -> F::Output {
        poll_fn(|cx| {
            self.0.store(false, Relaxed);
            connection.as_mut().poll(cx)
        })
        .await
    }

    /// Waits for the next turn, where a request was answered in this one. Who sends one after the
    /// other waits for nothing.
    async fn take(&self) {
        while self.0.swap(true, Relaxed) {
            tokio::task::yield_now().await;
        }
    }
}

/// What answers.
pub(super) trait Site:
    Service<Request<Body>, Response = Response, Error = Infallible, Future: Send>
    + Clone
    + Send
    + 'static
{
}

impl<S> Site for S where
    S: Service<Request<Body>, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// Serves one connection until either side has enough; `site` answers.
pub(super) async fn serve<S: Site>(
    stream: impl Into<Socket>,
    peer: SocketAddr,
    stay: Stay,
    site: S,
    stopped: watch::Receiver<bool>,
) {
    let stay = Arc::new(stay);
    let io = Noting::new(stream, stay.place.clone(), stay.large_heads());
    by_http1(io, peer, stay, site, stopped).await;
}

/// The same by https, and by HTTP/2 where the client chooses it.
pub(super) async fn serve_secure<S: Site>(
    stream: impl Into<Socket>,
    tls: &TlsAcceptor,
    peer: SocketAddr,
    stay: Stay,
    site: S,
    mut stopped: watch::Receiver<bool>,
) {
    let stay = Arc::new(stay);
    let io = Noting::new(stream, stay.place.clone(), stay.large_heads());
    match secure::shake_hands(io, tls, &stay.place, &mut stopped).await {
        Some(Secure::Http1(io)) => by_http1(io, peer, stay, site, stopped).await,
        Some(Secure::Http2(io)) => streams::serve(io, peer, stay, site, stopped).await,
        None => {}
    }
}

async fn by_http1<I, S: Site>(
    io: I,
    peer: SocketAddr,
    stay: Arc<Stay>,
    site: S,
    mut stopped: watch::Receiver<bool>,
) where
    I: AsyncRead + AsyncWrite + Unpin,
{
    let place = stay.place.clone();
    let io = TokioIo::new(io);
    let (its_stay, turn) = (stay.clone(), Arc::new(Turn::default()));
    let (turns, its_stop) = (turn.clone(), stopped.clone());
    let service = hyper::service::service_fn(move |request| {
        answer(request, peer, &its_stay, site.clone(), (turns.clone(), its_stop.clone()))
    });
    let mut connection =
        pin!(http1::Builder::new().max_buf_size(MAX_BUFFER).serve_connection(io, service));
    let mut stopping = pin!(stop_wanted(&mut stopped));
    loop {
        tokio::select! {
            // What goes wrong on a connection is between the two of them: the client is gone, or
            // speaks no HTTP.
            _ = turn.of(connection.as_mut()) => return,
            () = place.closing.notified() => {
                // A request that has come meanwhile is answered.
                if place.doing().0.is_waiting() || place.is_over(stay.limits()) {
                    return;
                }
                place.stays();
            }
            () = &mut stopping => break,
        }
    }
    if place.doing().0 == Doing::Idle {
        tokio::select! {
            _ = turn.of(connection.as_mut()) => return,
            () = tokio::time::sleep(IDLE_AT_STOP) => {}
        }
    }
    // Where a head is to come, nothing tells its client to ask elsewhere: that is answered, and the
    // connection ends with it.
    if place.doing().0 != Doing::Head {
        connection.as_mut().graceful_shutdown();
    }
    tokio::select! {
        _ = turn.of(connection.as_mut()) => return,
        () = tokio::time::sleep(HEAD_AT_STOP) => {}
    }
    // What is answered, also where the rest of it only waits for being taken. A head that has not
    // come by now does not come any more.
    if place.doing().0 != Doing::Head {
        let _ = turn.of(connection).await;
    }
}

/// Waits until the server is to stop.
pub(super) async fn stop_wanted(stopped: &mut watch::Receiver<bool>) {
    // The sender gone means that nobody can ask any more: go on, the process decides.
    if stopped.wait_for(|stopped| *stopped).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn answer<S: Site>(
    request: Request<Incoming>,
    peer: SocketAddr,
    stay: &Arc<Stay>,
    site: S,
    (turn, stopped): (Arc<Turn>, watch::Receiver<bool>),
) -> impl Future<Output = Result<http::Response<Answering>, Infallible>> + use<S> {
    let (stay, place) = (stay.clone(), stay.place.clone());
    place.set(Doing::Busy);
    let is_named = host::is_named(&request);
    let coming = place.clone();
    let request = request.map(|body| Body::new(Coming::new(body, coming)));
    async move {
        turn.take().await;
        let mut response = if is_named {
            respond(request, peer, &stay, site).await
        } else {
            stay.not_served(NotServed::Host);
            host::refuse(peer)
        };
        if *stopped.borrow() {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(Answering::with(response, place))
    }
}

/// What is answered to a request that names its host.
pub(super) async fn respond<S: Site>(
    mut request: Request<Body>,
    peer: SocketAddr,
    stay: &Stay,
    mut site: S,
) -> Response {
    if !stay.is_reserved(request.uri().path()) && !stay.has_general_room(FOR_ROOM).await {
        stay.not_served(NotServed::Crowded);
        return too_many();
    }
    request.extensions_mut().insert(ConnectInfo(peer));
    site.call(request).await.unwrap_or_else(|never| match never {})
}

/// 503, and the connection ends: it is wanted for verify.
pub(super) fn too_many() -> Response {
    let mut response =
        Response::new(Body::from("There are too many connections. Try again in a moment.\n"));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
