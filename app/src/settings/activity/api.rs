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
    crate::api_error::with_status(
        list(&crate::request_context::RequestContext::get()?, &before).await,
    )
}

#[cfg(feature = "ssr")]
pub(crate) async fn list(
    context: &crate::request_context::RequestContext,
    before: &str,
) -> Result<AuditPage, desk::Refusal> {
    context.desk.own_activity(&context.visitor().await?, before).await
}
