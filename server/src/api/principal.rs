//! The pass of the token that a request to `/api/v1` presents, one of Latchkey's or a string of
//! Request Tracker's, or the answer that refuses it.
//! Tests: `server/tests/server/api/`.

use axum::response::Response;
use desk::{
    PlainToken, Refusal, Secret, Verdict, VerifiedToken, VerifyRequest, is_rt_token_string,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::figures::Door;
use crate::verify::read_credential;
use crate::web::{AppState, Caller, problem};

/// RFC 6750 §3.
const CHALLENGE: HeaderValue = HeaderValue::from_static("Bearer realm=\"Latchkey\"");

/// The pass of the token presented, or the answer that refuses it. As for reading, whatever is
/// asked: a token may know of itself, and end itself, which gains it nothing.
pub(super) async fn of(
    state: &AppState,
    caller: Caller,
    headers: &HeaderMap,
) -> Result<(VerifiedToken, Secret), Response> {
    let presented = read_credential(headers).and_then(|credential| {
        let text = credential.token();
        let is_token = PlainToken::parse(text).is_some() || is_rt_token_string(text);
        let token = Secret::new(text.to_owned());
        is_token.then_some((token, credential.user))
    });
    let Some((token, user)) = presented else {
        state.figures.verdicts.count_unreadable(Door::Api);
        return Err(unauthorised());
    };
    let request = VerifyRequest { method: "GET", address: caller.client };
    let verdict = state
        .desk
        .verify_through(
            &state.unknown_tokens.gate(caller.address),
            token.expose(),
            user.as_deref(),
            &request,
        )
        .await;
    state.figures.verdicts.count(Door::Api, &verdict);
    crate::verify::log(&verdict, Door::Api, caller, None);
    match verdict {
        Verdict::Good(principal) => Ok((principal, token)),
        Verdict::Refused(_) => Err(unauthorised()),
        Verdict::Forbidden(_) => Err(problem(
            StatusCode::FORBIDDEN,
            "This token may not be used for this request or from this network.",
        )),
        Verdict::Unavailable => Err(unavailable()),
        Verdict::TooMany { seconds } => Err(too_many(seconds)),
    }
}

/// 401, whatever the reason.
fn unauthorised() -> Response {
    let mut response = problem(
        StatusCode::UNAUTHORIZED,
        "Present a working auth token: “Authorization: Bearer TOKEN”.",
    );
    response.headers_mut().insert(header::WWW_AUTHENTICATE, CHALLENGE);
    response
}

/// 429.
fn too_many(seconds: u32) -> Response {
    let mut response = refused(&Refusal::TooManyAttempts { seconds });
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// 503.
pub(super) fn unavailable() -> Response {
    let mut response = refused(&Refusal::Unavailable);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// A refusal of the desk.
pub(super) fn refused(refusal: &Refusal) -> Response {
    problem(
        StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        &refusal.to_string(),
    )
}
