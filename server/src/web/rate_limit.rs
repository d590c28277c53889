//! Log-ins from one address: however many accounts they are for. Per account, the desk itself slows
//! down. Tests: `server/tests/server/people/{throttle,sign_on,vouched}.rs`.
//!
//! Every door that looks at a NetID password or begins a session takes from the same allowance:
//!
//! | door | where |
//! |---|---|
//! | the log-in form | [`guard`], which is around that one server function |
//! | the return from an OpenID provider | `oidc` |
//! | a page that is asked for by whom a proxy vouches for, and who has no session | `pages` |
//!
//! Local passwords are asked for in sessions only, and each account's are counted by the desk.

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use desk::{LogLimiter, Refusal};
use http::Method;

use super::{AppState, Caller, error_response};

/// No form of a log-in is larger.
const FORM: usize = 64 * 1024;

/// A flood of them cannot drown the log.
static SAID: LogLimiter = LogLimiter::new(5);

/// Counts log-ins, and refuses those beyond the limit with the seconds to wait. A browser that has
/// logged in before as the same person has an allowance of its own where its address has none left:
/// strangers behind the same address spend nobody else's.
pub(super) async fn guard(
    State(shared): State<AppState>,
    Extension(caller): Extension<Caller>,
    request: Request,
    next: Next,
) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let Err(refusal) = take_log_in(&shared, caller) else { return next.run(request).await };
    let form = error_response::Form::of(&request);
    match by_known_browser(&shared, caller, request).await {
        Some(request) => next.run(request).await,
        None => error_response::refuse_as(form, &refusal),
    }
}

/// The request, where it comes from a browser that is known to whom it is for, and has an allowance
/// left.
async fn by_known_browser(shared: &AppState, caller: Caller, request: Request) -> Option<Request> {
    let devices = app::server::request_context::devices_of(request.headers(), caller.secure);
    if devices.is_empty() {
        return None;
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, FORM).await.ok()?;
    let (_, netid) = url::form_urlencoded::parse(&body).find(|(name, _)| name == "netid")?;
    let name = shared.desk.known_browser(&devices, &netid).await.ok()??;
    shared.known_browsers.take(&name).ok()?;
    Some(Request::from_parts(parts, Body::from(body)))
}

/// Takes one log-in of the caller's allowance.
///
/// # Errors
/// [`Refusal::TooManyAttempts`].
pub(crate) fn take_log_in(shared: &AppState, caller: Caller) -> Result<(), Refusal> {
    shared.log_ins.take(caller.address).map_err(|seconds| {
        if let Some(left_out) = SAID.may_speak() {
            tracing::warn!(
                address = %caller.address, left_out, "too many log-in attempts from one address",
            );
        }
        Refusal::TooManyAttempts { seconds }
    })
}
