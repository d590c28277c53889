//! Refuses what another site makes a browser send (cross-site request forgery; OWASP's Fetch
//! Metadata). Around everything that browsers ask for, and not around the doors for programs, which
//! look at no cookie (`super::router`). Tests: `server/tests/server/people/cross_site.rs`.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use desk::{LogLimiter, Refusal};
use http::Method;
use http::header::ORIGIN;
use url::Url;

use super::shown_path::shown_path;
use super::{AppState, error_response, same_origin};

/// What strangers send cannot drown the log; each of them has a line of its own there anyway.
static REFUSED: LogLimiter = LogLimiter::new(5);

/// Lets a request pass that changes nothing, or that a page of ours sent.
pub(crate) async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !changes || is_from_our_page(&request, &state) {
        next.run(request).await
    } else {
        let why = if is_by_http(&request) { Refusal::PlainHttp } else { Refusal::CrossSite };
        if let Some(left_out) = REFUSED.may_speak() {
            let (path, reason) = (shown_path(request.uri().path()), why.code());
            tracing::warn!(path = &*path, reason, left_out, "cross-site request refused");
        }
        error_response::refuse(&request, &why)
    }
}

/// Whether it was our own page that sent it, by plain http: browsers say no more than its origin
/// then. It is refused as it was, in words that help.
fn is_by_http(request: &Request) -> bool {
    let headers = request.headers();
    let mut origins = headers.get_all(ORIGIN).iter();
    let origin = origins
        .next()
        .filter(|_| origins.next().is_none() && !headers.contains_key("sec-fetch-site"));
    let origin = origin.and_then(|origin| Url::parse(origin.to_str().ok()?).ok());
    origin.is_some_and(|origin| same_origin::is_ours_by_http(&origin, request))
}

/// Browsers say so in `Sec-Fetch-Site`, older ones in `Origin`; who says neither is no browser of
/// the last years.
fn is_from_our_page(request: &Request, state: &AppState) -> bool {
    // No browser sends two: whatever put the other one there may not choose which counts.
    let header = |name: &str| {
        let mut values = request.headers().get_all(name).iter();
        let first = values.next()?;
        Some(if values.next().is_none() { first.to_str().unwrap_or_default() } else { "" })
    };
    match (header("sec-fetch-site"), header(ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            Url::parse(origin).is_ok_and(|origin| same_origin::is_ours(&origin, request, state))
        }
        (None, None) => false,
    }
}
