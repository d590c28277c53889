//! Gives the answers of server functions that never ran the status of their refusal: Leptos answers
//! 500 to a form that it cannot read, which is a fault of the form. Whoever opens the address of
//! one as a page (Return in the address bar, after a form was refused without script) is led back.
//! Around server functions alone.

use app::wire::WireEncoding;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};
use desk::Refusal;
use http::StatusCode;
use http::header::ALLOW;
use leptos::server_fn::Decodes;

use super::error_response;

/// More than any refusal needs.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// What whoever opens such an address reads, above the way to the start.
const NOT_A_PAGE: &str = "This address takes a form and shows nothing. Nothing was done. Go to \
    the start, and fill in the form again.";

fn not_a_page(response: &Response) -> Response {
    let css = &crate::site::names().css;
    let page = app::server::standalone_document(css, "There is no page here", NOT_A_PAGE, "");
    let mut page = (response.status(), Html(page)).into_response();
    if let Some(allow) = response.headers().get(ALLOW) {
        page.headers_mut().insert(ALLOW, allow.clone());
    }
    page
}

/// Corrects the status where the body is a refusal.
pub(crate) async fn correct(request: Request, next: Next) -> Response {
    let is_page = error_response::wants_page(request.headers());
    let response = next.run(request).await;
    if is_page && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        return not_a_page(&response);
    }
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, MAX_BODY_BYTES).await.unwrap_or_default();
    if let Ok(refusal) = <WireEncoding as Decodes<Refusal>>::decode(bytes.clone()) {
        parts.status = StatusCode::from_u16(refusal.status()).unwrap_or(parts.status);
    }
    Response::from_parts(parts, Body::from(bytes))
}
