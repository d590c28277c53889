//! Whether an address that a request names is of this site. Tests: below, and
//! `server/tests/server/people/cross_site.rs`.

use axum::extract::Request;
use http::HeaderMap;
use http::header::HOST;
use url::Url;

use super::{AppState, Caller};

/// Whether the address in a header (`Origin`, `Referer`) is of this site: the configured
/// `public_url`, or the `Host` that the request was sent to.
pub(super) fn is_ours(url: &Url, request: &Request, state: &AppState) -> bool {
    let public = state.public_url.as_ref().is_some_and(|public| public.origin() == url.origin());
    let secure = request.extensions().get::<Caller>().is_some_and(|caller| caller.secure);
    public || of_host(url, host(request.headers(), request).as_deref(), secure)
}

/// Whether it is of this site but for its scheme: a page of ours that came by http where all is
/// kept for https.
pub(super) fn is_ours_by_http(url: &Url, request: &Request) -> bool {
    url.scheme() == "http" && of_host(url, host(request.headers(), request).as_deref(), false)
}

/// The same host and port. Where it is not known that pages come by https, both schemes fit: behind
/// a proxy that is not configured, the browser sees https and the server does not.
fn of_host(url: &Url, host: Option<&str>, secure: bool) -> bool {
    let schemes: &[&str] = if secure { &["https"] } else { &["https", "http"] };
    let Some(host) = host.filter(|_| schemes.contains(&url.scheme())) else { return false };
    Url::parse(&format!("{}://{host}/", url.scheme())).is_ok_and(|ours| {
        ours.origin() == url.origin() && ours.username().is_empty() && ours.path() == "/"
    })
}

/// The host named by the request: its `Host` header, or over HTTP/2 the authority of its address.
pub(super) fn host(headers: &HeaderMap, request: &Request) -> Option<String> {
    let named = headers.get(HOST).and_then(|value| value.to_str().ok()).map(str::to_owned);
    named.or_else(|| request.uri().authority().map(ToString::to_string))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(url: &str, host: &str, secure: bool) -> bool {
        of_host(&Url::parse(url).expect("an address"), Some(host), secure)
    }

    #[test]
    fn scheme_host_and_port_count() {
        assert!(fits("http://127.0.0.1:3000/login?next=/", "127.0.0.1:3000", false));
        assert!(fits("https://latchkey.example.edu", "Latchkey.example.edu:443", true));
        assert!(fits("https://latchkey.example.edu", "latchkey.example.edu", false));
        for (url, host) in [
            ("http://127.0.0.1:3001", "127.0.0.1:3000"),
            ("http://evil.example", "latchkey.example.edu"),
            ("https://latchkey.example.edu.evil.example", "latchkey.example.edu"),
            ("data:text/html,x", "x"),
        ] {
            assert!(!fits(url, host, false), "{url}");
        }
        assert!(
            !fits("http://latchkey.example.edu", "latchkey.example.edu", true),
            "http where pages are https"
        );
    }

    #[test]
    fn a_host_that_is_more_than_a_host_fits_nothing() {
        for host in ["", "a b", "x@latchkey.example.edu", "latchkey.example.edu/path"] {
            assert!(!fits("http://latchkey.example.edu", host, false), "{host}");
        }
    }
}
