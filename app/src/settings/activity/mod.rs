use leptos::prelude::*;

/// Soon.
#[component]
pub fn ActivityPage() -> impl IntoView {
    view! { <h1>"ActivityPage"</h1> }
}
