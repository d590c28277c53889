//! `/auth/verify`: who is this request? For nginx `auth_request`, Caddy `forward_auth` and Traefik
//! `ForwardAuth`. Whether the token is good the desk says ([`desk::Desk::verify`]). Tests:
//! `server/tests/server/auth/verify.rs`.

mod credential;
mod response;

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use desk::{Access, LogLimiter, Verdict, VerifyRequest};
use http::header::SEC_WEBSOCKET_KEY;
use http::{HeaderMap, HeaderName, Method};

use crate::figures::Door;
use crate::web::{AppState, Caller, RequestId};

pub use credential::{Credential, read as read_credential};

const X_ORIGINAL_METHOD: HeaderName = HeaderName::from_static("x-original-method");
const X_FORWARDED_METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");

/// What a request is that opens a WebSocket (RFC 6455 §4.1), though it is a GET: whatever comes
/// after it may change things, and is asked about by nobody. Not every proxy passes its `Upgrade`
/// on to the question, but its key comes through.
const OPENING: &str = "WebSocket";

/// Refusals in the log, of all verifying doors together: a flood of them must neither fill the disk
/// nor slow the answers.
static REFUSALS: LogLimiter = LogLimiter::new(20);

/// Answers with 200 and who it is, or 401, 403, 429 or 503. Cookies are not looked at: a session is
/// no token.
///
/// No middleware is around it: applications wait for this answer before each of theirs. What it
/// needs of the middleware it does itself.
pub(crate) async fn verify(
    State(state): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    answer(&state, peer, request.method(), request.headers(), false).await
}

/// The same where the question is made as the original request is: by its method, with its path
/// behind ours. So asks Envoy.
pub(crate) async fn verify_original(
    State(state): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    answer(&state, peer, request.method(), request.headers(), true).await
}

async fn answer(
    state: &AppState,
    peer: SocketAddr,
    method: &Method,
    headers: &HeaderMap,
    is_original: bool,
) -> Response {
    let caller = Caller::of(peer.ip(), headers, &state.proxies, state.always_secure);
    let challenge = response::Challenge::of(headers);
    let Some(credential) = read_credential(headers) else {
        state.figures.verdicts.count_unreadable(Door::Verify);
        tracing::debug!(
            reason = "no readable credential", address = %caller.address, "verify: refused",
        );
        return response::unauthorised(challenge);
    };
    let method = original_method(headers, caller.through_proxy, method, is_original);
    let verify_request = VerifyRequest { method, address: caller.client };
    let verdict = state
        .desk
        .verify_through(
            &state.unknown_tokens.gate(caller.address),
            credential.token(),
            credential.user.as_deref(),
            &verify_request,
        )
        .await;
    state.figures.verdicts.count(Door::Verify, &verdict);
    log(&verdict, Door::Verify, caller, Some(headers));
    // The reason is for the log alone: from outside, every refusal looks the same.
    match verdict {
        Verdict::Good(principal) => response::good(&principal, state.desk.now()),
        Verdict::Refused(_) => response::unauthorised(challenge),
        Verdict::Forbidden(_) => response::forbidden(),
        Verdict::Unavailable => response::unavailable(),
        Verdict::TooMany { seconds } => response::too_many(seconds),
    }
}

/// Why a token was not taken, at most so many lines a second. `headers`: of a request that has no
/// name of its own, for the one that a trusted proxy has given it.
pub(crate) fn log(verdict: &Verdict, door: Door, caller: Caller, headers: Option<&HeaderMap>) {
    let (reason, outcome) = match verdict {
        Verdict::Good(_) | Verdict::Unavailable | Verdict::TooMany { .. } => return,
        Verdict::Refused(reason) => (reason, "refused"),
        Verdict::Forbidden(reason) => (reason, "forbidden"),
    };
    if let Some(left_out) = REFUSALS.may_speak() {
        if left_out > 0 {
            tracing::warn!(left_out, "more refusals than are logged");
        }
        let id = headers.filter(|_| caller.through_proxy).and_then(RequestId::of_proxy);
        let id = id.as_ref().map(tracing::field::display);
        tracing::info!(door = door.word(), reason, address = %caller.address, id, "{outcome}");
    }
}

/// The method of the request that the application received: `X-Original-Method` (nginx) or
/// `X-Forwarded-Method` (Caddy, Traefik) where a trusted proxy says it, else this request's own.
///
/// A method that `read` does not allow counts whoever says it: that can only narrow what a token
/// opens. So an operator who forgot `proxy.trusted` finds their read-only tokens refused, not
/// unbounded. `is_original`: the question's own is the original's, and counts beside whatever is
/// said.
fn original_method<'a>(
    headers: &'a HeaderMap,
    through_proxy: bool,
    own: &'a Method,
    is_original: bool,
) -> &'a str {
    if is_original && !Access::Read.allows(own.as_str()) {
        return own.as_str();
    }
    if headers.contains_key(SEC_WEBSOCKET_KEY) {
        return OPENING;
    }
    let mut original = None;
    for value in
        [X_ORIGINAL_METHOD, X_FORWARDED_METHOD].iter().flat_map(|name| headers.get_all(name))
    {
        let method = value.to_str().unwrap_or_default();
        if !Access::Read.allows(method) {
            return method;
        }
        original = original.or(Some(method));
    }
    match original {
        Some(method) if through_proxy => method,
        // A trusted proxy asks about another request than its own: one that does not say which has
        // been forgotten to be told.
        None if through_proxy && !is_original => "",
        _ => own.as_str(),
    }
}

/// How many inputs each property is tried with: `PROPTEST_CASES`, else few enough for every run.
#[cfg(test)]
pub(crate) fn fuzz_cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(20_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn method(headers: &[(&'static str, &str)], through_proxy: bool, own: &Method) -> String {
        let map: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                (http::HeaderName::from_static(name), value.parse().expect("a value"))
            })
            .collect();
        original_method(&map, through_proxy, own, false).to_owned()
    }

    #[test]
    fn a_trusted_proxy_names_the_original_method() {
        assert_eq!(method(&[("x-original-method", "POST")], true, &Method::GET), "POST");
        assert_eq!(method(&[("x-forwarded-method", "GET")], true, &Method::POST), "GET");
        assert_eq!(
            method(&[], true, &Method::HEAD),
            "",
            "and one that does not opens nothing to a read-only token"
        );
        assert_eq!(method(&[], false, &Method::HEAD), "HEAD");
    }

    #[test]
    fn anybody_else_can_only_narrow() {
        assert_eq!(method(&[("x-original-method", "GET")], false, &Method::POST), "POST");
        assert_eq!(method(&[("x-original-method", "DELETE")], false, &Method::GET), "DELETE");
    }

    #[test]
    fn a_question_that_is_made_as_the_request_is_says_its_method_by_its_own() {
        let original = |headers: &[(&'static str, &str)], own: &Method| {
            let map = headers
                .iter()
                .map(|(name, value)| {
                    (HeaderName::from_static(name), value.parse().expect("a value"))
                })
                .collect();
            [true, false]
                .map(|through_proxy| original_method(&map, through_proxy, own, true).to_owned())
        };
        assert_eq!(original(&[], &Method::GET), ["GET", "GET"]);
        assert_eq!(original(&[], &Method::POST), ["POST", "POST"]);
        assert_eq!(
            original(&[("x-original-method", "GET")], &Method::DELETE),
            ["DELETE", "DELETE"],
            "whatever a client says beside"
        );
        assert_eq!(original(&[("x-original-method", "PUT")], &Method::GET), ["PUT", "PUT"]);
    }

    #[test]
    fn of_contradicting_methods_the_narrower_counts() {
        assert_eq!(
            method(
                &[("x-original-method", "GET"), ("x-forwarded-method", "POST")],
                true,
                &Method::GET
            ),
            "POST"
        );
    }
}
