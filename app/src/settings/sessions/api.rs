//! The server functions of **Sessions**: where one is logged in, ending one, ending all but this
//! one. Tests: `server/tests/server/people/functions.rs`; of the rules
//! `desk/tests/desk/sessions.rs`.

use desk::SessionView;
use leptos::prelude::*;

use crate::api_error::ApiError;
use crate::forms::Done;

/// The form that ends this session elsewhere.
pub(super) fn end_form(id: &str) -> String {
    format!("end-session-{id}")
}

/// The form that ends all but this one.
pub(super) const END_OTHERS: &str = "end-other-sessions";

/// Where one is logged in, newest first.
///
/// # Errors
/// [`desk::Refusal::SessionEnded`], [`desk::Refusal::Unavailable`].
#[server(prefix = "/fn", endpoint = "own_sessions", output = crate::wire::Wire)]
pub async fn own_sessions() -> Result<Vec<SessionView>, ApiError> {
    use crate::server::{RequestContext, own, with_status};
    with_status(own::sessions(&RequestContext::get()?).await)
}

/// Ends one of one's own sessions.
///
/// # Errors
/// As [`desk::Desk::end_own_session`].
#[server(prefix = "/fn", endpoint = "end_session", output = crate::wire::Wire)]
pub async fn end_session(id: String, #[server(default)] form: String) -> Result<Done, ApiError> {
    let context = crate::server::RequestContext::get()?;
    let ends = desk::AuditAction::SessionEnd;
    let result = match crate::server::sender(&context, &form, ends).await {
        Ok(visitor) => context.desk.end_own_session(&visitor, &id, &context.origin).await,
        Err(refusal) => Err(refusal),
    };
    crate::server::answer(
        &context,
        &end_form(&id),
        &[],
        result.map(|()| Done::with_notice("That browser is logged out.")),
    )
}

/// Ends all of one's own sessions but this one.
///
/// # Errors
/// As [`desk::Desk::end_other_own_sessions`].
#[server(prefix = "/fn", endpoint = "end_other_sessions", output = crate::wire::Wire)]
pub async fn end_other_sessions(#[server(default)] form: String) -> Result<Done, ApiError> {
    let context = crate::server::RequestContext::get()?;
    let ends = desk::AuditAction::SessionEnd;
    let result = match crate::server::sender(&context, &form, ends).await {
        Ok(visitor) => crate::server::own::end_other_sessions(&context, &visitor).await,
        Err(refusal) => Err(refusal),
    };
    let notice = |count| match count {
        0 => Done::with_notice("You were not logged in anywhere else."),
        1 => Done::with_notice("Logged out in 1 other place."),
        count => Done::with_notice(format!("Logged out in {count} other places.")),
    };
    crate::server::answer(&context, END_OTHERS, &[], result.map(notice))
}
