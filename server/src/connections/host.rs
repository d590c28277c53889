//! Which host a request is for, said once and readably, before anything else looks at it: whoever
//! stands in between may have taken another of two `Host` lines for the one that counts (RFC 9112
//! §3.2). Tests: below, and `server/tests/server/named_host.rs`.

use std::net::{Ipv6Addr, SocketAddr};

use axum::body::Body;
use axum::response::Response;
use desk::LogLimiter;
use http::header::{self, COOKIE, HOST};
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, Version};

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

/// The same of a request by HTTP/2, which names its host in `:authority` (RFC 9113 §8.3.1). It is
/// written into `Host` then, where whatever else looks for it finds it, and its target is a path.
pub(super) fn name<B>(request: &mut Request<B>) -> bool {
    let uri = request.uri();
    let (Some(target), Some(path)) = (uri.authority().cloned(), uri.path_and_query().cloned())
    else {
        // A proxy between the two versions may know no other name than Host's.
        return request.method() != Method::CONNECT && is_named(request);
    };
    let mut value = request.headers().get_all(HOST).iter();
    let (host, is_twice) = (value.next(), value.next().is_some());
    let agrees = host.is_none_or(|host| {
        is_readable(host).is_some_and(|host| is_same(&host, &target, request.uri().scheme()))
    });
    let named = HeaderValue::from_str(target.as_str()).ok();
    let Some(named) = named.filter(|named| is_readable(named).is_some()) else { return false };
    if is_twice || !agrees || request.method() == Method::CONNECT {
        return false;
    }
    request.headers_mut().insert(HOST, named);
    *request.uri_mut() = Uri::from(path);
    true
}

/// By HTTP/2 cookies may come one by one (RFC 9113 §8.2.3): they are one header to whoever reads
/// them.
pub(super) fn join_cookies(headers: &mut HeaderMap) {
    let mut all = headers.get_all(COOKIE).iter();
    let (Some(first), Some(_)) = (all.next(), all.next()) else { return };
    let mut joined = first.as_bytes().to_vec();
    for cookie in headers.get_all(COOKIE).iter().skip(1) {
        joined.extend_from_slice(b"; ");
        joined.extend_from_slice(cookie.as_bytes());
    }
    if let Ok(joined) = HeaderValue::from_bytes(&joined) {
        headers.insert(COOKIE, joined);
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

    /// Host and target that a request by HTTP/2 has in the end, if it names one host.
    fn by_http2(method: Method, target: &str, hosts: &[&str]) -> Option<(String, String)> {
        let mut request = Request::builder().method(method).uri(target).version(Version::HTTP_2);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let mut request = request.body(()).expect("a request");
        name(&mut request).then(|| {
            let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
            (host.unwrap_or_default().to_owned(), request.uri().to_string())
        })
    }

    #[test]
    fn by_http_2_the_authority_is_the_host() {
        let named: [(&str, &[&str]); 3] = [
            ("https://latchkey.example.edu/login?a=b", &[]),
            ("https://latchkey.example.edu/login?a=b", &["latchkey.example.edu"]),
            ("/login?a=b", &["latchkey.example.edu"]),
        ];
        for (target, hosts) in named {
            assert_eq!(
                by_http2(Method::GET, target, hosts),
                Some(("latchkey.example.edu".to_owned(), "/login?a=b".to_owned())),
                "{target} {hosts:?}"
            );
        }
        let unnamed: [(&str, &[&str]); 4] = [
            ("https://latchkey.example.edu/login", &["other.example.edu"]),
            ("https://latchkey.example.edu/", &["latchkey.example.edu", "latchkey.example.edu"]),
            ("https://user@latchkey.example.edu/", &[]),
            ("/login", &[]),
        ];
        for (target, hosts) in unnamed {
            assert_eq!(by_http2(Method::GET, target, hosts), None, "{target} {hosts:?}");
        }
        assert_eq!(by_http2(Method::CONNECT, "latchkey.example.edu:443", &[]), None);
    }

    #[test]
    fn cookies_that_come_one_by_one_are_one_header() {
        let mut headers = HeaderMap::new();
        join_cookies(&mut headers);
        assert!(headers.is_empty());
        for cookie in ["a=b", "c=d; e=f", "g=h"] {
            headers.append(COOKIE, HeaderValue::from_static(cookie));
        }
        join_cookies(&mut headers);
        let all: Vec<_> = headers.get_all(COOKIE).iter().collect();
        assert_eq!(all, ["a=b; c=d; e=f; g=h"]);
    }
}
