use desk::AuditPage;
use leptos::prelude::*;

use crate::fault::Fault;

/// What happened to one's own account, newest first; older than the row `before`, unless that is empty.
///
/// # Errors
/// [`desk::Refusal::SessionEnded`], [`desk::Refusal::Unavailable`].
#[server(prefix = "/fn", endpoint = "own_activity")]
pub async fn own_activity(#[server(default)] before: String) -> Result<AuditPage, Fault> {
    let here = crate::here::Here::get()?;
    let result = match here.visitor().await {
        Ok(visitor) => here.desk.own_activity(&visitor, &before).await,
        Err(refusal) => Err(refusal),
    };
    crate::fault::told(result)
}
