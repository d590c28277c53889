//! Help: the guides, and how an application presents a token.
//!
//! The text is an HTML file that stays on the server: compiled as a view it would be in the WASM that every page loads.

use leptos::prelude::*;

/// The guides as HTML, with the Help Desk's contact filled in. Anyone may read them.
#[cfg(feature = "ssr")]
pub(crate) fn guides(context: &crate::request_context::RequestContext) -> String {
    let contact = match context.settings.help_desk_contact.trim() {
        "" => String::new(),
        contact => format!("Contact: {}.", crate::html::escape(contact)),
    };
    include_str!("guides.html").replace("{{contact}}", &contact)
}

/// `/help`.
#[component]
pub(crate) fn HelpPage(
    /// The guides; on the server only. What is in the page already is left as it is.
    html: String,
) -> impl IntoView {
    view! {
        <header class="page"><h1>"Help"</h1></header>
        <article class="help" inner_html=html></article>
    }
}
