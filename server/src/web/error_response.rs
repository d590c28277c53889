//! Refusals made before a page or server function is reached, in the form that the asker reads: a
//! plain page, the answer of a server function, or problem details for programs (RFC 9457).

use app::wire::WireEncoding;
use axum::extract::Request;
use axum::response::{Html, IntoResponse, Response};
use desk::Refusal;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use leptos::server_fn::{ContentType as _, Encodes as _};
use serde_json::json;

use super::request_id;
use super::routes::Kind;

/// Whether a browser asks for a page.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .any(|value| value.to_str().is_ok_and(|accept| accept.contains("text/html")))
}

/// The refusal as an answer to `request`.
pub(super) fn refuse(request: &Request, refusal: &Refusal) -> Response {
    refuse_as(Form::of(request), refusal)
}

/// The form in which an answer is read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// A person, in a browser.
    Page,
    /// Our own script.
    ServerFunction,
    /// A program.
    Problem,
}

impl Form {
    /// What the asker of `request` reads.
    pub(super) fn of(request: &Request) -> Self {
        if wants_page(request.headers()) {
            return Self::Page;
        }
        match Kind::of(request) {
            Kind::ServerFunction => Self::ServerFunction,
            Kind::Page
            | Kind::File
            | Kind::Live
            | Kind::SignOn
            | Kind::MachineApi
            | Kind::Client
            | Kind::Calendar
            | Kind::Scim
            | Kind::Leak
            | Kind::Verify
            | Kind::Health
            | Kind::Site
            | Kind::Nothing => Self::Problem,
        }
    }
}

/// The refusal in that form, with its status and, where one should wait, `Retry-After`.
pub(super) fn refuse_as(form: Form, refusal: &Refusal) -> Response {
    refuse_with(
        StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        form,
        refusal,
    )
}

/// The same with another status.
pub(super) fn refuse_with(status: StatusCode, form: Form, refusal: &Refusal) -> Response {
    let mut response = match form {
        Form::Page => page(status, &refusal.to_string()),
        Form::ServerFunction => server_function(status, refusal),
        Form::Problem => problem(status, &refusal.to_string()),
    };
    let wait = match refusal {
        Refusal::TooManyAttempts { seconds } | Refusal::SessionTooFast { seconds } => {
            Some(*seconds)
        }
        Refusal::Unavailable | Refusal::DirectoryUnavailable => Some(5),
        _ => None,
    };
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The error of a server function, as `app::ApiError` reads it.
fn server_function(status: StatusCode, refusal: &Refusal) -> Response {
    let words = WireEncoding::encode(refusal).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, WireEncoding::CONTENT_TYPE)], words).into_response()
}

/// Problem details (RFC 9457) with a title of the status and these words.
pub(crate) fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let body = json!({
        "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail,
    });
    (
        status,
        [(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))],
        body.to_string(),
    )
        .into_response()
}

/// 405 with the methods there are in `Allow`, in the words of every other problem.
pub(crate) async fn problems_for_wrong_methods(response: Response) -> Response {
    if response.status() != StatusCode::METHOD_NOT_ALLOWED {
        return response;
    }
    let mut refused = problem(
        StatusCode::METHOD_NOT_ALLOWED,
        "This address takes another method: see the header Allow.",
    );
    if let Some(allow) = response.headers().get(header::ALLOW) {
        refused.headers_mut().insert(header::ALLOW, allow.clone());
    }
    refused
}

/// A page that stands on its own: whatever went wrong, it needs neither the desk nor the app. Where
/// something is broken it names the request.
pub(super) fn page(status: StatusCode, words: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let id = if status.is_server_error() { request_id::current() } else { String::new() };
    let css = &crate::site::names().css;
    (status, Html(app::server::standalone_document(css, title, words, &id))).into_response()
}
