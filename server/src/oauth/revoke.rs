//! `/oauth2/revoke`: a registered client revokes a token that it holds (RFC 7009). Tests:
//! `server/tests/server/oauth/`.

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use desk::Refusal;
use http::StatusCode;

use super::{ClientRefused, TokenForm, request, response};
use crate::web::{AppState, Caller};

/// Revokes a token that a registered client holds (RFC 7009). A token that does not work is revoked
/// enough: 200 too.
#[utoipa::path(
    post, path = "/oauth2/revoke", tag = "clients", security(("client" = [])),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "It does not work any more"),
        ClientRefused,
    )
)]
pub(crate) async fn revoke(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    let token_request = match request::read(&state, caller, request).await {
        Ok(token_request) => token_request,
        Err(refused) => return refused,
    };
    let gate = state.unknown_tokens.gate(caller.address);
    match token_request
        .client
        .revoke_presented_through(&gate, token_request.token.expose(), &token_request.origin)
        .await
    {
        Ok(()) | Err(Refusal::TokenUnknown | Refusal::TokenOver) => StatusCode::OK.into_response(),
        Err(Refusal::TooManyAttempts { seconds }) => response::too_many(seconds),
        Err(_) => response::unavailable(),
    }
}
