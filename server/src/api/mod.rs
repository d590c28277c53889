//! `/api/v1`: what a token may ask about itself. Machine answers: JSON, and problem details (RFC 9457) where refused.
//!
//! A token never manages the desk (DESIGN.md 2): it cannot make, list or edit tokens. It may revoke itself.

mod pass;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use desk::{PlainToken, Refusal};
use http::{HeaderMap, StatusCode};

use crate::http::{Caller, Shared};

/// `GET /api/v1/me`: whose token it is, and the token.
pub(crate) async fn me(State(shared): State<Shared>, Extension(caller): Extension<Caller>, request: Request) -> Response {
    match pass::of(&shared, caller, request.headers(), request.method().as_str()).await {
        Ok((pass, _)) => Json(pass::me(&pass)).into_response(),
        Err(refused) => refused,
    }
}

/// `GET /api/v1/token`: the token that asks.
pub(crate) async fn token(State(shared): State<Shared>, Extension(caller): Extension<Caller>, request: Request) -> Response {
    match pass::of(&shared, caller, request.headers(), request.method().as_str()).await {
        Ok((pass, _)) => Json(pass::token(&pass)).into_response(),
        Err(refused) => refused,
    }
}

/// `DELETE /api/v1/token`: the token revokes itself. A read-only one may: it gives up access, and gains none.
pub(crate) async fn revoke(State(shared): State<Shared>, Extension(caller): Extension<Caller>, headers: HeaderMap) -> Response {
    let token: PlainToken = match pass::of(&shared, caller, &headers, "GET").await {
        Ok((_, token)) => token,
        Err(refused) => return refused,
    };
    match shared.desk.revoke_itself(&token, &caller.origin(&headers)).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(Refusal::Unavailable) => pass::unavailable(),
        Err(refusal) => pass::refused(&refusal),
    }
}
