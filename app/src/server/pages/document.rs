//! The document around a page, and the policy it is sent with.

use axum::response::{Html, IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_SECURITY_POLICY, SET_COOKIE};
use http::{HeaderValue, StatusCode};
use leptos::prelude::*;

use crate::client::PAGE_MARK;
use crate::pages::draw::{PageData, draw};
use crate::pages::{PageSet, Set};
use crate::server::html;
use crate::server::request_context::{PageSettings, RequestContext, Script};

/// Says that there is script, and sets the chosen theme, before the first paint. The choice is kept
/// under `latchkey-theme`; none: as the system says.
const THEME: &str = "document.documentElement.dataset.script='';try{const t=localStorage.getItem('latchkey-theme');if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch{}";

/// Puts the path at a host that is shared before every link that script draws; what is sent has it
/// already.
const BELOW: &str = include_str!("below.js");

/// What is shown once goes from a page that is left, which a browser may keep whole for the way
/// back; come back to, such a page is asked for anew. Whoever leaves while a new token is shown is
/// asked first.
const ONCE: &str = "{let gone;addEventListener('beforeunload',e=>{if(document.querySelector('dialog .secret'))e.preventDefault()});\
    addEventListener('pagehide',()=>document.querySelectorAll('dialog .secret,.passphrase,[data-once]').forEach(e=>{gone=1;e.closest('dialog,form,[data-once]').remove()}));\
    addEventListener('pageshow',()=>gone&&location.reload())}";

/// A key, as the tab's picture.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 \
    32'%3E%3Crect width='32' height='32' rx='7' fill='%230f5f5c'/%3E\
    %3Cg fill='none' stroke='%23fff' stroke-width='3' stroke-linecap='round' \
    stroke-linejoin='round'%3E%3Ccircle cx='11' cy='16' r='5'/%3E\
    %3Cpath d='M16 16h10v5M21.500 16v4'/%3E%3C/g%3E%3C/svg%3E";

/// The page as an answer, with its status. `left`: what the cookie of outcomes is set to.
pub(super) fn answer<P: PageSet>(
    context: &RequestContext,
    data: PageData<P>,
    left: Option<HeaderValue>,
) -> Response {
    let trouble = data.layout.trouble.as_ref().map(desk::Refusal::status);
    let status = StatusCode::from_u16(trouble.unwrap_or_else(|| data.page.status()))
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let nonce = nonce();
    let mut response = (status, Html(text(&context.settings, data, &nonce))).into_response();
    let head = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy(&nonce)) {
        head.insert(CONTENT_SECURITY_POLICY, policy);
    }
    if let Some(left) = left {
        head.append(SET_COOKIE, left);
    }
    response
}

fn text<P: PageSet>(
    PageSettings { site, prefix, .. }: &PageSettings,
    data: PageData<P>,
    nonce: &str,
) -> String {
    let css = &site.css;
    let netid = data.layout.me.as_ref().map(|me| me.netid.clone()).unwrap_or_default();
    // What it is drawn from goes without the prefix, and so does what script draws; the address of
    // each link has it.
    let (at, below) = if prefix.is_empty() {
        (String::new(), "")
    } else {
        (format!(" data-at=\"{}\"", html::escape(prefix)), BELOW)
    };
    let title = html::escape(&data.page.title());
    let script = match P::SET {
        Some(Set::Settings) => scripts(&site.settings, &netid, nonce),
        Some(Set::Admin) => scripts(&site.admin, &netid, nonce),
        None => String::new(),
    };
    // What needs no script is alive as it is sent.
    let alive = if P::SET.is_some() { "" } else { " data-hydrated" };
    let for_browser = P::SET.map(|_| {
        let data = PageData { page: data.page.for_browser(), ..data.clone() };
        let data = STANDARD.encode(postcard::to_allocvec(&data).unwrap_or_default());
        format!("<script type=\"application/octet-stream\" id=\"data\">{data}</script>")
    });
    let owner = Owner::new();
    let page = owner.with(|| draw(data).to_html());
    owner.cleanup();
    format!(
        "<!DOCTYPE html><html lang=\"en\"{alive}{at}><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta \
         name=\"color-scheme\" content=\"light dark\">\
         <meta name=\"description\" content=\"Auth tokens and local passwords.\"><title>{title} · \
         Latchkey</title>\
         <script nonce=\"{nonce}\">{THEME};{ONCE};{below}</script><link rel=\"stylesheet\" \
         href=\"{css}\"><link rel=\"icon\" href=\"{ICON}\">{script}</head>\
         <body>{page}{}</body></html>",
        for_browser.unwrap_or_default()
    )
}

/// What loads the WASM and brings the page to life, in two tasks, so that a slow machine answers in
/// between. `data-hydrated` then tells style and tests that the page answers to script. What the
/// page was told is taken out of it: it may hold what is shown once. With which WASM it was loaded
/// and for whom it was made is what it says of itself whenever it asks for something.
fn scripts(Script { js, wasm }: &Script, netid: &str, nonce: &str) -> String {
    format!(
        "<link rel=\"modulepreload\" href=\"{js}\"><link rel=\"preload\" href=\"{wasm}\" \
            as=\"fetch\" type=\"application/wasm\" crossorigin {PAGE_MARK}=\"{wasm} {netid}\">\
         <script type=\"module\" nonce=\"{nonce}\">import init,{{hydrate_page}} from \
         {js:?};init({{module_or_path:{wasm:?}}}).then(()=>\
         setTimeout(()=>{{const \
         data=document.getElementById('data');data.remove();hydrate_page(Uint8Array.from(atob(data.textContent),c=>c.charCodeAt()))}}))</script>"
    )
}

/// 128 bits, as CSP level 3 asks for at least (§7.1).
fn nonce() -> String {
    STANDARD.encode(rand::random::<[u8; 16]>())
}

/// Nothing but this site's own files runs, loads, frames or is sent to; inline scripts carry this
/// answer's nonce.
fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src \
         'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}
