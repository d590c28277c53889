use desk::ChainReport;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::api::verify_chain;
use crate::parts::{Notice, NoticeBox, loaded};

/// Whether the audit's chain verifies. Asked for by a button: it reads every row.
#[component]
pub(super) fn Chain() -> impl IntoView {
    let asked = use_query_map().with_untracked(|map| u32::from(map.get("verify").is_some()));
    let asked = RwSignal::new(asked);
    let submitted = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        asked.update(|times| *times += 1);
    };
    view! {
        <section class="box" aria-labelledby="chain">
            <header class="page">
                <div>
                    <h2 id="chain">"Chain"</h2>
                    <p class="lede">"Each row carries a hash of the row before it, so that no row can be changed or taken out unnoticed."</p>
                </div>
                <form class="actions" method="get" action="/admin/audit" on:submit=submitted>
                    <button type="submit" name="verify" value="1">"Verify the chain"</button>
                </form>
            </header>
            <div role="status">{move || (asked.get() > 0).then(|| loaded(verify_chain(), |report| view! { <Report report/> }.into_any()))}</div>
        </section>
    }
}

#[component]
fn Report(report: ChainReport) -> impl IntoView {
    let ChainReport { rows, faults } = report;
    if faults.is_empty() {
        return view! { <NoticeBox notice=Notice::good(format!("The chain holds: {rows} rows read, each follows from the one before."))/> }
            .into_any();
    }
    let many = faults.len();
    view! {
        <div class="notice" data-kind="bad">
            <p>{format!("The chain does not hold: {rows} rows read, {many} wrong.")}</p>
            <ul>{faults.into_iter().take(50).map(|fault| view! { <li>{fault}</li> }).collect_view()}</ul>
        </div>
    }
    .into_any()
}
