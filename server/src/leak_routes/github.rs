//! `/leaks/github`: GitHub's secret scanning reports what it has found (its partner programme:
//! <https://docs.github.com/en/code-security/secret-scanning/secret-scanning-partnership-program>).
//! Who cannot show GitHub's signature learns nothing and ends nothing, and keeps nobody else out.
//! Tests: `server/tests/server/leaks/github.rs`, `places.rs`, `server/src/leaks/`.

use std::net::IpAddr;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::{LeakSource, LogLimiter, StrangerGate as _};
use futures::StreamExt as _;
use http::{HeaderMap, StatusCode};
use tokio::time::{Instant, timeout_at};

use super::places::Places;
use super::{again_after, as_json, away};
use crate::leaks::{Found, is_signed, labels};
use crate::web::{AppState, Caller, Pace, problem, throw_away};

/// Which key, and what it signed.
const KEY: &str = "github-public-key-identifier";
const SIGNATURE: &str = "github-public-key-signature";

/// The longest name of a key: they are 64 hex digits.
const MAX_NAME: usize = 128;

/// The most bytes: some thousands of matches.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// So many bodies are kept at a time until they are whole, few of one address, each no longer than
/// it comes at some pace: who signed it shows only then.
static BODIES: Places = Places::new(32, 2);
const PACE: Pace = Pace { at_first: Duration::from_secs(5), bytes_a_second: 128 * 1024 };
const FOR_A_TURN: Duration = Duration::from_secs(5);

/// Anybody may send some.
static WRONG: LogLimiter = LogLimiter::new(5);

/// Takes GitHub's report, and answers which of the strings were tokens.
pub(super) async fn report(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    let Some(keys) = &state.github_keys else {
        return problem(StatusCode::NOT_FOUND, "There is nothing at this address.");
    };
    // Whoever sends what GitHub has not signed is soon not looked at any more.
    let gate = state.unsigned_reports.gate(caller.address);
    if let Err(seconds) = gate.may_ask() {
        let what = "Too many reports without GitHub’s signature come from your address.";
        return again_after(StatusCode::TOO_MANY_REQUESTS, seconds, what);
    }
    let unsigned = || {
        gate.was_unknown();
        unsigned(caller)
    };
    let (parts, body) = request.into_parts();
    let Some((name, signature)) = signed_by(&parts.headers) else { return unsigned() };
    let key = match keys.key(name).await {
        Ok(Some(key)) => key,
        Ok(None) => return unsigned(),
        Err(_) => return away("GitHub’s public keys cannot be fetched now. Send it again."),
    };
    let body = match whole(body, caller.address).await {
        Ok(body) => body,
        Err(refused) => {
            // That there is no place is nobody's fault.
            if refused.status() != StatusCode::SERVICE_UNAVAILABLE {
                gate.was_unknown();
            }
            return refused;
        }
    };
    if !is_signed(&key, &body, &signature) {
        return unsigned();
    }
    let Ok(found) = serde_json::from_slice::<Vec<Found>>(&body) else {
        let what = "The body must be a JSON array of matches, each with its token.";
        return problem(StatusCode::BAD_REQUEST, what);
    };
    let origin = caller.origin(&parts.headers);
    match super::report(&state, caller, origin, LeakSource::GitHub, found, Found::leaked).await {
        Ok((found, report)) => as_json(StatusCode::OK, &labels(&found, &report.outcomes)),
        Err(_) => away("The report could not be looked at now. Send it again."),
    }
}

/// The name of the key and the signature, each there once and readable.
fn signed_by(headers: &HeaderMap) -> Option<(&str, Vec<u8>)> {
    let one = |name: &str| {
        let mut values = headers.get_all(name).iter();
        let value = values.next()?.to_str().ok()?.trim();
        (values.next().is_none() && !value.is_empty()).then_some(value)
    };
    let name = one(KEY).filter(|name| name.len() <= MAX_NAME)?;
    Some((name, STANDARD.decode(one(SIGNATURE)?).ok()?))
}

/// It is not GitHub that says so.
fn unsigned(caller: Caller) -> Response {
    if let Some(left_out) = WRONG.may_speak() {
        let address = caller.address;
        tracing::warn!(%address, left_out, "a leak report without GitHub's signature");
    }
    problem(StatusCode::FORBIDDEN, "This door is for GitHub, and GitHub has not signed this.")
}

/// The whole body: the signature is over all of it. Else the answer: too large, or busy.
async fn whole(body: Body, address: IpAddr) -> Result<Vec<u8>, Response> {
    let too_large = || problem(StatusCode::PAYLOAD_TOO_LARGE, "Send at most 1 MiB at once.");
    if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
        throw_away(body).await;
        return Err(too_large());
    }
    let Some(_place) = BODIES.take(address, FOR_A_TURN).await else {
        return Err(away("Other reports are being read. Send it again."));
    };
    let (mut bytes, mut stream, began) = (Vec::new(), body.into_data_stream(), Instant::now());
    while let Some(piece) =
        timeout_at(PACE.deadline(began, bytes.len()), stream.next()).await.map_err(|_| broken())?
    {
        let piece = piece.map_err(|_| broken())?;
        if bytes.len() + piece.len() > MAX_BODY_BYTES {
            return Err(too_large());
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

fn broken() -> Response {
    problem(StatusCode::BAD_REQUEST, "The body ended too early, or came too slowly.")
}
