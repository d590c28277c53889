//! Where a password is tried from, and under which keys it counts. Tests: here.

use std::net::IpAddr;

use crate::NetId;
use crate::engine::audit::mac::mac;
use crate::engine::nested::nested_networks;
use crate::engine::passwords::count::Rule;
use crate::engine::secret::{Secret, sha256_hex};

/// Where a password is tried from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TriedFrom {
    /// At log-in, from a browser that has logged in to the account before: its name.
    Device(String),
    /// At log-in, from any other.
    Address(IpAddr),
    /// In a session: a local password.
    Session,
}

/// What counts, by which rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) key: String,
    pub(crate) rule: Rule,
}

/// How many networks of one account are told apart, in hexadecimal digits of a hash. A bound for
/// the store: whoever comes from a million networks leaves no more rows than this, each for hours.
const NETWORK_DIGITS: usize = 4;

/// The same of browsers that an account knows.
const DEVICE_DIGITS: usize = 3;

/// The key of an account, whatever was typed as its NetID: a password may have been.
pub(crate) fn account_key(netid: &NetId) -> String {
    sha256_hex(netid.as_str().as_bytes())[..32].to_owned()
}

/// The key of an account's local password.
pub(crate) fn local_key(netid: &NetId) -> String {
    // No NetID has a space.
    sha256_hex(format!("local {netid}").as_bytes())
}

impl TriedFrom {
    /// Under what a wrong password of `netid` from there counts. `key` keeps strangers from
    /// choosing the network with whom somebody shares a count.
    pub(crate) fn counted(&self, netid: &NetId, key: &Secret) -> Vec<Counted> {
        let one = |kind: char, what: &str, digits: usize, times: i64| {
            let place = &mac(key, &format!("latchkey source\n{what}"))[..digits];
            Counted {
                key: format!("{}-{kind}{place}", account_key(netid)),
                rule: Rule::LogIn { times },
            }
        };
        match self {
            Self::Device(name) => vec![one('d', name, DEVICE_DIGITS, 1)],
            Self::Address(address) => {
                let networks = nested_networks(*address);
                let mut all: Vec<_> = networks
                    .map(|(network, times)| {
                        one('n', &network.to_string(), NETWORK_DIGITS, i64::from(times))
                    })
                    .collect();
                // Two of them may share a place by chance: it is counted once, as the narrower.
                all.sort_by(|one, other| one.key.cmp(&other.key));
                all.dedup_by(|one, other| one.key == other.key);
                all
            }
            Self::Session => vec![Counted { key: local_key(netid), rule: Rule::Local }],
        }
    }

    /// Those who wait for each other: one source of one account.
    pub(crate) fn place(&self, netid: &NetId) -> (String, String) {
        let source = match self {
            Self::Device(name) => name.clone(),
            Self::Address(address) => nested_networks(*address)
                .last()
                .map(|(network, _)| network.to_string())
                .unwrap_or_default(),
            Self::Session => String::new(),
        };
        (netid.to_string(), source)
    }

    /// Whether it is a browser that has logged in to the account before.
    pub(crate) fn is_device(&self) -> bool {
        matches!(self, Self::Device(_))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn keys(from: &TriedFrom, netid: &str) -> Vec<String> {
        let netid = NetId::parse(netid).expect("a NetID");
        from.counted(&netid, &Secret::new("k".repeat(64)))
            .into_iter()
            .map(|counted| counted.key)
            .collect()
    }

    fn address(text: &str) -> TriedFrom {
        TriedFrom::Address(text.parse().expect("an address"))
    }

    #[test]
    fn each_source_counts_by_itself() {
        let all = [
            address("192.0.2.1"),
            address("192.0.2.2"),
            TriedFrom::Device("d".to_owned()),
            TriedFrom::Session,
        ];
        let keys: HashSet<Vec<String>> =
            all.iter().flat_map(|from| ["tia", "ada"].map(|netid| keys(from, netid))).collect();
        assert_eq!(keys.len(), 8);
        assert!(keys.iter().flatten().all(|key| !key.contains("tia")));
    }

    #[test]
    fn ipv6_counts_in_each_network_that_holds_it() {
        let (one, near, far) =
            (address("2001:db8:1:1::1"), address("2001:db8:1:2::1"), address("2001:db8:2::1"));
        let shared = |one: &TriedFrom, other: &TriedFrom| {
            let other = keys(other, "tia");
            keys(one, "tia").into_iter().filter(|key| other.contains(key)).count()
        };
        assert_eq!((shared(&one, &one), shared(&one, &near), shared(&one, &far)), (3, 2, 0));
    }

    #[test]
    fn networks_that_share_a_place_by_chance_are_counted_once() {
        let key_of = |n: u32| {
            TriedFrom::Address(IpAddr::from([
                0x2001,
                0xdb8,
                (n >> 16) as u16,
                u16::try_from(n & 0xffff).expect("16 bits"),
                0,
                0,
                0,
                1,
            ]))
        };
        let mut fewer = 0;
        for n in 0..300_000 {
            let keys = keys(&key_of(n), "tia");
            let different: HashSet<&String> = keys.iter().collect();
            assert_eq!(different.len(), keys.len());
            fewer += usize::from(keys.len() < 3);
        }
        assert!(fewer > 0, "none of so many");
    }

    #[test]
    fn a_million_networks_leave_a_bounded_number_of_counts() {
        let keys: HashSet<String> = (0..300_000_u32)
            .flat_map(|n| keys(&TriedFrom::Address(IpAddr::V4(n.into())), "tia"))
            .collect();
        assert!(keys.len() <= 16_usize.pow(4), "{}", keys.len());
    }
}
