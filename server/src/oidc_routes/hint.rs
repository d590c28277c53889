//! The ID token of a log-in, kept by the browser for the way out: some providers log nobody out
//! without it (OpenID Connect RP-Initiated Logout 1.0 §2, `id_token_hint`). It opens nothing here.

use http::HeaderMap;

use app::server::request_context::{cookie_line, cookie_value};

/// The only address that it is sent to.
const PATH: &str = "/login/oidc/out";

/// The largest that is kept: proxies keep 4096 bytes for all headers of an answer together.
const MAX_HINT_BYTES: usize = 1950;

fn name(secure: bool) -> &'static str {
    if secure { "__Secure-latchkey-hint" } else { "latchkey-hint" }
}

/// The line that sets it; none: it is too large. As long as the browser is open.
pub(super) fn cookie(secure: bool, token: &str) -> Option<String> {
    (token.len() <= MAX_HINT_BYTES).then(|| cookie_line(name(secure), token, PATH, secure, None))
}

/// The line that removes it.
pub(super) fn no_cookie(secure: bool) -> String {
    cookie_line(name(secure), "", PATH, secure, Some(0))
}

/// What the browser has kept, if it looks like a token and there is one only.
pub(super) fn read(headers: &HeaderMap, secure: bool) -> Option<String> {
    let value = cookie_value(headers, name(secure))?;
    let good = value.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.'));
    (good && !value.is_empty() && value.len() <= MAX_HINT_BYTES).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_of(line: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.append("cookie", line.parse().expect("a value"));
        read(&headers, true)
    }

    #[test]
    fn it_goes_to_the_way_out_alone_and_comes_back_as_it_was() {
        let line = cookie(true, "a.b-c.d_e").expect("small");
        assert!(
            line.starts_with("__Secure-latchkey-hint=a.b-c.d_e; Path=/login/oidc/out; HttpOnly")
                && line.contains("; Secure")
        );
        assert_eq!(read_of(line.split(';').next().expect("a pair")).as_deref(), Some("a.b-c.d_e"));
        assert!(no_cookie(true).contains("Max-Age=0"));
    }

    #[test]
    fn what_is_large_double_or_no_token_is_left_out() {
        assert_eq!(cookie(true, &"x".repeat(MAX_HINT_BYTES + 1)), None);
        for line in ["__Secure-latchkey-hint=a&b", "__Secure-latchkey-hint=", "latchkey-hint=a"] {
            assert_eq!(read_of(line), None, "{line}");
        }
        assert_eq!(read_of("__Secure-latchkey-hint=a; __Secure-latchkey-hint=b"), None);
    }
}
