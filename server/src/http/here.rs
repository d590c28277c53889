//! Gives pages and server functions what they need of the request: [`Here`] in its extensions, then in Leptos's context.

use app::here::Here;
use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use desk::Origin;
use http::HeaderMap;
use http::header::USER_AGENT;
use http::request::Parts;
use leptos::prelude::{provide_context, use_context};

use super::{Caller, Shared};

/// The most characters kept of a User-Agent.
const AGENT_MOST: usize = 256;

/// Puts [`Here`] and the [`Origin`] into the request's extensions.
pub(super) async fn put(State(shared): State<Shared>, Extension(caller): Extension<Caller>, mut request: Request, next: Next) -> Response {
    let origin = Origin { address: caller.address, agent: agent(request.headers()) };
    let pages = shared.pages();
    let here = Here::new(shared.desk, origin.clone(), request.headers(), caller.secure, pages);
    request.extensions_mut().insert(origin);
    request.extensions_mut().insert(here);
    next.run(request).await
}

/// Hands [`Here`] on to Leptos: the `additional_context` of its routes.
pub(super) fn provide() {
    if let Some(here) = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Here>().cloned()) {
        provide_context(here);
    }
}

fn agent(headers: &HeaderMap) -> String {
    let text = headers.get(USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default();
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(AGENT_MOST).collect()
}
