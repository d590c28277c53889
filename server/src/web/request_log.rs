//! One line of log a request: method, path, status and time. Never the query, a cookie or a
//! credential, wherever in the path one stands. The same is counted, by the route and not by the
//! path ([`crate::figures`]).

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::AppState;
use super::routes::Kind;
use super::shown_path::{shown_method, shown_path};

/// Logs what was asked and how it went: failures of ours as errors, what comes many times a second
/// for debugging only.
pub(crate) async fn log(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = shown_method(request.method()).into_owned();
    let path = shown_path(request.uri().path()).into_owned();
    let (kind, own_method) = (Kind::of(&request), request.method().clone());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let is_frequent = is_frequent(kind);
    let response = next.run(request).await;
    let route = route.as_ref().map(MatchedPath::as_str);
    let (took, requests) = (start.elapsed(), &state.figures.requests);
    requests.count(route, &own_method, response.status(), kind as usize, took);
    let (status, ms) = (response.status().as_u16(), start.elapsed().as_millis());
    let ms = u64::try_from(ms).unwrap_or(u64::MAX);
    if status >= 500 {
        tracing::error!(%method, path, status, ms, "request");
    } else if is_frequent {
        tracing::debug!(%method, path, status, ms, "request");
    } else {
        tracing::info!(%method, path, status, ms, "request");
    }
    response
}

/// What comes many times a second, or a dozen times with each page.
fn is_frequent(kind: Kind) -> bool {
    match kind {
        Kind::Health | Kind::Site | Kind::Verify => true,
        Kind::Page
        | Kind::ServerFunction
        | Kind::File
        | Kind::Live
        | Kind::SignOn
        | Kind::MachineApi
        | Kind::Client
        | Kind::Calendar
        | Kind::Scim
        | Kind::Leak
        | Kind::Nothing => false,
    }
}
