//! Answers people's doors at this site's names alone. Any name can be made to lead to this machine
//! (DNS rebinding): a page that came by it could ask here as a page of ours, from wherever its
//! reader's browser is allowed to. What cannot be made to lead here is an address, and a name
//! without a dot, as proxies and containers call what is behind them. Programs' doors and health
//! look at no cookie and no proxy's word, and are asked by whatever name a proxy has for them.
//! Tests: below, and `server/tests/server/people/misdirected.rs`.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use desk::{LogLimiter, Refusal};
use http::uri::Authority;
use http::{HeaderValue, StatusCode, header};

use super::error_response::{Form, problem, refuse_with};
use super::{AppState, same_origin};

/// Anybody can ask by any name.
static MISDIRECTED: LogLimiter = LogLimiter::new(1);

/// What whoever comes by another name is told.
const WORDS: &str =
    "There is no Latchkey at this address. Open it by the address that your Help Desk names.";

/// Lets pass what is asked of this site by one of its names.
pub(crate) async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(host) = foreign(&request, &state) else { return next.run(request).await };
    if let Some(left_out) = MISDIRECTED.may_speak() {
        tracing::warn!(
            host = &*host,
            left_out,
            "refused a page that was asked for by another name than that of server.public_url: if \
                it is Latchkey’s, set server.public_url to it, and let the proxy pass Host on as \
                the browser sends it",
        );
    }
    match Form::of(&request) {
        Form::Page => text(),
        Form::Problem => problem(StatusCode::MISDIRECTED_REQUEST, WORDS),
        form @ Form::ServerFunction => {
            refuse_with(StatusCode::MISDIRECTED_REQUEST, form, &Refusal::CrossSite)
        }
    }
}

/// The name that the request was sent to, where it is not this site's. Without `server.public_url`
/// nobody knows them all: then any name counts, unless whoever calls from a proxy's address says by
/// that alone who is logged in.
fn foreign(request: &Request, state: &AppState) -> Option<String> {
    let public = state.public_url.as_ref().and_then(|url| url.host_str());
    let is_believed_unproved = state.remote.is_some() && state.proxy_secret.is_none();
    if public.is_none() && !is_believed_unproved {
        return None;
    }
    // No browser leaves it out.
    let host = same_origin::host(request.headers(), request)?;
    (!is_of_this_site(&host, public)).then_some(host)
}

/// Whether this is a name of this site, at whatever port: proxies leave it out.
fn is_of_this_site(host: &str, public: Option<&str>) -> bool {
    let Ok(host) = host.parse::<Authority>() else { return false };
    let name = host.host();
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_address = name.parse::<Ipv4Addr>().is_ok()
        || name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'))
            .is_some_and(|name| name.parse::<Ipv6Addr>().is_ok());
    let is_public = public.is_some_and(|public| {
        public.strip_suffix('.').unwrap_or(public).eq_ignore_ascii_case(name)
    });
    is_address || !name.contains('.') || is_public
}

/// A line, and no page: what a page leads to is not here.
fn text() -> Response {
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    let no_store = HeaderValue::from_static("no-store");
    let headers = [(header::CONTENT_TYPE, plain), (header::CACHE_CONTROL, no_store)];
    (StatusCode::MISDIRECTED_REQUEST, headers, format!("{WORDS}\n")).into_response()
}

#[cfg(test)]
mod tests {
    use super::is_of_this_site;

    #[test]
    fn the_configured_name_is_this_sites_and_what_nobody_can_lead_here_by() {
        let public = Some("latchkey.example.edu");
        for host in [
            "latchkey.example.edu",
            "Latchkey.Example.EDU:443",
            "latchkey.example.edu.",
            "latchkey.example.edu:",
            "127.0.0.1:3000",
            "192.0.2.2",
            "[::1]:3000",
            "[2001:db8::1]",
            "localhost:3000",
            "latchkey_backend",
        ] {
            assert!(is_of_this_site(host, public), "{host}");
        }
        for host in [
            "evil.example",
            "latchkey.example.edu.evil.example",
            "xlatchkey.example.edu",
            "127.0.0.1.evil.example:3000",
            "127.0.0.1.evil",
            "localhost.evil.example",
            "",
            "a b",
        ] {
            assert!(!is_of_this_site(host, public), "{host}");
            assert!(!is_of_this_site(host, None), "{host}");
        }
        assert!(!is_of_this_site("latchkey.example.edu", None), "nobody knows");
    }
}
