use leptos::prelude::*;

/// Soon.
#[component]
pub fn AuthTokensPage() -> impl IntoView {
    view! { <h1>"AuthTokensPage"</h1> }
}
