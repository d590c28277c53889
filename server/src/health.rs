//! For whatever watches over the process.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::http::Shared;

/// `/healthz`: the process answers.
pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

/// `/readyz`: the store answers too, so that requests may be sent here.
pub(crate) async fn ready(State(shared): State<Shared>) -> Response {
    let stopping = *shared.stopping.borrow();
    if !stopping && shared.desk.ready().await {
        "ready\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
    }
}
