//! The provider ends sessions here that it has begun (OpenID Connect Back-Channel Logout 1.0).

use axum::Extension;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::Response;
use desk::LogLimiter;
use http::StatusCode;
use serde_json::Value;
use url::form_urlencoded;

use super::logged_out;
use crate::oidc::{OidcError, Provider, is_meant, now_ms, shown};
use crate::web::{AppState, Caller, problem};

/// More than any token.
const MAX_FORM_BYTES: usize = 16 * 1024;

/// How old a log-out token may be, and how far ahead of our clock, in seconds.
const FRESH: i64 = 600;

/// The event that makes a token one of log-out (§2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Anybody may send some.
static WRONG: LogLimiter = LogLimiter::new(5);

/// Whose sessions end.
#[derive(Debug)]
struct LogOut {
    jti: String,
    sub: Option<String>,
    sid: Option<String>,
}

pub(super) async fn log_out(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    let Some(provider) = &state.sign_on else {
        return problem(StatusCode::NOT_FOUND, "There is nothing at this address.");
    };
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_FORM_BYTES).await else { return logged_out(false) };
    let token = form_urlencoded::parse(&body)
        .find(|(name, _)| name == "logout_token")
        .map(|(_, token)| token.into_owned());
    let Some(token) = token else { return logged_out(false) };
    let log_out = match read(provider, &token).await {
        Ok(log_out) => log_out,
        Err(error) => {
            if let Some(left_out) = WRONG.may_speak() {
                tracing::warn!(%error, address = %caller.address, left_out, "a log-out token");
            }
            return logged_out(false);
        }
    };
    let origin = caller.origin(&parts.headers);
    match state
        .desk
        .source(desk::source::OpenId)
        .end_issuers_sessions(log_out.sub.as_deref(), log_out.sid.as_deref(), &origin)
        .await
    {
        Ok(ended) => {
            // Only now: where it could not be done, the provider tries again.
            provider.has_used(log_out.jti);
            tracing::info!(ended, "sessions ended by the OpenID provider");
            logged_out(true)
        }
        Err(refusal) => problem(StatusCode::SERVICE_UNAVAILABLE, &refusal.to_string()),
    }
}

/// The token's claims, once it is certain that the provider says so, to us, now and for the first
/// time (§2.6).
async fn read(provider: &Provider, token: &str) -> Result<LogOut, OidcError> {
    let wrong = |what: &str| OidcError::Refused(what.to_owned());
    let claims = provider.signed(token).await?;
    is_meant(&claims, &provider.settings().issuer, &provider.settings().client_id, false)?;
    let issued_at = claims.seconds("iat").ok_or_else(|| wrong("its claim iat is missing"))?;
    if (now_ms() / 1000).saturating_sub(issued_at).saturating_abs() > FRESH {
        return Err(wrong("it is too old"));
    }
    if !claims
        .get("events")
        .and_then(Value::as_object)
        .is_some_and(|events| events.contains_key(EVENT))
    {
        return Err(wrong("it is no log-out token: its claim events does not say so"));
    }
    // It must not be there (§2.4), and so not as null either: by it an ID token is told from a
    // log-out token, and what the standard wants absent is not to be judged by its value.
    if let Some(nonce) = claims.0.get("nonce") {
        return Err(wrong(&format!(
            "its claim nonce is {}: a log-out token must have none, so let the provider leave it \
                out",
            shown(nonce)
        )));
    }
    let sub = match claims.subject() {
        Ok(sub) => Some(sub),
        Err(_) if claims.get("sub").is_none() => None,
        Err(found) => return Err(wrong(&format!("its claim sub is {found}: it must be one text"))),
    };
    let sid = claims.exact("sid");
    if sub.is_none() && sid.is_none() {
        return Err(wrong("it names nobody: its claims sub and sid are missing"));
    }
    let jti = claims.exact("jti").ok_or_else(|| wrong("its claim jti is missing"))?;
    if provider.was_used(&jti) {
        return Err(wrong("it was used before"));
    }
    Ok(LogOut { jti, sub, sid })
}
