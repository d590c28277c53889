//! Files that a browser saves: each is a plain GET with a file's headers, for a server function's
//! answer is for a script to read. Tests: `server/tests/server/people/{audit_file,review}.rs`.

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use desk::Refusal;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, StatusCode};

use super::RequestContext;
use super::login::log_in_for;

/// Said of every answer here.
pub(super) const NO_STORE: &str = "no-store";

/// The file, under the name that it is saved by.
pub(super) fn answer(body: Body, media_type: &'static str, name: &str) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(NO_STORE));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    response
}

/// A refusal: the answer's status and one line of text.
pub(super) fn refused(refusal: &Refusal) -> Response {
    let status =
        StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(CACHE_CONTROL, NO_STORE)], format!("{refusal}\n")).into_response()
}

/// Where a person is led who asks for a file by its link on a page after their session has ended:
/// to the log-in, and then to that page. None: the session goes on, or cannot be asked for.
pub(super) async fn log_in_first(context: &RequestContext, page: &str) -> Option<Response> {
    if !matches!(context.visitor().await, Err(Refusal::SessionEnded)) {
        return None;
    }
    let query = context.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let to = log_in_for(&format!("{page}{query}"));
    Some(
        (StatusCode::SEE_OTHER, [(LOCATION, to), (CACHE_CONTROL, NO_STORE.to_owned())])
            .into_response(),
    )
}
