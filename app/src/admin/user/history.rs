use desk::UserPage;
use leptos::prelude::*;

use crate::admin::audit::AuditTable;

/// What happened to the account lately, for those who may see it.
#[component]
pub(super) fn History(page: RwSignal<UserPage>) -> impl IntoView {
    let rows = Memo::new(move |_| page.with(|page| page.history.clone()));
    move || {
        rows.get().map(|rows| {
            view! {
                <section class="box" aria-labelledby="history">
                    <h2 id="history">"History"</h2>
                    {if rows.is_empty() { view! { <p class="empty">"Nothing has happened yet."</p> }.into_any() } else { view! { <AuditTable rows/> }.into_any() }}
                </section>
            }
        })
    }
}
