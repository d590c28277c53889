//! Help: the guides, and how an application presents a token.
//!
//! The text is an HTML file that stays on the server: compiled as a view it would be in the WASM
//! that every page loads.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::pages::Page;
#[cfg(feature = "ssr")]
use crate::pages::{Guard, Loaded, PageRoute};

/// The guides as HTML, with the Help Desk's contact filled in. Anyone may read them.
#[cfg(feature = "ssr")]
fn guides(context: &crate::request_context::RequestContext) -> String {
    let contact = match context.settings.help_desk_contact.trim() {
        "" => String::new(),
        contact => format!("Contact: {}.", crate::html::escape(contact)),
    };
    let first = if context.settings.self_service {
        "Log in anew, and choose one under <strong>About Me</strong> within five minutes. Where \
            that \
         is not offered, the Help Desk sets the first one."
    } else {
        "The Help Desk sets the first one. {{contact}} It is an initial password: good for \
            choosing \
         your own, and for nothing else, and it lapses after 7 days."
    };
    include_str!("guides.html").replace("{{first}}", first).replace("{{contact}}", &contact)
}

/// `/help`.
#[component]
fn HelpPage(
    /// The guides; on the server only. What is in the page already is left as it is.
    html: String,
) -> impl IntoView {
    view! {
        <header class="page">
            <h1>"Help"</h1>
        </header>
        <article class="help" inner_html=html />
    }
}

/// The guides as HTML.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Help(String);

impl Page for Help {
    const TITLE: &'static str = "Help";
    const PATH: &'static str = "/help";

    /// The browser is not told the guides: it has them on the page.
    fn for_browser(&self) -> Self {
        Self(String::new())
    }

    fn draw(self) -> AnyView {
        view! { <HelpPage html=self.0 /> }.into_any()
    }
}

#[cfg(feature = "ssr")]
impl PageRoute for Help {
    const GUARD: Guard = Guard::Open;

    async fn load(
        context: &crate::request_context::RequestContext,
    ) -> Result<Loaded<Self>, desk::Refusal> {
        Ok(Loaded::Page(Self(guides(context))))
    }
}
