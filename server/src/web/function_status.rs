//! Gives the answers of server functions that never ran the status of their refusal: Leptos answers
//! 500 to a form that it cannot read, which is a fault of the form. Around server functions alone.

use app::wire::WireEncoding;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use desk::Refusal;
use http::StatusCode;
use leptos::server_fn::Decodes;

/// More than any refusal needs.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Corrects the status where the body is a refusal.
pub(super) async fn correct(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
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
