//! Whether a request's body is a form, as it says: for server functions and for the doors of
//! registered clients. Tests: `server/tests/server/oauth/`, `server/tests/server/people/`.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// Whether it says, once, that a form is in it.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let mut types =
        headers.get_all(CONTENT_TYPE).iter().map(|types| types.to_str().unwrap_or_default());
    let essence = types.next().and_then(|types| types.split(';').next()).unwrap_or_default();
    types.next().is_none()
        && essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
