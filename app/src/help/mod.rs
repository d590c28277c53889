//! Help: the guides, and how an application presents a token.
//!
//! The text is an HTML file that stays on the server: compiled as a view it would be in the WASM
//! that every page loads.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::pages::Page;

/// The heading **Help**, and the guides below it.
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
impl crate::server::pages::PageRoute for Help {
    const GUARD: crate::server::pages::Guard = crate::server::pages::Guard::Open;

    async fn load(
        context: &crate::server::RequestContext,
    ) -> Result<crate::server::pages::Loaded<Self>, desk::Refusal> {
        use crate::server::pages::Loaded;
        Ok(Loaded::Page(Self(crate::server::guides(context))))
    }
}
