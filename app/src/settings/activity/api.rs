//! The server function behind **Activity**.

use desk::AuditPage;
use leptos::prelude::*;

use crate::fault::Fault;

/// What happened to one's own account, newest first; older than the row `before`, unless that is empty.
///
/// # Errors
/// [`desk::Refusal::SessionEnded`], [`desk::Refusal::Unavailable`].
#[server(prefix = "/fn", endpoint = "own_activity", output = crate::wire::Wire)]
pub async fn own_activity(#[server(default)] before: String) -> Result<AuditPage, Fault> {
    crate::fault::told(list(&crate::here::Here::get()?, &before).await)
}

#[cfg(feature = "ssr")]
pub(crate) async fn list(here: &crate::here::Here, before: &str) -> Result<AuditPage, desk::Refusal> {
    here.desk.own_activity(&here.visitor().await?, before).await
}
