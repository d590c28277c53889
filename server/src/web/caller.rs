//! Who calls, as far as the network tells: the client's address, and whether it came by https.
//!
//! `X-Forwarded-*` is believed from configured proxies only ([`super::proxies`]): from anybody else
//! it is just text that they chose. What a trusted one says that cannot be read is no address: a
//! token bound to networks opens nothing then. Tests: below, and
//! `server/tests/server/{auth/verify,api/mod,oauth/mod}.rs`.

use std::net::{IpAddr, SocketAddr};

use super::AppState;
use super::proxies::{Proxies, parse_address};
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use desk::Origin;
use http::header::USER_AGENT;
use http::{HeaderMap, HeaderName};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The most characters kept of a User-Agent.
const MAX_AGENT: usize = 256;

/// Where a request comes from; in its extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The client's address, or where it is not known that of whoever is nearest: for the log, and
    /// for what is counted by address.
    pub(crate) address: IpAddr,
    /// The client's address; none where a trusted proxy does not say it, or not so that it can be
    /// read: what networks a token is bound to is held against this one alone.
    pub(crate) client: Option<IpAddr>,
    /// It came through a trusted proxy, whose `X-Original-*` and `X-Forwarded-*` count.
    pub(crate) through_proxy: bool,
    /// It came by https, or everything does.
    pub(crate) secure: bool,
}

/// Puts the [`Caller`] into the request's extensions.
pub(crate) async fn find(
    State(state): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = Caller::of(peer.ip(), request.headers(), &state.proxies, state.always_secure);
    request.extensions_mut().insert(caller);
    next.run(request).await
}

impl Caller {
    /// Of a request from `peer` with these headers.
    pub(crate) fn of(
        peer: IpAddr,
        headers: &HeaderMap,
        proxies: &Proxies,
        always_secure: bool,
    ) -> Self {
        let peer = peer.to_canonical();
        if !proxies.trusts_peer(peer) {
            if headers.contains_key(X_FORWARDED_FOR) {
                proxies.warn_of(peer);
            }
            return Self {
                address: peer,
                client: Some(peer),
                through_proxy: false,
                secure: always_secure,
            };
        }
        let claims_https = list(headers, X_FORWARDED_PROTO)
            .next()
            .is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
        let client = client(headers, proxies);
        if client.is_none() {
            say_why(peer, headers, proxies);
        }
        Self {
            address: client.unwrap_or(peer),
            client,
            through_proxy: true,
            secure: always_secure || claims_https,
        }
    }

    /// Where the request comes from, for the audit.
    pub(crate) fn origin(self, headers: &HeaderMap) -> Origin {
        let agent = headers
            .get(USER_AGENT)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .unwrap_or_default();
        let agent = agent
            .chars()
            .map(|c| if desk::is_invisible(c) { ' ' } else { c })
            .take(MAX_AGENT)
            .collect();
        Origin { address: self.address, agent }
    }
}

/// The rightmost address of `X-Forwarded-For` that is no trusted proxy's: each proxy appends whom
/// it heard it from, so that everything left of that one is what the client itself chose to say.
/// Where all are proxies', the leftmost. None where a word on the way there is no address, or there
/// is none at all.
fn client(headers: &HeaderMap, proxies: &Proxies) -> Option<IpAddr> {
    let mut farthest = None;
    for word in list(headers, X_FORWARDED_FOR) {
        let address = parse_address(word)?;
        farthest = Some(address);
        if !proxies.trusts(address) {
            break;
        }
    }
    farthest
}

/// Says which header could not be read, or which other one is there in its place.
fn say_why(peer: IpAddr, headers: &HeaderMap, proxies: &Proxies) {
    let names = ["x-forwarded-for", "forwarded", "x-real-ip"];
    if let Some((name, stated)) =
        names.into_iter().find_map(|name| Some((name, headers.get_all(name).iter().next_back()?)))
    {
        proxies.cannot_read(peer, name, stated.as_bytes());
    }
}

/// The words of a header that lists, from the right, over all of its lines.
fn list(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines: Vec<&str> =
        headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default()).collect();
    lines.into_iter().rev().flat_map(|line| line.rsplit(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: &str = "10.0.0.1";

    fn caller(peer: &str, headers: &[(&'static str, &str)], proxies: &[&str]) -> Caller {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a value"));
        }
        let proxies = proxies.iter().map(|network| network.parse().expect("a network")).collect();
        Caller::of(peer.parse().expect("an address"), &map, &Proxies::new(proxies), false)
    }

    /// The client's address where it is known, else nothing; it is then the peer that is counted.
    fn address(forwarded: &[&str]) -> String {
        let headers: Vec<_> = forwarded.iter().map(|line| ("x-forwarded-for", *line)).collect();
        let caller = caller(PEER, &headers, &["10.0.0.0/8", "fd00::/8"]);
        assert_eq!(
            caller.address.to_string(),
            caller.client.map_or(PEER.to_owned(), |client| client.to_string())
        );
        caller.client.map(|client| client.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        let stranger = caller(
            "203.0.113.7",
            &[("x-forwarded-for", "10.9.9.9"), ("x-forwarded-proto", "https")],
            &["10.0.0.0/8"],
        );
        let address = [203, 0, 113, 7].into();
        assert_eq!(
            stranger,
            Caller { address, client: Some(address), through_proxy: false, secure: false }
        );
        assert!(!caller(PEER, &[("x-forwarded-for", "192.0.2.1")], &[]).through_proxy);
    }

    #[test]
    fn the_rightmost_address_that_is_no_proxys_is_the_client() {
        assert_eq!(address(&["192.0.2.1"]), "192.0.2.1");
        assert_eq!(address(&["6.6.6.6, 192.0.2.1, 10.0.0.2"]), "192.0.2.1");
        assert_eq!(address(&["6.6.6.6", "192.0.2.1", "10.0.0.2"]), "192.0.2.1");
        assert_eq!(address(&["6.6.6.6, [2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(address(&["192.0.2.1:4711, ::ffff:10.0.0.3"]), "192.0.2.1");
    }

    #[test]
    fn where_all_are_proxies_the_farthest_is_the_client() {
        assert_eq!(address(&["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
    }

    #[test]
    fn what_cannot_be_read_is_no_address() {
        for unreadable in [
            "",
            "unknown",
            "unix:",
            "-",
            "203.0.113.9, unknown",
            "203.0.113.9:",
            "2001:db8::1%eth0",
            "203.0.113.9;x",
        ] {
            assert_eq!(address(&[unreadable]), "", "{unreadable}");
        }
        assert_eq!(
            address(&["192.0.2.1, unknown, 10.0.0.2"]),
            "",
            "whoever stands left of it is anybody's word"
        );
        assert_eq!(address(&["203.0.113.9:x, 10.0.0.2"]), "");
        assert_eq!(address(&["192.0.2.1", ""]), "");
        assert_eq!(address(&[]), "");
        assert_eq!(
            address(&["unknown, 192.0.2.1"]),
            "192.0.2.1",
            "what the client itself says is not looked at"
        );
    }

    #[test]
    fn https_is_believed_from_a_proxy() {
        assert!(caller(PEER, &[("x-forwarded-proto", "https")], &["10.0.0.0/8"]).secure);
        assert!(!caller(PEER, &[("x-forwarded-proto", "https, http")], &["10.0.0.0/8"]).secure);
        assert!(!caller(PEER, &[], &["10.0.0.0/8"]).secure);
    }

    #[test]
    fn a_user_agent_cannot_turn_the_text_around_it() {
        let caller = caller(PEER, &[], &[]);
        let mut headers = HeaderMap::new();
        headers.insert(
            USER_AGENT,
            http::HeaderValue::from_bytes("a\u{202E}b\u{2066}c\td\u{200F}\u{FEFF} – é".as_bytes())
                .expect("a value"),
        );
        assert_eq!(caller.origin(&headers).agent, "a b c d   – é");
    }

    /// It has no address of its own, and is no address that anybody else could name.
    #[test]
    fn who_comes_by_a_socket_of_this_machine_is_a_proxy() {
        let forwarded = |value: &'static str| {
            caller("0.0.0.0", &[("x-forwarded-for", value), ("x-forwarded-proto", "https")], &[])
        };
        let client = [192, 0, 2, 1].into();
        let by_proxy = forwarded("192.0.2.1");
        assert_eq!(
            by_proxy,
            Caller { address: client, client: Some(client), through_proxy: true, secure: true }
        );
        assert_eq!(forwarded("192.0.2.1, 0.0.0.0").client, Some([0, 0, 0, 0].into()));
        assert_eq!(caller("0.0.0.0", &[], &[]).client, None, "it says nobody");
    }

    #[test]
    fn an_ipv4_peer_on_an_ipv6_socket_counts_as_ipv4() {
        assert!(caller("::ffff:10.0.0.1", &[], &["10.0.0.0/8"]).through_proxy);
    }
}
