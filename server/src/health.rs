//! For whatever watches over the process.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::web::AppState;

/// `/healthz`: the process answers.
pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

/// `/readyz`: the store answers too, so that requests may be sent here.
pub(crate) async fn ready(State(state): State<AppState>) -> Response {
    let stopping = *state.stopping.borrow();
    if !stopping && state.desk.ready().await {
        // Still to be asked: revoking must go on. Whoever watches reads why to hurry.
        let full = "ready, but the disk of the store is nearly full: log-ins and new tokens are \
            refused; make room\n";
        if state.desk.is_nearly_full() { full } else { "ready\n" }.into_response()
    } else if !stopping && state.desk.is_nearly_full() {
        let full =
            "not ready: the disk of the store is full, and nothing can be changed; make room\n";
        (StatusCode::SERVICE_UNAVAILABLE, full).into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
    }
}
