//! The audit for who may read it: a page of rows, whether its chains hold, and files of it.

mod download;
mod export;
mod query;
mod slips;

use desk::{AuditQuery, ChainReport, Permit, Refusal, right};

use super::RequestContext;
use crate::admin::audit::api::Listed;

pub use download::{download, log_in_first};
pub use export::{Format, as_it_was, csv_cell, in_words};
pub(crate) use query::{has_empty, read};

/// A page of rows, with what is asked for that there is not.
pub(crate) async fn list(context: &RequestContext, query: AuditQuery) -> Result<Listed, Refusal> {
    let permit = permit(context).await?;
    let page = context.desk.audit_shown(&permit, &query).await?;
    let slips = slips::notice(&query, &context.desk.audit_slips(&permit, &query, &page).await?);
    Ok(Listed { query, page, slips })
}

/// Reads the whole audit and says whether every row still follows from the one before.
pub(crate) async fn verify(context: &RequestContext) -> Result<ChainReport, Refusal> {
    context.desk.verify_audit(&permit(context).await?).await
}

async fn permit(context: &RequestContext) -> Result<Permit<right::ReadAudit>, Refusal> {
    let visitor = context.visitor().await?;
    context.desk.admit(&visitor, None, &context.origin).await
}
