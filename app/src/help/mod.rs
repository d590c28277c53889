//! Help: the guides, and how an application presents a token.
//!
//! The text is an HTML file that stays on the server and comes as one string: compiled as a view it would be in the
//! WASM that every page loads. The page carries it twice (as HTML, and as the value hydration reads), which costs little
//! after compression and only here.

use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::Fault;
use crate::errors::RefusedPage;

/// The guides as HTML, with the Help Desk's contact filled in. Anyone may read them.
#[server(prefix = "/fn", endpoint = "guides", input = server_fn::codec::GetUrl)]
pub async fn guides() -> Result<String, Fault> {
    let here = crate::here::Here::get()?;
    let contact = match here.settings.help_desk_contact.trim() {
        "" => String::new(),
        contact => format!("Contact: {}.", escape(contact)),
    };
    Ok(include_str!("guides.html").replace("{{contact}}", &contact))
}

/// Text as HTML.
#[cfg(feature = "ssr")]
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// `/help`.
#[component]
pub fn HelpPage() -> impl IntoView {
    let text = Resource::new(|| (), |()| guides());
    view! {
        <Title text="Help"/>
        <header class="page"><h1>"Help"</h1></header>
        <Suspense>
            {move || Suspend::new(async move {
                match text.await {
                    Ok(html) => Either::Left(view! { <article class="help" inner_html=html></article> }),
                    Err(fault) => Either::Right(view! { <RefusedPage refusal=fault.0/> }),
                }
            })}
        </Suspense>
    }
}
