//! `/admin/audit`: filters, rows, files and the chain.

use desk::ChainReport;
use leptos::prelude::*;

use super::api::Listed;
use super::chain::Chain;
use super::filters::{Filters, written};
use super::rows::Rows;
use crate::admin::tabs::Tabs;

/// `/admin/audit`: **Audit**.
#[component]
pub(crate) fn AuditPage(
    /// The rows that the address asks for.
    first: Listed,
    /// Whether the chain verifies, where the address asks for that too.
    verified: Option<ChainReport>,
) -> impl IntoView {
    let filters = written(&first.query);
    view! {
        <Tabs here="/admin/audit"/>
        <header class="page">
            <h1>"Audit"</h1>
            <div class="actions">
                <a class="button" href=format!("/admin/audit.csv{filters}")>"Download CSV"</a>
                <a class="button" href=format!("/admin/audit.jsonl{filters}")>"Download JSON lines"</a>
            </div>
        </header>
        <Filters query=first.query.clone()/>
        <Rows first/>
        <Chain verified/>
    }
}
