//! The sub-tabs of Settings. Tests: `end2end/tests/layout.spec.ts`.

use leptos::prelude::*;

use crate::layout::PageContext;

/// The sub-tabs of Settings.
#[component]
pub(crate) fn Tabs(
    /// The path of the page that is open.
    current: &'static str,
) -> impl IntoView {
    let tabs = PageContext::get().tabs().iter().filter(|(_, words)| !words.is_empty());
    let tab = |(path, words): &(&'static str, &'static str)| {
        view! {
            <a href=*path aria-current=(*path == current).then_some("page")>
                {*words}
            </a>
        }
    };
    view! {
        <nav class="tabs" aria-label="Settings">
            {tabs.map(tab).collect_view()}
        </nav>
    }
}
