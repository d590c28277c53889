//! One name for each request: in every line of log that it causes, in its answer's `X-Request-Id`,
//! and on a page that says that something is broken, so that whoever asks for help can name it.
//!
//! A trusted proxy that has a name for it already gives that on, and so its log and ours can be
//! read side by side. From anybody else, and in any other form than a short word of letters,
//! digits, hyphens and dots, it is not taken: it would be somebody's text in our log.
//!
//! `/auth/verify` gives none: no line is written of what is good, nobody sees its answer, and each
//! new name would be random bytes, memory and a header for every request of every application. What
//! the proxy calls the request stands in the line of a token that was refused. Tests: here, and
//! `server/tests/server/request_ids.rs`.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue};
use tracing::Instrument as _;

use super::AppState;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The most characters of one: a UUID has 36, nginx's own 32.
const LONGEST: usize = 64;

/// The least: what is shorter tells nothing apart.
const SHORTEST: usize = 8;

/// How many characters one of ours has: 64 random bits.
const OWN: usize = 16;

tokio::task_local! {
    static CURRENT: RequestId;
}

/// A request's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(Arc<str>);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl RequestId {
    /// As a trusted proxy has named it; none: it has not, or in no form that is taken.
    pub(crate) fn of_proxy(headers: &HeaderMap) -> Option<Self> {
        let mut lines = headers.get_all(X_REQUEST_ID).iter();
        let (Some(line), None) = (lines.next(), lines.next()) else { return None };
        let name = line.to_str().ok()?;
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
        ((SHORTEST..=LONGEST).contains(&name.len()) && name.bytes().all(is_plain))
            .then(|| Self(name.into()))
    }

    /// A random one of [`OWN`] characters.
    fn new() -> Self {
        let mut name = desk::random_form_key();
        name.truncate(OWN);
        Self(name.into())
    }

    fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

/// The name of the request that is being answered; empty where there is none.
pub(crate) fn current() -> String {
    CURRENT.try_with(ToString::to_string).unwrap_or_default()
}

/// Names the request, for all that answers it.
pub(crate) async fn name(
    State(state): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let id = state
        .proxies
        .trusts_peer(peer.ip().to_canonical())
        .then(|| RequestId::of_proxy(request.headers()))
        .flatten()
        .unwrap_or_else(RequestId::new);
    let (header, span) = (id.header(), tracing::error_span!("request", %id));
    let mut response = CURRENT.scope(id, next.run(request).instrument(span)).await;
    if let Some(header) = header {
        response.headers_mut().insert(X_REQUEST_ID, header);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers
                .append(X_REQUEST_ID, HeaderValue::from_bytes(line.as_bytes()).expect("a value"));
        }
        RequestId::of_proxy(&headers).map(|id| id.to_string())
    }

    #[test]
    fn a_short_plain_word_is_taken_and_nothing_else() {
        let long = "x".repeat(LONGEST);
        for name in
            ["0123456789abcdef0123456789abcdef", "018f6b7e-0000-7000-8000-000000000000", &long]
        {
            assert_eq!(of(&[name]).as_deref(), Some(name));
        }
        let longer = "x".repeat(LONGEST + 1);
        for name in [
            "",
            "short",
            "with a blank",
            "with\ttab-in-it",
            "latchkey_0123456789",
            "id=forged status=200",
            "<script>alert</script>",
            "übermäßig-lang",
            &longer,
        ] {
            assert_eq!(of(&[name]), None, "{name}");
        }
        assert_eq!(of(&["0123456789abcdef", "fedcba9876543210"]), None, "two are none");
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn ours_are_new_each_time_and_of_the_form_that_is_taken() {
        let (one, other) = (RequestId::new().to_string(), RequestId::new().to_string());
        assert_ne!(one, other);
        assert_eq!((of(&[&one]).as_deref(), one.len()), (Some(one.as_str()), OWN));
        assert_eq!(current(), "", "of no request");
    }
}
