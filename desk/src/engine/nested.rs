//! Address networks: whom an address stands for, where people are counted by it. Tests: here.

use std::net::IpAddr;

use ipnet::IpNet;

/// How much more each wider IPv6 network is allowed than the one below.
const WIDER: u32 = 4;

/// The networks that an address counts for, the narrowest first, each with how many times an
/// address's allowance it has.
///
/// An IPv4 address is one by itself. Of IPv6 a subscriber has a /64 at the least, many have a /56,
/// and whoever asks for a tunnel a /48: counted by /64 alone they had 65 536 allowances. So all
/// three are counted, each with four times as much as the one below: for the few who share one, as
/// good as no limit; for one who has it all, sixteen allowances.
pub fn nested_networks(address: IpAddr) -> impl Iterator<Item = (IpNet, u32)> {
    let address = address.to_canonical();
    let lengths: &[u8] = if address.is_ipv4() { &[32] } else { &[64, 56, 48] };
    lengths.iter().zip(0..).filter_map(move |(length, nth)| {
        let network = IpNet::new(address, *length).ok()?;
        Some((network.trunc(), WIDER.pow(nth)))
    })
}

/// The network that whoever is at an address shares places in a queue with: a /24, or a /48 of
/// IPv6.
pub(crate) fn sharing_network(address: IpAddr) -> IpNet {
    let address = address.to_canonical();
    let length = if address.is_ipv4() { 24 } else { 48 };
    IpNet::new(address, length).map_or_else(|_| IpNet::from(address), |network| network.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_shared_by_wider_networks() {
        for (address, network) in [
            ("192.0.2.7", "192.0.2.0/24"),
            ("::ffff:192.0.2.7", "192.0.2.0/24"),
            ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ] {
            assert_eq!(sharing_network(address.parse().expect("an address")).to_string(), network);
        }
    }

    fn nested(address: &str) -> Vec<(String, u32)> {
        let networks = nested_networks(address.parse().expect("an address"));
        networks.map(|(network, times)| (network.to_string(), times)).collect()
    }

    #[test]
    fn an_ipv4_address_is_one_however_it_is_written() {
        for address in ["192.0.2.7", "::ffff:192.0.2.7"] {
            assert_eq!(nested(address), [("192.0.2.7/32".to_owned(), 1)]);
        }
    }

    #[test]
    fn an_ipv6_address_counts_for_each_network_that_somebody_may_have() {
        let expected =
            [("2001:db8:1:2345::/64", 1), ("2001:db8:1:2300::/56", 4), ("2001:db8:1::/48", 16)];
        let found = nested("2001:db8:1:2345:6:7:8:9");
        assert_eq!(
            found.iter().map(|(network, times)| (network.as_str(), *times)).collect::<Vec<_>>(),
            expected
        );
    }
}
