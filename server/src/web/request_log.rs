//! One line of log a request: method, path, status and time. Never the query, a cookie or a
//! credential, wherever in the path one stands.

use std::time::Instant;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

use super::shown_path::{shown_method, shown_path};

/// Logs what was asked and how it went: failures of ours as errors, what comes many times a second
/// for debugging only.
pub(super) async fn log(request: Request, next: Next) -> Response {
    let (method, path) = (
        shown_method(request.method()).into_owned(),
        shown_path(request.uri().path()).into_owned(),
    );
    let start = Instant::now();
    let response = next.run(request).await;
    let (status, ms) = (response.status().as_u16(), start.elapsed().as_millis());
    let ms = u64::try_from(ms).unwrap_or(u64::MAX);
    if status >= 500 {
        tracing::error!(%method, path, status, ms, "request");
    } else if path == "/healthz" || path == "/readyz" || path.starts_with("/pkg/") {
        tracing::debug!(%method, path, status, ms, "request");
    } else {
        tracing::info!(%method, path, status, ms, "request");
    }
    response
}
