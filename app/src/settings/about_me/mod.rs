use leptos::prelude::*;

/// Soon.
#[component]
pub fn AboutMePage() -> impl IntoView {
    view! { <h1>"AboutMePage"</h1> }
}
