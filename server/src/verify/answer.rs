//! The answers of `/auth/verify`: status and headers say it all, and every refusal is the same.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use desk::Principal;
use http::{HeaderName, HeaderValue, StatusCode, header};

/// How a client should present a token (RFC 7617 §2.1).
pub(crate) const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"Latchkey\", charset=\"UTF-8\"");

const REMOTE_USER: HeaderName = HeaderName::from_static("remote-user");
const REMOTE_NAME: HeaderName = HeaderName::from_static("remote-name");
const REMOTE_EMAIL: HeaderName = HeaderName::from_static("remote-email");
const REMOTE_GROUPS: HeaderName = HeaderName::from_static("remote-groups");
const LATCHKEY_TOKEN: HeaderName = HeaderName::from_static("latchkey-token");

/// 200 with who it is.
pub(super) fn good(pass: &Principal) -> Response {
    let mut response = answer(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(REMOTE_USER, value(pass.netid.as_str()));
    headers.insert(REMOTE_NAME, value(&pass.name));
    headers.insert(REMOTE_EMAIL, value(&pass.email));
    headers.insert(REMOTE_GROUPS, HeaderValue::from_static(pass.role.word()));
    headers.insert(LATCHKEY_TOKEN, value(&pass.token));
    response
}

/// 401, whatever the reason.
pub(super) fn unauthorised() -> Response {
    let mut response = answer(StatusCode::UNAUTHORIZED);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, CHALLENGE);
    response
}

/// 403: the token is good, and its access or its networks forbid this request.
pub(super) fn forbidden() -> Response {
    answer(StatusCode::FORBIDDEN)
}

/// 503: the store cannot be asked. An application that cannot tell must not let anybody in.
pub(super) fn unavailable() -> Response {
    let mut response = answer(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// 429: nobody here has heard of the token, and too many such come. What is known is answered all the same.
pub(super) fn too_many(seconds: u32) -> Response {
    let mut response = answer(StatusCode::TOO_MANY_REQUESTS);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Nothing but the status and headers: proxies look at no more, and each of them waits. Nobody may keep it: the next
/// request may be answered otherwise.
fn answer(status: StatusCode) -> Response {
    let mut response = status.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A header value of any text: UTF-8 as it is (what nginx, Caddy and Traefik pass on and RT expects), control
/// characters, which no header may hold (RFC 9110 §5.5), as spaces.
fn value(text: &str) -> HeaderValue {
    let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let safe: Cow<'_, str> = if !is_plain && text.contains(char::is_control) {
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    } else {
        text.into()
    };
    HeaderValue::from_bytes(safe.trim().as_bytes()).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_utf8_and_cannot_break_out_of_its_header() {
        assert_eq!(value("Zoë Ångström").as_bytes(), "Zoë Ångström".as_bytes());
        assert_eq!(value("Sam\r\nRemote-User: ada\u{7f}\u{85}\0").as_bytes(), b"Sam  Remote-User: ada");
        assert_eq!(value("").as_bytes(), b"");
    }
}
