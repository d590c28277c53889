//! The audit's server functions: a page of rows, and whether the chains hold.

use desk::{AuditPage, AuditQuery, ChainReport};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Fault;

#[cfg(feature = "ssr")]
use crate::{fault::told, here::Here};

/// A page of the audit with what was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// What was asked.
    pub query: AuditQuery,
    /// The rows.
    pub page: AuditPage,
}

/// Rows of everybody's audit, newest first: those that the query of an address asks for.
#[server(prefix = "/fn", endpoint = "list_audit", output = crate::wire::Wire)]
pub async fn list_audit(#[server(default)] query: String) -> Result<Listed, Fault> {
    let here = Here::get()?;
    told(list(&here, super::filters::read(&query)).await)
}

/// Reads the whole audit and says whether every row still follows from the one before.
#[server(prefix = "/fn", endpoint = "verify_chain", output = crate::wire::Wire)]
pub async fn verify_chain() -> Result<ChainReport, Fault> {
    told(verify(&Here::get()?).await)
}

#[cfg(feature = "ssr")]
pub(crate) async fn list(here: &Here, query: AuditQuery) -> Result<Listed, desk::Refusal> {
    let page = here.desk.audit_shown(&permit(here).await?, &query).await?;
    Ok(Listed { query, page })
}

#[cfg(feature = "ssr")]
pub(crate) async fn verify(here: &Here) -> Result<ChainReport, desk::Refusal> {
    here.desk.verify_audit(&permit(here).await?).await
}

#[cfg(feature = "ssr")]
async fn permit(here: &Here) -> Result<desk::Permit<desk::right::ReadAudit>, desk::Refusal> {
    let visitor = here.visitor().await?;
    here.desk.admit(&visitor, None, &here.origin).await
}
