//! Where a token may be used from.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::{NETWORKS_MAX, Refusal};

/// The networks a token may be used from; none named means from anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Reads networks (`10.1.0.0/16`, `2001:db8::/32`) or single addresses, parted by commas or
    /// white space.
    ///
    /// # Errors
    /// [`Refusal::NetworkUnreadable`] with the first that is none, [`Refusal::TooManyNetworks`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let words = text
            .split(|c: char| c == ',' || c == ';' || c.is_whitespace())
            .filter(|word| !word.is_empty());
        let mut networks = Vec::new();
        for word in words {
            let network =
                word.parse::<IpNet>().or_else(|_| word.parse::<IpAddr>().map(IpNet::from));
            let network = network
                .map_err(|_| Refusal::NetworkUnreadable { word: word.chars().take(64).collect() })?
                .trunc();
            if !networks.contains(&network) {
                networks.push(network);
            }
        }
        if networks.len() > NETWORKS_MAX {
            Err(Refusal::TooManyNetworks)
        } else {
            Ok(Self(networks))
        }
    }

    /// Whether a request from `address` is allowed. An IPv4 address written as IPv6
    /// (`::ffff:10.1.2.3`) counts as IPv4.
    #[must_use]
    pub fn allow(&self, address: IpAddr) -> bool {
        let address = match address {
            IpAddr::V6(v6) => Ipv6Addr::to_ipv4_mapped(&v6).map_or(address, IpAddr::V4),
            IpAddr::V4(_) => address,
        };
        self.0.is_empty() || self.0.iter().any(|network| network.contains(&address))
    }

    /// How many are named.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Parted by `, `: what [`Networks::parse`] reads back.
impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, network) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{network}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Networks {
        Networks::parse(text).expect(text)
    }

    #[test]
    fn none_named_allows_every_address() {
        assert!(parsed("  ").allow("203.0.113.9".parse().expect("address")));
    }

    #[test]
    fn only_addresses_within_are_allowed() {
        let networks = parsed("10.1.2.3/16, 2001:db8::/32\n192.0.2.7");
        assert_eq!(networks.to_string(), "10.1.0.0/16, 2001:db8::/32, 192.0.2.7/32");
        for (address, allowed) in [
            ("10.1.255.1", true),
            ("10.2.0.1", false),
            ("192.0.2.7", true),
            ("192.0.2.8", false),
            ("2001:db8::1", true),
            ("::ffff:10.1.0.9", true),
            ("2001:db9::1", false),
        ] {
            assert_eq!(networks.allow(address.parse().expect("address")), allowed, "{address}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused_by_name() {
        for word in ["10.0.0.0/33", "campus", "10.0.0.256", "10.0.0", "::1/129"] {
            assert_eq!(
                Networks::parse(&format!("10.0.0.0/8 {word}")),
                Err(Refusal::NetworkUnreadable { word: word.to_owned() })
            );
        }
    }

    #[test]
    fn there_is_a_most() {
        let many: String = (0..=NETWORKS_MAX).map(|n| format!("10.0.{n}.0/24 ")).collect();
        assert_eq!(Networks::parse(&many), Err(Refusal::TooManyNetworks));
    }
}
