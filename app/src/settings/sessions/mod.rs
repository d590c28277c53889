use leptos::prelude::*;

/// Soon.
#[component]
pub fn SessionsPage() -> impl IntoView {
    view! { <h1>"SessionsPage"</h1> }
}
