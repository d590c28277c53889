//! The answers of `/auth/verify`: status and headers say it all, and every refusal is the same.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use desk::{Moment, Principal};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

/// How a client should present a token (RFC 7617 §2.1).
pub(crate) const CHALLENGE: HeaderValue =
    HeaderValue::from_static("Basic realm=\"Latchkey\", charset=\"UTF-8\"");

/// The same without Basic, for which a browser opens a box of its own.
const FOR_SCRIPT: HeaderValue = HeaderValue::from_static("Bearer realm=\"Latchkey\"");

/// How the asker is told to present a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// By Basic, which every client knows; some send nothing before they are told so.
    Basic,
    /// By Bearer: a page's script asks. It reads the status itself, and nobody is to be asked for a
    /// password in between.
    Bearer,
}

impl Challenge {
    /// By what browsers and their scripts say of themselves. It decides nothing else. Node's
    /// `fetch` says that it is a browser's, too, and has no box that would open: browsers call
    /// themselves Mozilla, all of them.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let is_browser = headers
            .get(header::USER_AGENT)
            .is_none_or(|agent| agent.as_bytes().starts_with(b"Mozilla/"));
        let is_fetch = headers
            .get("sec-fetch-mode")
            .is_some_and(|mode| mode == "cors" || mode == "same-origin");
        if (is_fetch && is_browser)
            || headers.get("x-requested-with").is_some_and(|with| !with.is_empty())
        {
            Self::Bearer
        } else {
            Self::Basic
        }
    }
}

const REMOTE_USER: HeaderName = HeaderName::from_static("remote-user");
const REMOTE_NAME: HeaderName = HeaderName::from_static("remote-name");
const REMOTE_EMAIL: HeaderName = HeaderName::from_static("remote-email");
const REMOTE_GROUPS: HeaderName = HeaderName::from_static("remote-groups");
const LATCHKEY_TOKEN: HeaderName = HeaderName::from_static("latchkey-token");

/// When the token ends, from so many days before on.
const LATCHKEY_TOKEN_EXPIRES: HeaderName = HeaderName::from_static("latchkey-token-expires");
const SOON_DAYS: i64 = 14;

/// 200 with who it is.
pub(super) fn good(principal: &Principal, now: Moment) -> Response {
    let mut response = answer(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(REMOTE_USER, value(principal.netid.as_str()));
    headers.insert(REMOTE_NAME, value(&principal.name));
    // Half an address is another one.
    headers.insert(
        REMOTE_EMAIL,
        value(if principal.email.len() > LONGEST { "" } else { &principal.email }),
    );
    headers.insert(REMOTE_GROUPS, HeaderValue::from_static(principal.role.word()));
    headers.insert(LATCHKEY_TOKEN, value(&principal.token));
    if let Some(ends) = ends_soon(principal.expires, now) {
        headers.insert(LATCHKEY_TOKEN_EXPIRES, value(&ends.rfc3339()));
    }
    response
}

/// When a token ends, where that is soon: of all others nothing is written or put together.
fn ends_soon(expires: Option<Moment>, now: Moment) -> Option<Moment> {
    expires.filter(|ends| *ends <= now.plus_days(SOON_DAYS))
}

/// 401, whatever the reason.
pub(super) fn unauthorised(challenge: Challenge) -> Response {
    let mut response = answer(StatusCode::UNAUTHORIZED);
    let challenge = match challenge {
        Challenge::Basic => CHALLENGE,
        Challenge::Bearer => FOR_SCRIPT,
    };
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
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

/// 429: nobody here has heard of the token, and too many such come. What is known is answered all
/// the same.
pub(super) fn too_many(seconds: u32) -> Response {
    let mut response = answer(StatusCode::TOO_MANY_REQUESTS);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Nothing but the status and headers: proxies look at no more, and each of them waits. Nobody may
/// keep it: the next request may be answered otherwise.
fn answer(status: StatusCode) -> Response {
    let mut response = status.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The most bytes of a name: proxies keep an answer's whole head in a buffer of 4 KiB, and refuse
/// everybody whose does not fit.
const LONGEST: usize = 1024;

/// A header value of any text, its beginning where it is very long: UTF-8 as it is (what nginx,
/// Caddy and Traefik pass on and RT expects), control characters, which no header may hold (RFC
/// 9110 §5.5), as spaces.
fn value(text: &str) -> HeaderValue {
    let text = &text[..text.floor_char_boundary(LONGEST)];
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
    fn a_pages_script_opens_no_box_for_a_password() {
        let of = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().expect("a value"));
            Challenge::of(&headers)
        };
        for (name, value) in [
            ("sec-fetch-mode", "cors"),
            ("sec-fetch-mode", "same-origin"),
            ("x-requested-with", "XMLHttpRequest"),
        ] {
            assert_eq!(of(name, value), Challenge::Bearer, "{name}: {value}");
        }
        for (name, value) in [
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-mode", "no-cors"),
            ("x-requested-with", ""),
            ("accept", "cors"),
        ] {
            assert_eq!(of(name, value), Challenge::Basic, "{name}: {value}");
        }
        let node = [("user-agent", "node"), ("sec-fetch-mode", "cors")];
        let node = node
            .into_iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        assert_eq!(Challenge::of(&node), Challenge::Basic, "a program");
        assert_eq!(
            Challenge::of(&HeaderMap::new()),
            Challenge::Basic,
            "a program, which may wait to be told"
        );
    }

    #[test]
    fn an_end_is_told_in_the_last_fourteen_days() {
        let now = Moment(1_795_511_101_234);
        let header = |ends: Option<Moment>| ends_soon(ends, now);
        assert_eq!(header(None), None);
        for later in [now.plus_days(90), now.plus_days(14).plus_seconds(1)] {
            assert_eq!(header(Some(later)), None, "{later:?}");
        }
        for soon in [now.plus_days(14), now.plus_days(1), now.plus_seconds(1)] {
            assert_eq!(header(Some(soon)), Some(soon));
        }
        assert_eq!(value(&now.rfc3339()).as_bytes(), b"2026-11-24T09:05:01Z");
    }

    #[test]
    fn a_name_is_utf8_and_cannot_break_out_of_its_header() {
        assert_eq!(value("Zoë Ångström").as_bytes(), "Zoë Ångström".as_bytes());
        assert_eq!(
            value("Sam\r\nRemote-User: ada\u{7f}\u{85}\0").as_bytes(),
            b"Sam  Remote-User: ada"
        );
        assert_eq!(value("").as_bytes(), b"");
        assert_eq!(
            value(&"王".repeat(5000)).as_bytes(),
            "王".repeat(LONGEST / 3).as_bytes(),
            "and fits a proxy's buffer"
        );
    }
}
