//! Who calls, as far as the network tells: the client's address, and whether it came by https.
//!
//! `X-Forwarded-*` is believed from configured proxies only: from anybody else it is just text that they chose.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use desk::Origin;
use http::HeaderMap;
use http::header::USER_AGENT;
use ipnet::IpNet;

use super::Shared;

/// The most characters kept of a User-Agent.
const AGENT_MOST: usize = 256;

/// Where a request comes from; in its extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The client's address.
    pub(crate) address: IpAddr,
    /// It came through a trusted proxy, whose `X-Original-*` and `X-Forwarded-*` count.
    pub(crate) through_proxy: bool,
    /// It came by https, or everything does.
    pub(crate) secure: bool,
}

/// Puts the [`Caller`] into the request's extensions.
pub(super) async fn find(
    State(shared): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = Caller::of(peer.ip(), request.headers(), &shared.trusted_proxies, shared.always_secure);
    request.extensions_mut().insert(caller);
    next.run(request).await
}

impl Caller {
    /// Of a request from `peer` with these headers.
    pub(crate) fn of(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet], always_secure: bool) -> Self {
        let peer = peer.to_canonical();
        if !trusted(peer, proxies) {
            return Self { address: peer, through_proxy: false, secure: always_secure };
        }
        let said_https = list(headers, "x-forwarded-proto").next().is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
        Self { address: client(peer, headers, proxies), through_proxy: true, secure: always_secure || said_https }
    }

    /// Where the request comes from, for the audit.
    pub(crate) fn origin(self, headers: &HeaderMap) -> Origin {
        let agent = headers.get(USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default();
        let agent = agent.chars().map(|c| if desk::is_invisible(c) { ' ' } else { c }).take(AGENT_MOST).collect();
        Origin { address: self.address, agent }
    }
}

/// The rightmost address of `X-Forwarded-For` that is no trusted proxy's: each proxy appends whom it heard it from, so
/// that everything left of that one is what the client itself chose to say.
fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let mut nearest = peer;
    for word in list(headers, "x-forwarded-for") {
        let Some(address) = parse(word) else { break };
        nearest = address;
        if !trusted(address, proxies) {
            break;
        }
    }
    nearest
}

/// The words of a header that lists, from the right, over all of its lines.
fn list<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a str> {
    let lines: Vec<&str> = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default()).collect();
    lines.into_iter().rev().flat_map(|line| line.rsplit(',')).map(str::trim)
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn parse(word: &str) -> Option<IpAddr> {
    let bare = word.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(word);
    bare.parse().or_else(|_| word.parse::<SocketAddr>().map(|socket| socket.ip())).ok().map(|address: IpAddr| address.to_canonical())
}

fn trusted(address: IpAddr, proxies: &[IpNet]) -> bool {
    proxies.iter().any(|network| network.contains(&address))
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
        let proxies: Vec<IpNet> = proxies.iter().map(|network| network.parse().expect("a network")).collect();
        Caller::of(peer.parse().expect("an address"), &map, &proxies, false)
    }

    fn address(forwarded: &[&str]) -> String {
        let headers: Vec<_> = forwarded.iter().map(|line| ("x-forwarded-for", *line)).collect();
        caller(PEER, &headers, &["10.0.0.0/8", "fd00::/8"]).address.to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        let stranger = caller("203.0.113.7", &[("x-forwarded-for", "10.9.9.9"), ("x-forwarded-proto", "https")], &["10.0.0.0/8"]);
        assert_eq!(stranger, Caller { address: [203, 0, 113, 7].into(), through_proxy: false, secure: false });
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
    fn what_is_no_address_ends_the_search_at_the_last_proxy() {
        assert_eq!(address(&["192.0.2.1, unknown, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(address(&[""]), PEER);
        assert_eq!(address(&[]), PEER);
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
        headers
            .insert(USER_AGENT, http::HeaderValue::from_bytes("a\u{202E}b\u{2066}c\td\u{200F}\u{FEFF} – é".as_bytes()).expect("a value"));
        assert_eq!(caller.origin(&headers).agent, "a b c d   – é");
    }

    #[test]
    fn an_ipv4_peer_on_an_ipv6_socket_counts_as_ipv4() {
        assert!(caller("::ffff:10.0.0.1", &[], &["10.0.0.0/8"]).through_proxy);
    }
}
