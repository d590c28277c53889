//! `/oauth2/introspect`: what a token is, for a registered client (RFC 7662). Tests:
//! `server/tests/server/oauth/`.

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;
use desk::Verdict;

use super::{ClientRefused, Introspection, TokenForm, request, response};
use crate::figures::Door;
use crate::web::{AppState, Caller};

/// What a token is, for a registered client (RFC 7662).
#[utoipa::path(
    post, path = "/oauth2/introspect", tag = "clients", security(("client" = [])),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "What the client may know", body = Introspection),
        ClientRefused,
    )
)]
pub(crate) async fn introspect(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    let token_request = match request::read(&state, caller, request).await {
        Ok(token_request) => token_request,
        Err(refused) => return refused,
    };
    let verdict = token_request
        .client
        .introspect_through(
            &state.unknown_tokens.gate(caller.address),
            token_request.token.expose(),
            token_request.address,
        )
        .await;
    state.figures.verdicts.count(Door::Introspect, &verdict);
    crate::verify::log(&verdict, Door::Introspect, caller, None);
    match verdict {
        Verdict::Good(principal) => response::active(&principal),
        Verdict::Refused(_) | Verdict::Forbidden(_) => response::inactive(),
        Verdict::Unavailable => response::unavailable(),
        Verdict::TooMany { seconds } => response::too_many(seconds),
    }
}
