//! The sub-tabs of Settings. Tests: `end2end/tests/frame.spec.ts`.

use leptos::prelude::*;

/// The pages of Settings.
const TABS: [(&str, &str); 4] = [
    ("/settings/about-me", "About Me"),
    ("/settings/auth-tokens", "Auth Tokens"),
    ("/settings/sessions", "Sessions"),
    ("/settings/activity", "Activity"),
];

/// The sub-tabs of Settings.
#[component]
pub(crate) fn Tabs(
    /// The path of the page that is open.
    here: &'static str,
) -> impl IntoView {
    let tab = |(path, words)| view! { <a href=path aria-current=(path == here).then_some("page")>{words}</a> };
    view! { <nav class="tabs" aria-label="Settings">{TABS.map(tab).collect_view()}</nav> }
}
