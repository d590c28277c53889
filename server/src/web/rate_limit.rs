//! How many log-ins there may be, however many accounts they are for. Per account, the desk itself
//! slows down. Tests: `server/tests/server/people/{throttle.rs,sign_on,vouched.rs}`.
//!
//! Every door that looks at a NetID password or begins a session has an allowance, and no door
//! spends another's: whom somebody trusted vouches for waits for nobody who types wrong passwords
//! at the same address.
//!
//! | door | what is counted | where |
//! |---|---|---|
//! | the log-in form | each, by address | [`guard`], which is around that one server function |
//! | the return from an OpenID provider | where nobody comes in, by address | [`take_return`] |
//! | whom it, or a proxy, vouches for | each, by NetID | [`take_vouched`] |
//!
//! At the former two whoever has logged in before in the same browser has an allowance of their own
//! where their address has none left: one at each door, in however many browsers. Local passwords
//! are asked for in sessions only, and each account's are counted by the desk.

use std::net::IpAddr;

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use desk::{LogLimiter, NetId, Refusal};
use http::{HeaderMap, Method};

use super::{AppState, Caller, error_response};

/// No form of a log-in is larger.
const FORM: usize = 64 * 1024;

/// A flood of them cannot drown the log.
static FLOOD: LogLimiter = LogLimiter::new(5);

/// Counts log-ins, and refuses those beyond the limit with the seconds to wait. A browser that has
/// logged in before as the same person has that person's allowance where its address has none left:
/// strangers behind the same address spend nobody else's.
pub(crate) async fn guard(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    request: Request,
    next: Next,
) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let Err(refusal) = take_log_in(&state, caller) else { return next.run(request).await };
    let form = error_response::Form::of(&request);
    match by_known_browser(&state, caller, request).await {
        Some(request) => next.run(request).await,
        None => error_response::refuse_as(form, &refusal),
    }
}

/// The request, where it comes from a browser that is known to whom it is for, and has an allowance
/// left.
async fn by_known_browser(state: &AppState, caller: Caller, request: Request) -> Option<Request> {
    let devices = app::server::request_context::devices_of(request.headers(), caller.secure);
    if devices.is_empty() {
        return None;
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, FORM).await.ok()?;
    let (_, netid) = url::form_urlencoded::parse(&body).find(|(name, _)| name == "netid")?;
    let netid = state.desk.known_browser(&devices, &netid).await.ok()??;
    state.known_browsers.take(&netid.to_string()).ok()?;
    Some(Request::from_parts(parts, Body::from(body)))
}

/// Takes one log-in of the caller's allowance.
fn take_log_in(state: &AppState, caller: Caller) -> Result<(), Refusal> {
    state.log_ins.take(caller.address).map_err(|seconds| {
        if let Some(left_out) = FLOOD.may_speak() {
            tracing::warn!(
                address = %caller.address, left_out, "too many log-in attempts from one address",
            );
        }
        Refusal::TooManyAttempts { seconds }
    })
}

/// A return from an OpenID provider, as it was counted.
#[derive(Debug)]
pub(crate) enum Return {
    Not,
    /// By its address, and with all others.
    Of(IpAddr),
    /// By whom the browser is known as, and with all others.
    Known,
}

/// Counts a return from an OpenID provider, before the provider is asked about it.
///
/// # Errors
/// [`Refusal::TooManyAttempts`].
pub(crate) async fn take_return(
    state: &AppState,
    caller: Caller,
    headers: &HeaderMap,
) -> Result<Return, Refusal> {
    let Some(returns) = &state.returns else { return Ok(Return::Not) };
    let Err(seconds) = returns.take(caller.address) else {
        return Ok(Return::Of(caller.address));
    };
    let mark = app::server::request_context::signed_on_of(headers, caller.secure);
    let Some(name) = state.desk.browser_of_sign_on(&mark).await? else {
        return Err(Refusal::TooManyAttempts { seconds });
    };
    state.known_browsers.take(&name).map_err(|seconds| {
        if let Some(left_out) = FLOOD.may_speak() {
            tracing::warn!(
                address = %caller.address, left_out,
                "too many returns from the OpenID provider of one person",
            );
        }
        Refusal::TooManyAttempts { seconds }
    })?;
    returns.count_known();
    Ok(Return::Known)
}

impl Return {
    /// Somebody came in by it.
    pub(crate) fn give_back(self, state: &AppState) {
        let Some(returns) = &state.returns else { return };
        match self {
            Self::Not => {}
            Self::Of(address) => returns.give_back(address),
            Self::Known => returns.give_back_known(),
        }
    }
}

/// Takes one log-in of the allowance of whom somebody trusted vouches for.
///
/// # Errors
/// [`Refusal::TooManyAttempts`].
pub(crate) fn take_vouched(state: &AppState, netid: &str) -> Result<(), Refusal> {
    // What is no NetID lets nobody in, and asks the store nothing.
    let Ok(netid) = NetId::parse(netid) else { return Ok(()) };
    state.vouched.take(&netid.to_string()).map_err(|seconds| {
        if let Some(left_out) = FLOOD.may_speak() {
            tracing::warn!(%netid, left_out, "too many log-ins of one person");
        }
        Refusal::TooManyAttempts { seconds }
    })
}
