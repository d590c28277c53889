//! What people see of their own account, and end.

use desk::{AuditPage, Refusal, SessionView, Visitor};

use super::RequestContext;

/// What happened to one's own account, newest first; older than the row `before`, unless that is
/// empty.
pub(crate) async fn activity(context: &RequestContext, before: &str) -> Result<AuditPage, Refusal> {
    context.desk.own_activity(&context.visitor().await?, before).await
}

/// Where one is logged in, newest first.
pub(crate) async fn sessions(context: &RequestContext) -> Result<Vec<SessionView>, Refusal> {
    context.desk.own_sessions(&context.visitor().await?).await
}

/// Ends all of one's own sessions but this one; how many.
pub(crate) async fn end_other_sessions(
    context: &RequestContext,
    visitor: &Visitor,
) -> Result<u32, Refusal> {
    let count = context.desk.end_other_own_sessions(visitor, &context.origin).await?;
    // Other browsers are not known any more when they log in; this one is.
    context.set_devices(&context.desk.still_known(visitor, &context.devices).await?);
    Ok(count)
}
