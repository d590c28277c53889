//! Headers that every answer carries (OWASP Secure Headers). Tests:
//! `server/tests/server/people/pages.rs`, `end2end/tests/headers.spec.ts`.

use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue, header};

use super::{AppState, Caller};

/// For answers that set none of their own: nothing may be run or framed, nothing loaded but our
/// style and its icons. Pages set theirs, with a nonce.
const NOTHING: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; img-src \
        'self' data:; style-src 'self'",
);

/// What every answer has, whatever it sets itself.
const ALWAYS: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    // Forms without script come back to the page in the Referer, so not `no-referrer`.
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// One year, this host alone: what else is under the domain is not ours to decide. Nor is the host
/// where it is shared: there a browser would keep from plain http whatever else is at it, at every
/// port and for a year, so whoever runs it decides.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds them. What an answer sets itself stays, except that nothing weakens [`ALWAYS`].
pub(crate) async fn add(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    if caller.secure && !state.shares_host() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(NOTHING);
    // The site's files say for themselves how long they keep; everything else is somebody's.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
