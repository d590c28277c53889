//! The document around the app, and the policy it is sent with.

use http::HeaderValue;
use http::header::CONTENT_SECURITY_POLICY;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::MetaTags;

use crate::App;
use crate::here::{Here, SiteNames};

/// Sets the chosen theme before the first paint. The choice is kept under `latchkey-theme`; none: as the system says.
const THEME: &str =
    "try{const t=localStorage.getItem('latchkey-theme');if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch{}";

/// A key, as the tab's picture.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='7' fill='%230f5f5c'/%3E\
    %3Cg fill='none' stroke='%23fff' stroke-width='3' stroke-linecap='round' stroke-linejoin='round'%3E%3Ccircle cx='11' cy='16' r='5'/%3E\
    %3Cpath d='M16 16h10v5M21.500 16v4'/%3E%3C/g%3E%3C/svg%3E";

/// The document of every page.
pub fn shell(_options: LeptosOptions) -> impl IntoView {
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    set_policy(&nonce);
    let SiteNames { js, wasm, css } = Here::get().map(|here| here.settings.site.clone()).unwrap_or_default();
    // Written here rather than by leptos's HydrationScripts, which puts the nonce into `crossorigin` of the preload:
    // the browser then fetches the WASM twice. `data-hydrated` tells style and tests that the page answers to script.
    let start = format!(
        "import init,{{hydrate}} from {js:?};init({{module_or_path:{wasm:?}}}).then(()=>{{hydrate();document.documentElement.dataset.hydrated=''}})"
    );
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <script nonce=nonce.clone()>{THEME}</script>
                <link rel="stylesheet" href=css/>
                <link rel="icon" href=ICON/>
                <link rel="modulepreload" href=js/>
                <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin=""/>
                <script type="module" nonce=nonce>{start}</script>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Nothing but this site's own files runs, loads, frames or is sent to; inline scripts carry this answer's nonce.
fn set_policy(nonce: &str) {
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    if let (Some(response), Ok(policy)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&policy)) {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}
