//! What happened to a person's account, in words, a page at a time: the audit's page has the rows
//! as they are.

use desk::{AuditPage, AuditRow, UserPage};
use leptos::prelude::*;

use super::page::BEFORE;
use crate::components::{folded, happened_head, happened_line};
use crate::layout::PageContext;

/// What happened to the account, for those who may see it.
#[component]
pub(super) fn History(page: RwSignal<UserPage>) -> impl IntoView {
    let history = Memo::new(move |_| page.with(|page| page.history.clone()));
    let context = PageContext::get();
    let newest = context.query(BEFORE).map(|_| format!("{}#history", context.path()));
    let link = |words: &'static str, to| view! { <a href=to>{words}</a> }.into_any();
    move || {
        history.get().map(|AuditPage { rows, next }| {
            let older = next.map(|next| format!("?{BEFORE}={next}#history"));
            let whole = newest.is_none() && older.is_none();
            view! {
                <section class="box" aria-labelledby="history">
                    <h2 id="history">"History"</h2>
                    {if rows.is_empty() {
                        view! { <p class="empty">"Nothing has happened yet."</p> }.into_any()
                    } else {
                        table(rows).into_any()
                    }}
                    <nav class="pages" aria-label="Pages" hidden=whole>
                        {newest.clone().map(|to| link("Newest", to))}
                        {older.map(|to| link("Older", to))}
                    </nav>
                </section>
            }
        })
    }
}

fn table(rows: Vec<AuditRow>) -> impl IntoView {
    let lines = folded(rows).into_iter().map(|row| happened_line(row, false)).collect_view();
    view! {
        <div class="scroll">
            <table class="stack">
                {happened_head()}
                <tbody>{lines}</tbody>
            </table>
        </div>
    }
}
