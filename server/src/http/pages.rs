//! Pages, server functions, and what is neither. What they are is written in `app`.

use app::here::Here;
use axum::Extension;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::{Method, StatusCode};
use leptos::prelude::provide_context;

use super::refuse::{self, wants_page};

/// Answers a page's address.
pub(super) async fn page(Extension(here): Extension<Here>) -> Response {
    app::pages::serve(here).await
}

/// Answers what posts to a server function: it finds [`Here`] in Leptos's context.
pub(super) async fn function(Extension(here): Extension<Here>, request: Request) -> Response {
    leptos_axum::handle_server_fns_with_context(move || provide_context(here.clone()), request).await.into_response()
}

/// Answers an address of nothing: the app's own page for people, problem details for programs; 404 for both.
pub(super) async fn not_found(Extension(here): Extension<Here>, request: Request) -> Response {
    if wants_page(request.headers()) && matches!(*request.method(), Method::GET | Method::HEAD) {
        return app::pages::not_found(here).await;
    }
    refuse::problem(StatusCode::NOT_FOUND, "There is nothing at this address.")
}
