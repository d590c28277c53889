//! Whether a request's body is a form, as it says, and who has a browser send it: for server
//! functions and for the doors of programs. Tests: `server/tests/server/{oauth,people,leaks}/`.

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

/// Whether a browser sends it for another site's page. At the doors of programs that is nobody's
/// wish: what any page can make somebody's browser send would count against that address.
pub(crate) fn is_sent_by_another_site(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none")
}
