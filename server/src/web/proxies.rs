//! The proxies whose word counts: who is one, and a warning where somebody who is none forwards
//! requests. How they are written is `config/proxies.rs`. Tests: here, and by the program's log
//! `server/tests/server/command_line/serving.rs`.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use ipnet::IpNet;

/// The most characters of a header that the log shows.
const SHOWN: usize = 80;

/// Of how many networks it is said, at most, that they forward requests and are not trusted.
const MAX_WARNED: usize = 64;

/// The proxies that are trusted, and who was warned of.
#[derive(Debug, Default)]
pub(crate) struct Proxies {
    trusted: Vec<IpNet>,
    warned: Mutex<HashSet<IpNet>>,
    misread: Mutex<HashSet<IpNet>>,
}

impl Proxies {
    pub(crate) fn new(trusted: Vec<IpNet>) -> Self {
        Self { trusted, warned: Mutex::default(), misread: Mutex::default() }
    }

    /// Whether it is one of them.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&address))
    }

    /// Whether a connection is of one of them, or came by a socket of this machine: whoever may
    /// connect to that is the proxy. It has no address of its own (`connections/socket.rs`).
    pub(crate) fn trusts_peer(&self, peer: IpAddr) -> bool {
        peer.is_unspecified() || self.trusts(peer)
    }

    /// Says in the log, once for each network and for so many in all, that somebody forwards
    /// requests who is not trusted: where it is a proxy that was forgotten, everybody behind it has
    /// one address, and shares what an address may do.
    pub(crate) fn warn_of(&self, peer: IpAddr) {
        if is_new(&self.warned, peer) {
            tracing::warn!(
                %peer,
                "X-Forwarded-For comes from somebody who is not in proxy.trusted, so that it is \
                 not believed. If that is your proxy, name it there: until then all who come \
                 through it count as one address"
            );
        }
    }

    /// Says in the log, as rarely, that a trusted proxy does not say who asks so that it can be
    /// read: tokens that are bound to networks are refused then. `value`: its header, or another by
    /// which it says so.
    pub(crate) fn cannot_read(&self, peer: IpAddr, header: &str, value: &[u8]) {
        if is_new(&self.misread, peer) {
            let value = String::from_utf8_lossy(value);
            let value: String = value
                .chars()
                .map(|c| if desk::is_invisible(c) { '·' } else { c })
                .take(SHOWN)
                .collect();
            tracing::warn!(
                %peer,
                header,
                ?value,
                "a trusted proxy does not say in X-Forwarded-For who asks, or not so that it can \
                 be read: let it write addresses there, separated by commas. Until then tokens \
                 that are bound to networks are refused"
            );
        }
    }
}

fn is_new(known: &Mutex<HashSet<IpNet>>, peer: IpAddr) -> bool {
    let length = if peer.is_ipv4() { 24 } else { 48 };
    let Ok(network) = IpNet::new(peer, length).map(|network| network.trunc()) else { return false };
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    known.len() < MAX_WARNED && known.insert(network)
}

/// An address as proxies write it: bare, in brackets, or with a port. What is anything else is
/// none: a word (`unknown`, `unix:`), an address with a zone or with something behind it.
pub(crate) fn parse_address(word: &str) -> Option<IpAddr> {
    let in_brackets = word.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = match in_brackets {
        Some(bare) => bare.parse::<Ipv6Addr>().ok()?.into(),
        None => word.parse().or_else(|_| with_port(word).ok_or(())).ok()?,
    };
    Some(IpAddr::to_canonical(&address))
}

fn with_port(word: &str) -> Option<IpAddr> {
    // With a zone it says where on the proxy's own network somebody is, which no token can be bound
    // to.
    let socket: std::net::SocketAddr = word.parse().ok().filter(|_| !word.contains('%'))?;
    Some(socket.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_forwards_without_being_trusted_is_told_of_once_and_for_so_many_in_all() {
        let proxies = Proxies::default();
        let is_new = |text: &str| super::is_new(&proxies.warned, text.parse().expect("an address"));
        assert_eq!(
            [is_new("203.0.113.7"), is_new("203.0.113.99"), is_new("198.51.100.7")],
            [true, false, true]
        );
        assert_eq!(
            [is_new("2001:db8:1:2::1"), is_new("2001:db8:1:3::1"), is_new("2001:db8:2::1")],
            [true, false, true]
        );
        let warnings = (0..10_000_u32)
            .filter(|n| super::is_new(&proxies.warned, IpAddr::V4((n << 8).into())))
            .count();
        assert_eq!(warnings, MAX_WARNED - 4);
    }

    #[test]
    fn what_is_no_address_is_none() {
        let address = |text: &str| parse_address(text).map(|address| address.to_string());
        for text in ["192.0.2.1", "192.0.2.1:4711", "::ffff:192.0.2.1", "[::ffff:192.0.2.1]:80"] {
            assert_eq!(address(text).as_deref(), Some("192.0.2.1"), "{text}");
        }
        for text in ["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711"] {
            assert_eq!(address(text).as_deref(), Some("2001:db8::1"), "{text}");
        }
        for text in [
            "",
            "unknown",
            "unix:",
            "-",
            "_hidden",
            "203.0.113.9:",
            "203.0.113.9;x",
            "203.0.113.9:x",
            "2001:db8::1%eth0",
            "[fe80::1%2]:80",
            "[192.0.2.1]",
            "192.0.2.1]",
            "0x7f.1",
            "127.1",
            "192.0.2.1/32",
            "192.0.2.01",
            "localhost",
            "\u{661}92.0.2.1",
        ] {
            assert_eq!(address(text), None, "{text}");
        }
    }
}
