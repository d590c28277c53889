//! Which host a request is for, said once and readably, before anything else looks at it: whoever
//! stands in between may have taken another of two `Host` lines for the one that counts (RFC 9112
//! §3.2). Tests: below, and `server/tests/server/named_host.rs`.

use std::net::{Ipv6Addr, SocketAddr};

use axum::body::Body;
use axum::response::Response;
use desk::LogLimiter;
use http::header::{self, HOST};
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Request, StatusCode, Version};

/// Lines of log about requests that do not say it.
static UNNAMED: LogLimiter = LogLimiter::new(1);

/// Whether it is said once and readably, and in a request line with a whole address as there.
/// HTTP/1.0 knows no `Host`.
pub(super) fn is_named<B>(request: &Request<B>) -> bool {
    let mut value = request.headers().get_all(HOST).iter();
    let (host, is_twice) = (value.next(), value.next().is_some());
    match (host, request.uri().authority()) {
        _ if is_twice => false,
        (None, _) => request.version() < Version::HTTP_11,
        (Some(host), None) => is_readable(host).is_some(),
        (Some(host), Some(target)) => {
            is_readable(host).is_some_and(|host| is_same(&host, target, request.uri().scheme()))
        }
    }
}

/// A host, perhaps with a port, and nothing else.
fn is_readable(value: &HeaderValue) -> Option<Authority> {
    let value = Authority::try_from(value.as_bytes()).ok()?;
    let host = value.host();
    // A name and a password may stand before it in an address.
    let behind = value.as_str().strip_prefix(host)?;
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let readable = !host.is_empty()
        && (behind.is_empty() || behind.strip_prefix(':').is_some_and(is_port))
        && host.strip_prefix('[').is_none_or(|address| {
            address.strip_suffix(']').is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
        });
    readable.then_some(value)
}

/// Whether both are one host, at one port.
fn is_same(host: &Authority, target: &Authority, scheme: Option<&Scheme>) -> bool {
    let usual = scheme.and_then(|scheme| match scheme.as_str() {
        "http" => Some(":80"),
        "https" => Some(":443"),
        _ => None,
    });
    let bare = |authority: &Authority| {
        let text = authority.as_str().trim_end_matches(':').to_ascii_lowercase();
        usual.and_then(|usual| text.strip_suffix(usual).map(str::to_owned)).unwrap_or(text)
    };
    bare(host) == bare(target)
}

/// 400, and the connection ends: what comes behind it may be what somebody hid in it.
pub(super) fn refuse(peer: SocketAddr) -> Response {
    if let Some(left_out) = UNNAMED.may_speak() {
        tracing::warn!(
            peer = %peer.ip(), left_out,
            "refused a request that does not name one host: it has no Host header, several, one \
                that cannot be read or another than its address",
        );
    }
    let mut response =
        Response::new(Body::from("A request names the host that it is for, once, in Host.\n"));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(target: &str, hosts: &[&str], version: Version) -> bool {
        let mut request = Request::builder().uri(target).version(version);
        for host in hosts {
            let host = HeaderValue::from_bytes(host.as_bytes()).expect("a value");
            request = request.header(HOST, host);
        }
        is_named(&request.body(()).expect("a request"))
    }

    #[test]
    fn one_host_is_named_once() {
        for host in [
            "latchkey.example.edu",
            "Latchkey.Example.EDU:443",
            "127.0.0.1:3000",
            "[::1]",
            "[2001:db8::1]:3000",
            "latchkey_backend",
            "localhost",
            "localhost:",
        ] {
            assert!(named("/login", &[host], Version::HTTP_11), "{host}");
            assert!(named("/login", &[host], Version::HTTP_10), "{host}");
            assert!(!named("/login", &[host, host], Version::HTTP_11), "twice {host}");
            assert!(!named("/login", &[host, "x"], Version::HTTP_10), "{host} and another");
        }
        for host in [
            "",
            " ",
            "a b",
            "a, b",
            "a/b",
            "a?b",
            "a#b",
            "user@latchkey.example.edu",
            "latchkey.example.edu@x",
            "latchkey.example.edu@latchkey.example.edu",
            "http://latchkey.example.edu",
            "latchkey.example.edu:http",
            "a:1:2",
            "::1",
            "[::1",
            "[::g]",
            "[]",
            ":3000",
            "é.example.edu",
            "a\\b",
            "<a>",
        ] {
            assert!(!named("/login", &[host], Version::HTTP_11), "{host}");
        }
        assert!(!named("/login", &[], Version::HTTP_11), "none");
        assert!(named("/login", &[], Version::HTTP_10), "none in HTTP/1.0");
    }

    #[test]
    fn a_whole_address_names_the_same_host() {
        for (target, host) in [
            ("http://latchkey.example.edu/login", "latchkey.example.edu"),
            ("http://latchkey.example.edu/login", "LATCHKEY.example.edu:80"),
            ("https://latchkey.example.edu:443/login", "latchkey.example.edu"),
            ("http://[::1]:3000/", "[::1]:3000"),
        ] {
            assert!(named(target, &[host], Version::HTTP_11), "{target} {host}");
        }
        for (target, host) in [
            ("http://latchkey.example.edu/login", "other.example.edu"),
            ("http://latchkey.example.edu/login", "latchkey.example.edu:443"),
            ("http://latchkey.example.edu/login", "latchkey.example.edu:3000"),
            ("http://latchkey.example.edu:8080/", "latchkey.example.edu"),
            ("http://user@latchkey.example.edu/", "latchkey.example.edu"),
            ("http://latchkey.example.edu/", ""),
        ] {
            assert!(!named(target, &[host], Version::HTTP_11), "{target} {host}");
        }
    }
}
