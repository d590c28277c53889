//! Token introspection (RFC 7662) and revocation (RFC 7009) for registered clients (`latchkey client add`).

mod answer;
mod asked;
pub(crate) mod introspect;
pub(crate) mod revoke;

use axum::Router;
use axum::routing::post;

use crate::api::problems_for_wrong_methods;
use crate::http::Shared;

pub(crate) use answer::{ClientRefused, Introspection, OAuthError};
pub(crate) use asked::TokenForm;

/// Both doors.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/oauth2/introspect", post(introspect::introspect))
        .route("/oauth2/revoke", post(revoke::revoke))
        .layer(axum::middleware::map_response(problems_for_wrong_methods))
}
