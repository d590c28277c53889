//! Token introspection (RFC 7662) and revocation (RFC 7009) for registered clients
//! (`latchkey client add`).

pub(crate) mod introspect;
mod request;
mod response;
pub(crate) mod revoke;

use crate::web::{Kind, Routes, problems_for_wrong_methods};

pub(crate) use request::TokenForm;
pub(crate) use response::{ClientRefused, Introspection, OAuthError};

/// Both doors.
pub(crate) fn routes() -> Routes {
    Routes::of(Kind::Client)
        .post("/oauth2/introspect", introspect::introspect)
        .post("/oauth2/revoke", revoke::revoke)
        .then(|_, router| router.layer(axum::middleware::map_response(problems_for_wrong_methods)))
}
