//! The sub-tabs of Admin: each visitor sees those that the rules let them open. Tests:
//! `end2end/tests/layout.spec.ts`.

use desk::Action;
use leptos::prelude::*;

use crate::admin::audit::Audit;
use crate::admin::tokens::Review;
use crate::layout::PageContext;
use crate::pages::Page as _;

/// The sub-tabs of Admin: those that the visitor may open. A courtesy; the desk checks.
#[component]
pub(crate) fn Tabs(
    /// The path of the page that is open.
    current: &'static str,
) -> impl IntoView {
    let context = PageContext::get();
    // Of both at once: they are the pages that not everybody has who sees the others.
    let opens = Memo::new(move |_| {
        [(Audit::PATH, Action::ReadAudit), (Review::PATH, Action::ReviewTokens)]
            .map(|(path, action)| (path, context.denied(action).is_none()))
    });
    let tabs = move || {
        let opens = opens.get();
        let is_open = |(path, words): &&(&'static str, &'static str)| {
            !words.is_empty() && !opens.contains(&(*path, false))
        };
        let tab = |&(path, words): &(&'static str, &'static str)| {
            view! {
                <a href=path aria-current=(path == current).then_some("page")>
                    {words}
                </a>
            }
        };
        context.tabs().iter().filter(is_open).map(tab).collect_view()
    };
    view! {
        <nav class="tabs" aria-label="Admin">
            {tabs}
        </nav>
    }
}
