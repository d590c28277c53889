//! The answers of `/auth/verify`: headers say it all, bodies are one short line that is the same for every refusal.

use axum::response::{IntoResponse, Response};
use desk::Pass;
use http::{HeaderName, HeaderValue, StatusCode, header};

/// How a client should present a token (RFC 7617 §2.1).
pub(crate) const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"Latchkey\", charset=\"UTF-8\"");

/// 200 with who it is.
pub(super) fn good(pass: &Pass) -> Response {
    let headers = [
        ("remote-user", value(pass.netid.as_str())),
        ("remote-name", value(&pass.name)),
        ("remote-email", value(&pass.email)),
        ("remote-groups", value(pass.role.word())),
        ("latchkey-token", value(&pass.token)),
    ];
    (StatusCode::OK, headers.map(|(name, value)| (HeaderName::from_static(name), value)), "good\n").into_response()
}

/// 401, whatever the reason.
pub(super) fn unauthorised() -> Response {
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, CHALLENGE)], "unauthorised\n").into_response()
}

/// 403: the token is good, and its access or its networks forbid this request.
pub(super) fn forbidden() -> Response {
    (StatusCode::FORBIDDEN, "forbidden\n").into_response()
}

/// 503: the store cannot be asked. An application that cannot tell must not let anybody in.
pub(super) fn unavailable() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, HeaderValue::from_static("1"))], "unavailable\n").into_response()
}

/// A header value of any text: UTF-8 as it is (what nginx, Caddy and Traefik pass on and RT expects), control
/// characters, which no header may hold (RFC 9110 §5.5), as spaces.
fn value(text: &str) -> HeaderValue {
    let safe: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
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
