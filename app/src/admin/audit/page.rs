use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::api::list_audit;
use super::chain::Chain;
use super::filters::{Filters, read, written};
use super::rows::Rows;
use crate::admin::tabs::Tabs;
use crate::parts::loaded;

/// `/admin/audit`: **Audit**.
#[component]
pub fn AuditPage() -> impl IntoView {
    let address = use_query_map();
    let query = Memo::new(move |_| address.with(read));
    view! {
        <Title text="Audit"/>
        {move || loaded(list_audit(query.get()), |first| {
            let filters = written(&first.query);
            view! {
                <Tabs here="/admin/audit"/>
                <header class="page">
                    <h1>"Audit"</h1>
                    // Files, not pages of the app: the router leaves these links to the browser.
                    <div class="actions">
                        <a class="button" rel="external" href=format!("/admin/audit.csv{filters}")>"Download CSV"</a>
                        <a class="button" rel="external" href=format!("/admin/audit.jsonl{filters}")>"Download JSON lines"</a>
                    </div>
                </header>
                <Filters query=first.query.clone()/>
                <Rows first/>
                <Chain/>
            }
            .into_any()
        })}
    }
}
