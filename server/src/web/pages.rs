//! Pages, server functions, and what is neither. What they are is written in `app`.

use app::server::request_context::RequestContext;
use axum::Extension;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use desk::Refusal;
use http::header::LOCATION;
use http::{HeaderValue, Method, StatusCode};
use leptos::prelude::provide_context;

use super::error_response::{self, wants_page};
use super::right_path::right_path;
use super::{AppState, is_form, take_vouched};

/// Answers a page's address.
pub(crate) async fn page(
    State(state): State<AppState>,
    Extension(context): Extension<RequestContext>,
) -> Response {
    // A log-in, though no form is sent.
    if app::server::pages::signs_in_from_proxy(&context).await
        && let Some(who) = &context.vouched
        && let Err(refusal) = take_vouched(&state, &who.netid)
    {
        return error_response::refuse_as(error_response::Form::Page, &refusal);
    }
    app::server::pages::serve(context).await
}

/// Leads password managers to where a local password is changed, by the path that they know
/// (<https://www.w3.org/TR/change-password-url/>).
pub(crate) async fn change_password() -> Response {
    (StatusCode::FOUND, [(LOCATION, "/settings/about-me")]).into_response()
}

/// Answers what posts to a server function: it finds [`RequestContext`] in Leptos's context.
pub(crate) async fn function(
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    // A page from before an upgrade would not understand the answer. It is loaded anew; nothing has
    // been done. For whom it was made stands behind that.
    let version = request
        .headers()
        .get(app::PAGE_VERSION)
        .map(|version| version.to_str().unwrap_or_default().to_owned());
    let speaks = |version: String| {
        version.split(' ').next().is_some_and(|wasm| context.settings.site.speaks(wasm))
    };
    if version.is_some_and(|version| !speaks(version)) {
        return StatusCode::PRECONDITION_FAILED.into_response();
    }
    // What forms and our script send, and nothing that another door of the program would read
    // otherwise.
    if !is_form(request.headers()) {
        return error_response::refuse_with(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            error_response::Form::of(&request),
            &Refusal::Unreadable,
        );
    }
    leptos_axum::handle_server_fns_with_context(move || provide_context(context.clone()), request)
        .await
        .into_response()
}

/// Answers an address of nothing: leads to the page that was meant, where that can be told; else
/// the app's own page for people, problem details for programs, 404 for both.
pub(crate) async fn not_found(
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if let Some(Ok(meant)) =
        right_path(request.uri()).filter(|_| is_read).map(HeaderValue::try_from)
    {
        return (StatusCode::PERMANENT_REDIRECT, [(LOCATION, meant)]).into_response();
    }
    nothing(Extension(context), request).await
}

/// The same where no page can have been meant.
pub(crate) async fn nothing(
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if wants_page(request.headers()) && is_read {
        return app::server::pages::not_found(context).await;
    }
    error_response::problem(StatusCode::NOT_FOUND, "There is nothing at this address.")
}
