//! The audit's server function: a page of rows; and whether the chains hold.

use desk::{AuditPage, AuditQuery};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ApiError;
use crate::components::Notice;

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
    use crate::server::{RequestContext, audit, with_status};
    with_status(audit::list(&RequestContext::get()?, audit::read(&query)).await)
}
