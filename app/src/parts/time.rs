//! Times: in words that follow the clock, exact on pointing at them and for screen readers.

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
    time(at, "", move || at.ago(now.get()))
}

/// `in 29 days`.
#[component]
pub fn Ahead(
    /// The moment.
    at: Moment,
) -> impl IntoView {
    let now = Visit::get().now;
    time(at, "", move || at.ahead(now.get()))
}

/// `24 Nov 2026`, as the browser's language writes it once it can be asked.
#[component]
pub fn Day(
    /// The moment.
    at: Moment,
) -> impl IntoView {
    let awake = Visit::get().awake;
    time(at, "day", move || if awake.get() { local(at, false) } else { at.day() })
}

fn time(at: Moment, class: &'static str, words: impl Fn() -> String + Send + 'static) -> impl IntoView {
    let awake = Visit::get().awake;
    let exact = move || if awake.get() { local(at, true) } else { at.exact() };
    view! { <time class=class datetime=at.rfc3339() title=exact>{words}</time> }
}

/// The day, with the time too if `exact`, in the browser's language and time zone.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of this age are exact")]
fn local(at: Moment, exact: bool) -> String {
    let language = window().navigator().language().unwrap_or_default();
    let options = js_sys::Object::new();
    let set = |key: &str, value: &str| drop(js_sys::Reflect::set(&options, &key.into(), &value.into()));
    set("dateStyle", "medium");
    if exact {
        set("timeStyle", "short");
    }
    js_sys::Date::new(&(at.0 as f64).into()).to_locale_string(&language, &options).into()
}
