//! One connection: hyper with this house's limits, and when it is told to end. Tests:
//! `server/tests/server/connections.rs`.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::{HeaderValue, Request, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tower_service::Service as _;

use super::body::{Answering, Coming};
use super::host;
use super::house::Stay;
use super::place::Doing;
use super::stream::Noting;

/// About the largest head (at twice as much it ends for sure), and what a connection keeps of what
/// is not written yet. A head has some cookies and what a proxy adds.
const MAX_BUFFER: usize = 64 * 1024;

/// How long, when the server stops, a head that has begun may take to come whole.
const HEAD_AT_STOP: Duration = Duration::from_millis(500);

/// The longest that a request waits for room in the general share.
const FOR_ROOM: Duration = Duration::from_secs(2);

/// Serves one connection until either side has enough.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    stay: Stay,
    router: Router,
    mut stopped: watch::Receiver<bool>,
) {
    let stay = Arc::new(stay);
    let place = stay.place.clone();
    let io = TokioIo::new(Noting { stream, place: place.clone() });
    let asked = stay.clone();
    let service =
        hyper::service::service_fn(move |request| answer(request, peer, &asked, router.clone()));
    let mut connection =
        pin!(http1::Builder::new().max_buf_size(MAX_BUFFER).serve_connection(io, service));
    let mut stopping = pin!(stop_wanted(&mut stopped));
    loop {
        tokio::select! {
            // What goes wrong on a connection is between the two of them: the client is gone, or
            // speaks no HTTP.
            _ = connection.as_mut() => return,
            () = place.closing.notified() => {
                // A request that has come meanwhile is answered.
                if place.doing().0.is_waiting() || place.is_over(stay.limits()) {
                    return;
                }
            }
            () = &mut stopping => break,
        }
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ = connection.as_mut() => return,
        () = tokio::time::sleep(HEAD_AT_STOP) => {}
    }
    if place.doing().0.is_asked() {
        let _ = connection.await;
    }
}

/// Waits until the server is to stop.
pub(super) async fn stop_wanted(stopped: &mut watch::Receiver<bool>) {
    // The sender gone means that nobody can ask any more: go on, the process decides.
    if stopped.wait_for(|stopped| *stopped).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn answer(
    request: Request<Incoming>,
    peer: SocketAddr,
    stay: &Arc<Stay>,
    mut router: Router,
) -> impl Future<Output = Result<http::Response<Answering>, Infallible>> + use<> {
    let (stay, place) = (stay.clone(), stay.place.clone());
    place.set(Doing::Busy);
    let is_named = host::is_named(&request);
    let coming = place.clone();
    let mut request = request.map(|body| Body::new(Coming::new(body, coming)));
    request.extensions_mut().insert(ConnectInfo(peer));
    async move {
        let response = if !is_named {
            host::refuse(peer)
        } else if !stay.is_reserved(request.uri().path()) && !stay.has_general_room(FOR_ROOM).await
        {
            too_many()
        } else {
            router.call(request).await.unwrap_or_else(|never| match never {})
        };
        Ok(response.map(|body| Answering::new(body, place)))
    }
}

/// 503, and the connection ends: it is wanted for verify.
fn too_many() -> Response {
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
