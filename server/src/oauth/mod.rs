//! Token introspection (RFC 7662) and revocation (RFC 7009) for registered clients (`latchkey client add`).

mod answer;
mod asked;
pub(crate) mod introspect;
pub(crate) mod revoke;

use crate::api::problems_for_wrong_methods;
use crate::http::{Kind, Routes};

pub(crate) use answer::{ClientRefused, Introspection, OAuthError};
pub(crate) use asked::TokenForm;

/// Both doors.
pub(crate) fn routes() -> Routes {
    Routes::of(Kind::Client)
        .post("/oauth2/introspect", introspect::introspect)
        .post("/oauth2/revoke", revoke::revoke)
        .then(|_, router| router.layer(axum::middleware::map_response(problems_for_wrong_methods)))
}
