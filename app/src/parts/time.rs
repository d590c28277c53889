//! Times: in words that follow the clock, exact on pointing at them.

use desk::Moment;
use leptos::prelude::*;

use crate::frame::Visit;

/// `5 minutes ago`.
#[component]
pub fn Ago(
    /// The moment.
    at: Moment,
) -> impl IntoView {
    let now = Visit::get().now;
    time(at, move || at.ago(now.get()))
}

/// `in 29 days`.
#[component]
pub fn Ahead(
    /// The moment.
    at: Moment,
) -> impl IntoView {
    let now = Visit::get().now;
    time(at, move || at.ahead(now.get()))
}

/// `24 Nov 2026`.
#[component]
pub fn Day(
    /// The moment.
    at: Moment,
) -> impl IntoView {
    time(at, move || at.day())
}

fn time(at: Moment, words: impl Fn() -> String + Send + 'static) -> impl IntoView {
    view! { <time datetime=at.rfc3339() title=at.exact()>{words}</time> }
}
