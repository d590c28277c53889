//! What no route answers.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use leptos::config::LeptosOptions;

use super::refuse::{self, wants_page};
use super::{Shared, here};

/// The app's own page for people, problem details for programs; 404 for both.
pub(super) async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let for_people = wants_page(request.headers()) && matches!(*request.method(), Method::GET | Method::HEAD);
    if !for_people {
        return refuse::problem(StatusCode::NOT_FOUND, "There is nothing at this address.");
    }
    let options = <LeptosOptions as axum::extract::FromRef<Shared>>::from_ref(&shared);
    let render = leptos_axum::render_app_async_with_context(here::provide, move || app::shell(options.clone()));
    let mut response = render(request).await.into_response();
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}
