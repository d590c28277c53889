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

/// Rows of everybody's audit, newest first.
#[server(prefix = "/fn", endpoint = "list_audit")]
pub async fn list_audit(query: AuditQuery) -> Result<Listed, Fault> {
    let here = Here::get()?;
    let work = async {
        let permit = permit(&here).await?;
        let page = here.desk.audit(&permit, &query).await?;
        Ok(Listed { query, page })
    };
    told(work.await)
}

/// Reads the whole audit and says whether every row still follows from the one before.
#[server(prefix = "/fn", endpoint = "verify_chain")]
pub async fn verify_chain() -> Result<ChainReport, Fault> {
    let here = Here::get()?;
    let work = async {
        permit(&here).await?;
        here.desk.verify_audit().await
    };
    told(work.await)
}

#[cfg(feature = "ssr")]
async fn permit(here: &Here) -> Result<desk::Permit, desk::Refusal> {
    let visitor = here.visitor().await?;
    here.desk.admit(&visitor, desk::Action::ReadAudit, None, &here.origin).await
}
