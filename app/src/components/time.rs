//! Times: in words that follow the clock, exact on pointing at them and for screen readers. Tests:
//! `end2end/tests/days.spec.ts`.

use desk::Moment;
use leptos::prelude::*;

use crate::days::{exact, local};
use crate::layout::PageContext;

/// `5 minutes ago`.
#[component]
pub fn Ago(
    /// Counted to the page's clock, which ticks.
    at: Moment,
) -> impl IntoView {
    let now = PageContext::get().now;
    time(at, move || at.ago(now.get()))
}

/// `in 29 days`.
#[component]
pub fn Ahead(
    /// Counted from the page's clock, which ticks.
    at: Moment,
) -> impl IntoView {
    let now = PageContext::get().now;
    time(at, move || at.ahead(now.get()))
}

/// `24 Nov 2026` where the person is, or `24 Nov 2026 UTC`.
#[component]
pub fn Day(
    /// Shown to the day; the title has it to the minute.
    at: Moment,
) -> impl IntoView {
    let awake = PageContext::get().awake;
    let exact = move || exact(at, awake.get());
    // Hidden where there is script, from the first paint on: nothing moves when the page comes
    // alive.
    let utc = move || (!awake.get()).then(|| view! { <span class="unscripted">" UTC"</span> });
    let day = move || if awake.get() { local(at).day() } else { at.day() };
    view! {
        <time class="day" datetime=at.rfc3339() title=exact>
            {day}
            {utc}
        </time>
    }
}

fn time(at: Moment, words: impl Fn() -> String + Send + 'static) -> impl IntoView {
    let awake = PageContext::get().awake;
    let exact = move || exact(at, awake.get());
    view! {
        <time datetime=at.rfc3339() title=exact>
            {words}
        </time>
    }
}
