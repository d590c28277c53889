//! The audit's server function: a page of rows; and whether the chains hold.

use desk::{AuditPage, AuditQuery};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ApiError;
use crate::components::Notice;

#[cfg(feature = "ssr")]
use crate::{api_error::with_status, request_context::RequestContext};

/// A page of the audit with what was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// What was asked.
    pub query: AuditQuery,
    /// The rows.
    pub page: AuditPage,
    /// What is asked for that there is not; none: nothing.
    pub slips: Option<Notice>,
}

/// Rows of everybody's audit, newest first: those that the query of an address asks for.
#[server(prefix = "/fn", endpoint = "list_audit", output = crate::wire::Wire)]
pub async fn list_audit(#[server(default)] query: String) -> Result<Listed, ApiError> {
    let context = RequestContext::get()?;
    with_status(list(&context, super::filters::read(&query)).await)
}

#[cfg(feature = "ssr")]
pub(crate) async fn list(
    context: &RequestContext,
    query: AuditQuery,
) -> Result<Listed, desk::Refusal> {
    let permit = permit(context).await?;
    let page = context.desk.audit_shown(&permit, &query).await?;
    let slips =
        super::slips::notice(&query, &context.desk.audit_slips(&permit, &query, &page).await?);
    Ok(Listed { query, page, slips })
}

/// Reads the whole audit and says whether every row still follows from the one before.
#[cfg(feature = "ssr")]
pub(crate) async fn verify(context: &RequestContext) -> Result<desk::ChainReport, desk::Refusal> {
    context.desk.verify_audit(&permit(context).await?).await
}

#[cfg(feature = "ssr")]
async fn permit(
    context: &RequestContext,
) -> Result<desk::Permit<desk::right::ReadAudit>, desk::Refusal> {
    let visitor = context.visitor().await?;
    context.desk.admit(&visitor, None, &context.origin).await
}
