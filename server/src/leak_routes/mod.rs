//! Doors for whoever has found tokens where strangers can read them: GitHub's secret scanning, and
//! anybody. What is said there is read in `leaks/`. Tests: `server/tests/server/leaks/`.

mod anybody;
mod github;

use axum::middleware::{from_fn, map_response};
use axum::response::{IntoResponse as _, Response};
use desk::{LeakReport, LeakSource, LeakedString, Origin, Refusal};
use http::{HeaderValue, StatusCode, header};

use crate::web::{AppState, Caller, Kind, Routes, problem, problems_for_wrong_methods};

/// When to try again where the store, or GitHub, does not answer.
const AGAIN_AFTER_SECONDS: u32 = 30;

/// For anybody who has found some.
pub(crate) fn for_anybody() -> Routes {
    Routes::of(Kind::Leak).post("/leaks", anybody::report).then(|_, router| {
        router
            .layer(map_response(problems_for_wrong_methods))
            .layer(from_fn(anybody::lead_to_the_form))
    })
}

/// For GitHub, which sends more at once than a form holds: it is read there, and not before.
pub(crate) fn for_github() -> Routes {
    Routes::of(Kind::Leak)
        .post("/leaks/github", github::report)
        .then(|_, router| router.layer(map_response(problems_for_wrong_methods)))
        .only_with("leaks.github")
}

/// Has the desk end what is a token of its own, in a task of its own: whoever reports may hang up,
/// and each string is looked at all the same.
async fn report<T: Send + Sync + 'static>(
    state: &AppState,
    caller: Caller,
    origin: Origin,
    source: LeakSource,
    found: Vec<T>,
    leaked: for<'a> fn(&'a T) -> LeakedString<'a>,
) -> Result<(Vec<T>, LeakReport), Refusal> {
    let state = state.clone();
    let reporting = tokio::spawn(async move {
        let report = {
            let strings: Vec<LeakedString<'_>> = found.iter().map(leaked).collect();
            let gate = state.leaked_strings.gate(caller.address);
            state.desk.report_leaked(&gate, &strings, source, &origin).await?
        };
        let (strings, revoked) = (found.len(), report.revoked());
        tracing::info!(?source, address = %caller.address, strings, revoked, "a leak report");
        Ok::<_, Refusal>((found, report))
    });
    reporting.await.unwrap_or(Err(Refusal::Unavailable))
}

/// Problem details that say when to try again.
fn again_after(status: StatusCode, seconds: u32, detail: &str) -> Response {
    let mut response = problem(status, detail);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// The store, or GitHub, does not answer now.
fn away(detail: &str) -> Response {
    again_after(StatusCode::SERVICE_UNAVAILABLE, AGAIN_AFTER_SECONDS, detail)
}

/// An answer that is JSON.
fn as_json(status: StatusCode, value: &serde_json::Value) -> Response {
    let kind = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, kind)], value.to_string()).into_response()
}
