//! `/api/v1`: what a token may ask about itself. Machine answers: JSON, and problem details (RFC
//! 9457) where refused.
//!
//! A token never manages the desk: it cannot make, list or edit tokens. It may revoke itself.
//! Tests: `server/tests/server/api/`.

mod description;
mod principal;
mod shapes;

use axum::extract::State;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use desk::{Principal, Refusal};
use http::{HeaderMap, StatusCode};

use crate::web::{AppState, Caller, Kind, Routes, problems_for_wrong_methods};
use serde::Serialize;
use shapes::{Me, Problem, Token, TokenRefused};

/// Everything below `/api/v1`.
pub(crate) fn routes() -> Routes {
    Routes::of(Kind::MachineApi)
        .get("/api/v1/me", me)
        .get("/api/v1/token", token)
        .delete("/api/v1/token", revoke)
        .get("/api/v1/openapi.json", description::answer)
        .then(|_, router| router.layer(map_response(problems_for_wrong_methods)))
}

/// Whose token it is, and the token.
#[utoipa::path(
    get, path = "/api/v1/me", tag = "token", security(("token" = [])),
    responses(
        (status = 200, description = "The owner and the token", body = Me),
        TokenRefused,
    )
)]
pub(crate) async fn me(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    tell::<Me>(&state, caller, &headers).await
}

/// The token that asks: everything but the secret.
#[utoipa::path(
    get, path = "/api/v1/token", tag = "token", security(("token" = [])),
    responses(
        (status = 200, description = "The token", body = Token),
        TokenRefused,
    )
)]
pub(crate) async fn token(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    tell::<Token>(&state, caller, &headers).await
}

/// What the token that asks may know of itself.
async fn tell<T: Serialize + for<'a> From<&'a Principal>>(
    state: &AppState,
    caller: Caller,
    headers: &HeaderMap,
) -> Response {
    match principal::of(state, caller, headers).await {
        Ok((principal, _)) => Json(T::from(&principal)).into_response(),
        Err(refused) => refused,
    }
}

/// The token revokes itself. A read-only one may: it gives up access, and gains none.
#[utoipa::path(
    delete, path = "/api/v1/token", tag = "token", security(("token" = [])),
    responses(
        (status = 204, description = "It does not work any more"),
        (
            status = 404, description = "It was revoked meanwhile", body = Problem,
            content_type = "application/problem+json",
        ),
        (
            status = 409, description = "It was revoked meanwhile", body = Problem,
            content_type = "application/problem+json",
        ),
        TokenRefused,
    )
)]
pub(crate) async fn revoke(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    let token = match principal::of(&state, caller, &headers).await {
        Ok((_, token)) => token,
        Err(refused) => return refused,
    };
    match state.desk.revoke_itself_presented(token.expose(), &caller.origin(&headers)).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(Refusal::Unavailable) => principal::unavailable(),
        Err(refusal) => principal::refused(&refusal),
    }
}
