//! The server function behind **Activity**.

use desk::AuditPage;
use leptos::prelude::*;

use crate::api_error::ApiError;

/// What happened to one's own account, newest first; older than the row `before`, unless that is
/// empty.
///
/// # Errors
/// [`desk::Refusal::SessionEnded`], [`desk::Refusal::Unavailable`].
#[server(prefix = "/fn", endpoint = "own_activity", output = crate::wire::Wire)]
pub async fn own_activity(#[server(default)] before: String) -> Result<AuditPage, ApiError> {
    use crate::server::{RequestContext, own, with_status};
    with_status(own::activity(&RequestContext::get()?, &before).await)
}
