//! **Verify the chain**: a button that asks for the page with what it found, without script.

use desk::ChainReport;
use leptos::prelude::*;

use crate::components::{Notice, NoticeBox};

/// Whether the audit's chain verifies. Asked for by a button: it reads every row.
#[component]
pub(super) fn Chain(
    /// What became of it, where the address asked.
    verified: Option<ChainReport>,
) -> impl IntoView {
    view! {
        <section class="box" aria-labelledby="chain">
            <header class="page">
                <div>
                    <h2 id="chain">"Chain"</h2>
                    <p class="lede">
                        "Each row carries a hash of the row before it, so that a change to single \
                            rows shows. Whoever can write the whole store can write the whole \
                            chain anew: keep copies elsewhere."
                    </p>
                </div>
                <form class="actions" method="get" action="/admin/audit#chain">
                    <button type="submit" name="verify" value="1">
                        "Verify the chain"
                    </button>
                </form>
            </header>
            {verified.map(|report| view! { <Report report /> })}
        </section>
    }
}

#[component]
fn Report(report: ChainReport) -> impl IntoView {
    let ChainReport { rows, faults, notes } = report;
    let notes = (!notes.is_empty()).then(|| {
        view! {
            <ul class="hint">
                {notes.into_iter().map(|note| view! { <li>{note}"."</li> }).collect_view()}
            </ul>
        }
    });
    if faults.is_empty() {
        let holds = format!(
            "The chain holds: {rows} rows read, each follows from the one before, and none was \
                added."
        );
        return view! {
            <NoticeBox notice=Notice::good(holds) />
            {notes}
        }
        .into_any();
    }
    let many = faults.len();
    view! {
        <div class="notice" data-kind="bad">
            <p>{format!("The chain does not hold: {rows} rows read, {many} wrong.")}</p>
            <ul>
                {faults.into_iter().take(50).map(|fault| view! { <li>{fault}</li> }).collect_view()}
            </ul>
        </div>
        {notes}
    }
    .into_any()
}
