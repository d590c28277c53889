//! Answers `/metrics` at an address of its own, and nothing else. Few connections, each for one
//! answer and for some seconds: one more takes the place of the oldest that has not sent its head,
//! and what else Latchkey does feels nothing of it. Tests: here, and
//! `server/tests/server/metrics.rs`.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use desk::LogLimiter;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{AbortHandle, JoinSet};

use super::Source;

/// The only path that is served here.
const PATH: &str = "/metrics";

/// How many connections there may be at a time: some scrapers, and whoever looks by hand.
const CONNECTIONS: usize = 16;

/// How many of them are answered at a time: each looks at the disk.
const AT_ONCE: usize = 4;

/// How long one may take for everything.
const EACH_TIMEOUT: Duration = Duration::from_secs(10);

/// About the largest head.
const MAX_BUFFER: usize = 16 * 1024;

/// How long to wait where no connection can be taken.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// One line a second of what goes wrong.
static FAILURES: LogLimiter = LogLimiter::new(1);

/// Answers until `stopped` is true.
pub(crate) async fn serve(
    listener: TcpListener,
    source: Source,
    mut stopped: watch::Receiver<bool>,
) {
    let mut places = Places::default();
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    // Dropped with this, they end.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = is_over(&mut stopped) => return,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    if !places.make_room() {
                        continue;
                    }
                    let has_head = Arc::new(AtomicBool::new(false));
                    let (source, turns) = (source.clone(), turns.clone());
                    let answering = answer_on(stream, source, turns, has_head.clone());
                    let handle = connections.spawn(async move {
                        // What goes wrong on a connection is between the two of them.
                        let _ = tokio::time::timeout(EACH_TIMEOUT, answering).await;
                    });
                    places.0.push(Place { handle, has_head });
                }
                Err(error) => {
                    if let Some(left_out) = FAILURES.may_speak() {
                        tracing::warn!(%error, left_out, "a connection for metrics is not taken");
                    }
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
            },
        }
    }
}

/// The connections that there are, the oldest first.
#[derive(Default)]
struct Places(Vec<Place>);

struct Place {
    handle: AbortHandle,
    /// Whether its head is there.
    has_head: Arc<AtomicBool>,
}

impl Places {
    /// Whether there is room for one more; where all are taken, the oldest that has not sent its
    /// head is closed: whoever holds many open keeps nobody out who asks.
    fn make_room(&mut self) -> bool {
        self.0.retain(|place| !place.handle.is_finished());
        if self.0.len() < CONNECTIONS {
            return true;
        }
        let Some(at) = self.0.iter().position(|place| !place.has_head.load(Ordering::Relaxed))
        else {
            return false;
        };
        self.0.remove(at).handle.abort();
        true
    }
}

/// Waits until the server stops, or is gone.
async fn is_over(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// One answer, and the connection ends.
async fn answer_on(
    stream: TcpStream,
    source: Source,
    turns: Arc<Semaphore>,
    has_head: Arc<AtomicBool>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        has_head.store(true, Ordering::Relaxed);
        let (source, turns) = (source.clone(), turns.clone());
        async move {
            let refusal = refused(&request);
            let response = match refusal {
                Some(refused) => refused,
                None => answer(request.into_parts().0.headers, source, turns).await,
            };
            Ok::<_, Infallible>(response)
        }
    });
    let mut http = http1::Builder::new();
    let http = http.keep_alive(false).max_buf_size(MAX_BUFFER);
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

/// The answer to whatever is no question for figures.
fn refused(request: &Request<Incoming>) -> Option<Response> {
    if request.uri().path() != PATH {
        return Some(plain(StatusCode::NOT_FOUND, "There is nothing here but /metrics.\n"));
    }
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "This is to be read by GET.\n");
    refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    Some(refused)
}

async fn answer(headers: HeaderMap, source: Source, turns: Arc<Semaphore>) -> Response {
    let written = in_turn(turns, move || source.scrape(&headers)).await;
    let Some(Ok((written, kind))) = written else {
        if let Some(left_out) = FAILURES.may_speak() {
            tracing::error!(left_out, "the figures could not be written");
        }
        return plain(StatusCode::INTERNAL_SERVER_ERROR, "The figures could not be written.\n");
    };
    let mut response = Response::new(Body::from(written));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Does it on a thread that may wait, when it has its turn. A disk that does not answer keeps the
/// thread, and with it the turn, also when nobody waits for the figures any more: else each scrape
/// would take one more.
async fn in_turn<T: Send + 'static>(
    turns: Arc<Semaphore>,
    doing: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let turn = turns.acquire_owned().await.ok()?;
    let done = tokio::task::spawn_blocking(move || {
        let done = doing();
        drop(turn);
        done
    });
    done.await.ok()
}

fn plain(status: StatusCode, words: &'static str) -> Response {
    (status, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], words).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_disk_that_does_not_answer_keeps_its_turn_when_nobody_waits_any_more() {
        let turns = Arc::new(Semaphore::new(1));
        let (start, started) = tokio::sync::oneshot::channel();
        let (disk, answers) = std::sync::mpsc::channel::<()>();
        let asking = tokio::spawn(in_turn(turns.clone(), move || {
            let _ = start.send(());
            let _ = answers.recv();
        }));
        started.await.expect("it has its turn");
        asking.abort();
        assert!(asking.await.expect_err("nobody waits").is_cancelled());
        assert_eq!(turns.available_permits(), 0);
        drop(disk);
        assert_eq!(in_turn(turns, || 7).await, Some(7));
    }

    #[tokio::test]
    async fn the_oldest_that_has_not_asked_gives_way_and_those_that_have_stay() {
        let mut connections = JoinSet::new();
        let mut places = Places::default();
        for n in 0..CONNECTIONS {
            assert!(places.make_room());
            let handle = connections.spawn(std::future::pending::<()>());
            places.0.push(Place { handle, has_head: Arc::new(AtomicBool::new(n != 3 && n != 5)) });
        }
        let (third, fifth) = (places.0[3].handle.id(), places.0[5].handle.id());
        assert!(places.make_room());
        let gone = connections.join_next().await.expect("one").expect_err("it was closed");
        assert_eq!(gone.id(), third);
        let handle = connections.spawn(std::future::pending::<()>());
        places.0.push(Place { handle, has_head: Arc::new(AtomicBool::new(true)) });
        assert!(places.make_room());
        let gone = connections.join_next().await.expect("one").expect_err("it was closed");
        assert_eq!(gone.id(), fifth);
        let handle = connections.spawn(std::future::pending::<()>());
        places.0.push(Place { handle, has_head: Arc::new(AtomicBool::new(true)) });
        assert!(!places.make_room(), "all have sent theirs");
    }
}
