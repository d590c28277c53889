//! Whether a request's body is a form, as it says: for server functions and for the doors of
//! registered clients. Tests: `server/tests/server/oauth/`, `server/tests/server/people/`.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// Whether it says, once, that a form is in it.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let mut said =
        headers.get_all(CONTENT_TYPE).iter().map(|said| said.to_str().unwrap_or_default());
    let essence = said.next().and_then(|said| said.split(';').next()).unwrap_or_default();
    said.next().is_none()
        && essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
