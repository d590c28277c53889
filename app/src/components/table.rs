//! What tables share.

use leptos::prelude::*;

/// The heads of a table's columns.
pub(crate) fn head(columns: &[&'static str]) -> AnyView {
    let names = columns.iter().map(|name| view! { <th scope="col">{*name}</th> }).collect_view();
    view! {
        <thead>
            <tr>{names}</tr>
        </thead>
    }
    .into_any()
}
