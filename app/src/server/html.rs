//! Text as HTML, where it is put together by hand.

use leptos::prelude::*;

/// Text that stays text, in content and in attributes.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A view that needs no script, as the HTML that is sent.
pub(crate) fn drawn(view: impl FnOnce() -> AnyView) -> String {
    let owner = Owner::new();
    let html = owner.with(|| view().to_html());
    owner.cleanup();
    html
}
