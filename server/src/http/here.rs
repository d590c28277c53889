//! Gives pages and server functions what they need of the request: [`Here`] in its extensions.

use app::here::Here;
use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::{Caller, Shared};

/// Puts [`Here`] into the request's extensions.
pub(super) async fn put(State(shared): State<Shared>, Extension(caller): Extension<Caller>, mut request: Request, next: Next) -> Response {
    let (origin, pages) = (caller.origin(request.headers()), shared.pages());
    let here = Here::new(shared.desk.clone(), origin, request.uri().clone(), request.headers(), caller.secure, pages);
    request.extensions_mut().insert(here);
    next.run(request).await
}
