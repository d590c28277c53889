//! **Verify the chain**: a button, and what it found.

use desk::{ChainReport, Refusal};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::api::VerifyChain;
use crate::client::call;
use crate::components::{Notice, NoticeBox};
use crate::layout::PageContext;

/// Whether the audit's chain verifies. Asked for by a button: it reads every row.
#[component]
pub(super) fn Chain(
    /// What became of it, where the address asked.
    verified: Option<ChainReport>,
) -> impl IntoView {
    let visit = PageContext::get();
    let report = RwSignal::new(verified);
    let busy = RwSignal::new(false);
    let submitted = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        report.set(None);
        spawn_local(async move {
            let answer = call::<VerifyChain>(&[]).await;
            busy.set(false);
            match answer {
                Ok(told) => report.set(Some(told)),
                Err(fault) if fault.0 == Refusal::SessionEnded => visit.session_ended(),
                Err(fault) => visit.say(Notice::bad(fault.to_string())),
            }
        });
    };
    let is_busy = move || busy.get().then_some("true");
    view! {
        <section class="box" aria-labelledby="chain">
            <header class="page">
                <div>
                    <h2 id="chain">"Chain"</h2>
                    <p class="lede">
                        "Each row carries a hash of the row before it, so that no row can be \
                            changed, taken out or added unnoticed."
                    </p>
                </div>
                <form class="actions" method="get" action="/admin/audit" on:submit=submitted>
                    <button
                        type="submit"
                        name="verify"
                        value="1"
                        aria-busy=is_busy
                        aria-disabled=is_busy
                    >
                        "Verify the chain"
                    </button>
                </form>
            </header>
            <div role="status">
                {move || match report.get() {
                    Some(report) => view! { <Report report /> }.into_any(),
                    None if busy.get() => "Reading the audit …".into_any(),
                    None => ().into_any(),
                }}
            </div>
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
