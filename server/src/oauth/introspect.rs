//! `/oauth2/introspect`: what a token is, for a registered client (RFC 7662). Tests: `server/tests/server/oauth/`.

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;
use desk::Verdict;

use super::{ClientRefused, Introspection, TokenForm, answer, asked};
use crate::http::{Caller, Shared};

/// What a token is, for a registered client (RFC 7662).
#[utoipa::path(
    post, path = "/oauth2/introspect", tag = "clients", security(("client" = [])),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "What the client may know", body = Introspection),
        ClientRefused,
    )
)]
pub(crate) async fn introspect(State(shared): State<Shared>, Extension(caller): Extension<Caller>, request: Request) -> Response {
    let asked = match asked::read(&shared, caller, request).await {
        Ok(asked) => asked,
        Err(refused) => return refused,
    };
    let verdict = asked.client.introspect_through(&shared.unknown_tokens.gate(caller.address), asked.token.expose(), asked.address).await;
    crate::verify::log(&verdict, "introspect", caller);
    match verdict {
        Verdict::Good(pass) => answer::active(&pass),
        Verdict::Refused(_) | Verdict::Forbidden(_) => answer::inactive(),
        Verdict::Unavailable => answer::unavailable(),
        Verdict::TooMany { seconds } => answer::too_many(seconds),
    }
}
