//! Text as HTML, where it is put together by hand.

/// Text that stays text, in content and in attributes.
#[must_use]
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
