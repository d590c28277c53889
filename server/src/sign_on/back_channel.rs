//! The provider ends sessions here that it has begun (OpenID Connect Back-Channel Logout 1.0).

use axum::Extension;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded;

use super::logged_out;
use super::provider::{Provider, SignOnError, now_ms};
use super::published::Known;
use crate::http::{Caller, Shared, problem};

/// More than any token.
const MOST: usize = 16 * 1024;

/// How old a log-out token may be, and how far ahead of our clock, in seconds.
const FRESH: i64 = 600;

/// The event that makes a token one of log-out (§2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

#[derive(Debug, Deserialize)]
struct LogOut {
    iat: i64,
    jti: String,
    events: serde_json::Map<String, Value>,
    sub: Option<String>,
    sid: Option<String>,
    nonce: Option<Value>,
}

pub(super) async fn log_out(State(shared): State<Shared>, Extension(caller): Extension<Caller>, request: Request) -> Response {
    let Some(provider) = &shared.sign_on else { return problem(StatusCode::NOT_FOUND, "There is nothing at this address.") };
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST).await else { return logged_out(false) };
    let token = form_urlencoded::parse(&body).find(|(name, _)| name == "logout_token").map(|(_, token)| token.into_owned());
    let Some(token) = token else { return logged_out(false) };
    let log_out = match read(provider, &token).await {
        Ok(log_out) => log_out,
        Err(error) => {
            tracing::warn!(%error, address = %caller.address, "a log-out token");
            return logged_out(false);
        }
    };
    let origin = caller.origin(&parts.headers);
    match shared.desk.source(desk::source::OpenId).end_issuers_sessions(log_out.sub.as_deref(), log_out.sid.as_deref(), &origin).await {
        Ok(ended) => {
            // Only now: where it could not be done, the provider tries again.
            provider.has_used(log_out.jti);
            tracing::info!(ended, "sessions ended by the OpenID provider");
            logged_out(true)
        }
        Err(refusal) => problem(StatusCode::SERVICE_UNAVAILABLE, &refusal.to_string()),
    }
}

/// The token's claims, once it is certain that the provider says so, to us, now and for the first time (§2.6).
async fn read(provider: &Provider, token: &str) -> Result<LogOut, SignOnError> {
    let wrong = |what: &str| SignOnError::Refused(what.to_owned());
    let header = decode_header(token).map_err(|_| wrong("it is no token"))?;
    // By a key of its own, never by one that both know.
    if matches!(header.alg, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512) {
        return Err(wrong("it is signed with a shared key"));
    }
    let mut known = provider.known(false).await?;
    let find = |keys: &jsonwebtoken::jwk::JwkSet| match &header.kid {
        Some(id) => keys.find(id).cloned(),
        None => keys.keys.first().filter(|_| keys.keys.len() == 1).cloned(),
    };
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&[&provider.settings().client_id]);
    validation.set_issuer(&[&provider.settings().issuer]);
    validation.set_required_spec_claims(&["iss", "aud"]);
    let signed = |known: &Known| -> Result<Option<LogOut>, SignOnError> {
        let Some(key) = find(&known.keys) else { return Ok(None) };
        let key = DecodingKey::from_jwk(&key).map_err(|_| wrong("its key cannot be used"))?;
        match decode(token, &key, &validation) {
            Ok(token) => Ok(Some(token.claims)),
            Err(error) if *error.kind() == ErrorKind::InvalidSignature => Ok(None),
            Err(error) => Err(wrong(&error.to_string())),
        }
    };
    let mut log_out = signed(&known)?;
    if log_out.is_none() {
        // Its keys may be others by now, also by the same name.
        known = provider.known(true).await?;
        log_out = signed(&known)?;
    }
    let log_out = log_out.ok_or_else(|| wrong("it is not signed by the provider"))?;
    if (now_ms() / 1000 - log_out.iat).abs() > FRESH {
        return Err(wrong("it is too old"));
    }
    if !log_out.events.contains_key(EVENT) || log_out.nonce.is_some() || (log_out.sub.is_none() && log_out.sid.is_none()) {
        return Err(wrong("it is no log-out token"));
    }
    if provider.was_used(&log_out.jti) {
        return Err(wrong("it was used before"));
    }
    Ok(log_out)
}
