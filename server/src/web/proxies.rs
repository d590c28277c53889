//! The proxies whose word counts: how they are written in the configuration, who is one, and a
//! warning where somebody who is none forwards requests. Tests: here, and by the program's log
//! `server/tests/server/command_line/serving.rs`.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use ipnet::{IpNet, Ipv4Net};

/// The widest network that is believed. Whoever is in it may say whose request it is, as whoever
/// they like.
const WIDEST_IPV4: u8 = 8;
const WIDEST_IPV6: u8 = 32;

/// A network that is wider than this has more in it than proxies.
const WIDE_IPV4: u8 = 24;
const WIDE_IPV6: u8 = 64;

/// The most characters of a header that the log shows.
const SHOWN: usize = 80;

/// Of how many networks it is said, at most, that they forward requests and are not trusted.
const MAX_WARNED: usize = 64;

/// Reads a proxy, or a network of proxies, as it is configured: `192.0.2.0/24`, `2001:db8::/48`, or
/// an address alone, `127.0.0.1`; a link-local one with its zone or without, `fe80::1%eth0`. The
/// zone is not told apart: link-local addresses are believed from every interface.
///
/// # Errors
/// Why not, and what to write instead.
pub fn parse_proxy(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let (address, length) =
        text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let (address, zone) =
        address.split_once('%').map_or((address, None), |(address, zone)| (address, Some(zone)));
    let unreadable = || {
        format!(
            "“{text}” is no address and no network. Write one like 192.0.2.7, 192.0.2.0/24 or \
                2001:db8::/48."
        )
    };
    let address: IpAddr = address.parse().map_err(|_| unreadable())?;
    if let Some(zone) = zone {
        let is_link_local = matches!(address, IpAddr::V6(v6) if v6.is_unicast_link_local());
        if zone.is_empty() || !is_link_local {
            return Err(format!(
                "“{text}”: only a link-local address, fe80::…, has a zone. Leave out what follows \
                    the %."
            ));
        }
    }
    let network = match length {
        Some(length) => length
            .parse()
            .ok()
            .and_then(|length| IpNet::new(address, length).ok())
            .ok_or_else(unreadable)?,
        None => IpNet::from(address),
    };
    let network = canonical(network).trunc();
    let widest = if network.addr().is_ipv4() { WIDEST_IPV4 } else { WIDEST_IPV6 };
    if network.prefix_len() < widest {
        return Err(format!(
            "“{text}” is too wide: whoever is in it may say who asks and from where, for \
                everybody. Name the proxies themselves, in networks of /{widest} or narrower."
        ));
    }
    Ok(network)
}

/// An IPv4 network that is written as IPv6: what is compared with it is written as IPv4.
fn canonical(network: IpNet) -> IpNet {
    const MAPPED: u8 = 96;
    match (network, network.addr().to_canonical()) {
        (IpNet::V6(v6), IpAddr::V4(v4)) if v6.prefix_len() >= MAPPED => {
            Ipv4Net::new(v4, v6.prefix_len() - MAPPED).map_or(network, IpNet::V4)
        }
        _ => network,
    }
}

/// The proxies that are trusted, and who was warned of.
#[derive(Debug, Default)]
pub(crate) struct Proxies {
    trusted: Vec<IpNet>,
    warned: Mutex<HashSet<IpNet>>,
    misread: Mutex<HashSet<IpNet>>,
}

/// What is said of networks that hold more than proxies; none: there is none. Those of this machine
/// alone are not meant.
pub(crate) fn wide(trusted: &[IpNet]) -> Option<String> {
    let is_wide = |network: &&IpNet| {
        let least = if network.addr().is_ipv4() { WIDE_IPV4 } else { WIDE_IPV6 };
        network.prefix_len() < least && !network.addr().is_loopback()
    };
    let wide =
        trusted.iter().filter(is_wide).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    (!wide.is_empty()).then(|| {
        format!(
            "proxy.trusted names {wide}: whoever is in there can say from which address anybody’s \
             request comes, which the networks of tokens are held against. Name the proxies alone, \
             and let them overwrite X-Forwarded-For."
        )
    })
}

impl Proxies {
    pub(crate) fn new(trusted: Vec<IpNet>) -> Self {
        Self { trusted, warned: Mutex::default(), misread: Mutex::default() }
    }

    /// Whether it is one of them.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&address))
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
    /// read: tokens that are bound to networks are refused then. `said`: its header, or another by
    /// which it says so.
    pub(crate) fn cannot_read(&self, peer: IpAddr, header: &str, said: &[u8]) {
        if is_new(&self.misread, peer) {
            let said = String::from_utf8_lossy(said);
            let said: String = said
                .chars()
                .map(|c| if desk::is_invisible(c) { '·' } else { c })
                .take(SHOWN)
                .collect();
            tracing::warn!(
                %peer,
                header,
                ?said,
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
    fn a_proxy_is_an_address_or_a_network() {
        for (text, network) in [
            ("127.0.0.1", "127.0.0.1/32"),
            (" 10.0.0.0/8 ", "10.0.0.0/8"),
            ("192.0.2.7/24", "192.0.2.0/24"),
            ("::1", "::1/128"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("fe80::1%eth0", "fe80::1/128"),
            ("fe80::%2/64", "fe80::/64"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ] {
            assert_eq!(
                parse_proxy(text).map(|network| network.to_string()).as_deref(),
                Ok(network),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_none_is_refused_with_what_to_write() {
        for text in [
            "",
            "proxy.example.edu",
            "10.0.0.0/33",
            "10.0.0.0/",
            "10.0.0/8",
            "unix:",
            "10.0.0.1:80",
            "::1/129",
            "/8",
            "10.0.0.0/-8",
        ] {
            let why = parse_proxy(text).expect_err(text);
            assert!(why.contains("Write one like"), "{text}: {why}");
        }
        for text in ["192.0.2.7%eth0", "2001:db8::1%eth0", "fe80::1%"] {
            assert!(parse_proxy(text).expect_err(text).contains("zone"), "{text}");
        }
    }

    #[test]
    fn a_network_that_is_too_wide_is_refused_with_the_reason() {
        for text in [
            "0.0.0.0/0",
            "::/0",
            "10.0.0.0/7",
            "128.0.0.0/1",
            "2000::/3",
            "2001:db8::/31",
            "::ffff:0.0.0.0/96",
        ] {
            assert!(parse_proxy(text).expect_err(text).contains("too wide"), "{text}");
        }
    }

    #[test]
    fn a_network_that_holds_more_than_proxies_is_told_of() {
        let wide = |networks: &[&str]| {
            wide(
                &networks
                    .iter()
                    .map(|text| parse_proxy(text).expect("a network"))
                    .collect::<Vec<_>>(),
            )
        };
        for network in ["10.0.0.0/8", "172.18.0.0/16", "192.0.2.0/23", "2001:db8::/48"] {
            let told = wide(&["127.0.0.1", network]).expect(network);
            assert!(told.starts_with(&format!("proxy.trusted names {network}: ")), "{told}");
        }
        assert_eq!(
            wide(&[
                "127.0.0.0/8",
                "::1",
                "192.0.2.7",
                "192.0.2.0/24",
                "2001:db8::/64",
                "fe80::1%eth0"
            ]),
            None
        );
    }

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
        let told = (0..10_000_u32)
            .filter(|n| super::is_new(&proxies.warned, IpAddr::V4((n << 8).into())))
            .count();
        assert_eq!(told, MAX_WARNED - 4);
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
