//! How the proxies whose word counts are written in the configuration, and what is said where more
//! than proxies are meant. Tests: below.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

/// The widest network that is believed. Whoever is in it may say whose request it is, as whoever
/// they like.
const WIDEST_IPV4: u8 = 8;
const WIDEST_IPV6: u8 = 32;

/// A network that is wider than this has more in it than proxies.
const WIDE_IPV4: u8 = 24;
const WIDE_IPV6: u8 = 64;

/// Reads a proxy, or a network of proxies, as it is configured: `192.0.2.0/24`, `2001:db8::/48`, or
/// an address alone, `127.0.0.1`; a link-local one with its zone or without, `fe80::1%eth0`. The
/// zone is not told apart: link-local addresses are believed from every interface.
///
/// # Errors
/// Why not, and what to write instead.
pub(super) fn parse_proxy(text: &str) -> Result<IpNet, String> {
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

/// What is said of networks that hold more than proxies; none: there is none. Those of this machine
/// alone are not meant.
pub(super) fn wide(trusted: &[IpNet]) -> Option<String> {
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
            let hazard = wide(&["127.0.0.1", network]).expect(network);
            assert!(hazard.starts_with(&format!("proxy.trusted names {network}: ")), "{hazard}");
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
}
