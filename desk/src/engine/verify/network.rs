//! The network that an address is of, as far as uses of tokens are told apart by it. Tests: below.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU64;

/// A network that tokens are used from: of IPv4 the first 24 bits, of IPv6 the first 48, which is
/// what one site has. An IPv4 address written as IPv6 counts as IPv4. One number, so that noting it
/// takes no room and no time of verify's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network(NonZeroU64);

/// Below the number of the network stand which kind it is, and a bit that is always set.
const KIND_BITS: u32 = 2;
const IPV6: u64 = 2;

/// How many bits it has in all.
pub(crate) const NETWORK_BITS: u32 = 48 + KIND_BITS;

impl Network {
    pub(crate) fn of(address: IpAddr) -> Self {
        let number = match address.to_canonical() {
            IpAddr::V4(address) => u64::from(address.to_bits() >> 8) << KIND_BITS,
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments().map(u64::from);
                (((a << 32) | (b << 16) | c) << KIND_BITS) | IPV6
            }
        };
        Self(NonZeroU64::MIN | number)
    }

    /// Its one number.
    pub(crate) fn number(self) -> u64 {
        self.0.get()
    }
}

/// `192.0.2.0/24`, `2001:db8:7::/48`.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.number() >> KIND_BITS;
        if self.number() & IPV6 == 0 {
            let bits = u32::try_from(number << 8).unwrap_or_default();
            write!(f, "{}/24", Ipv4Addr::from_bits(bits))
        } else {
            write!(f, "{}/48", Ipv6Addr::from_bits(u128::from(number) << 80))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> Network {
        Network::of(address.parse().expect(address))
    }

    #[test]
    fn an_address_is_of_its_24_or_48_bits() {
        for (address, of) in [
            ("192.0.2.7", "192.0.2.0/24"),
            ("0.0.0.0", "0.0.0.0/24"),
            ("255.255.255.255", "255.255.255.0/24"),
            ("::ffff:192.0.2.9", "192.0.2.0/24"),
            ("2001:db8:7:1::2", "2001:db8:7::/48"),
            ("::1", "::/48"),
            ("ffff:ffff:ffff:ffff::1", "ffff:ffff:ffff::/48"),
        ] {
            assert_eq!(network(address).to_string(), of, "{address}");
        }
    }

    #[test]
    fn two_of_one_network_are_the_same_and_kinds_are_told_apart() {
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.254"));
        assert_ne!(network("192.0.2.1"), network("192.0.3.1"));
        assert_eq!(network("2001:db8:7::1"), network("2001:db8:7:ffff::1"));
        assert_ne!(network("2001:db8:7::1"), network("2001:db8:8::1"));
        assert_ne!(network("0.0.0.0"), network("::"));
        assert_eq!(network("ffff:ffff:ffff::").number() >> NETWORK_BITS, 0);
    }
}
