//! How many connections each network has, of how many it may have, long before all are taken: each
//! costs memory while its head and its body come. An IPv4 address has one share, an IPv6 network so
//! many as the networks that somebody may have within it, up to half of all. Tests: here, with
//! [`super::house`], and `server/tests/server/connections.rs`.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use desk::nested_networks;
use ipnet::IpNet;

use super::Limits;

/// So many more, as a part of a share, may come while some are told to go: a flood opens more in a
/// moment than have gone by then, and a neighbour of its is to come in too.
const ON_THEIR_WAY: usize = 2;

/// Whether one more may come from somewhere.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// It may.
    Free,
    /// This network has its share, and so many beyond: as many of its own go.
    Full(IpNet, usize),
    /// So many of it were to go and are there still that it may not.
    Overfull(IpNet, usize),
}

/// How many each network has.
#[derive(Debug, Default)]
pub(super) struct Shares(Mutex<HashMap<IpNet, usize>>);

impl Shares {
    fn of(&self) -> MutexGuard<'_, HashMap<IpNet, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One comes.
    pub(super) fn comes(&self, from: IpAddr) {
        let mut of = self.of();
        for (network, _) in nested_networks(from) {
            *of.entry(network).or_default() += 1;
        }
    }

    /// One goes.
    pub(super) fn goes(&self, from: IpAddr) {
        let mut of = self.of();
        for (network, _) in nested_networks(from) {
            if let Some(many) = of.get_mut(&network) {
                *many -= 1;
                if *many == 0 {
                    of.remove(&network);
                }
            }
        }
    }

    /// Whether one more may come from there.
    pub(super) fn room(&self, from: IpAddr, limits: &Limits) -> Room {
        let of = self.of();
        let mut room = Room::Free;
        for (network, times) in nested_networks(from) {
            let share = share(limits, times);
            let many = of.get(&network).copied().unwrap_or_default();
            if many >= share + share.div_ceil(ON_THEIR_WAY) {
                return Room::Overfull(network, many - share);
            }
            if many >= share && room == Room::Free {
                room = Room::Full(network, many - share);
            }
        }
        room
    }
}

/// What a network has that is so many times as wide as an address.
fn share(limits: &Limits, times: u32) -> usize {
    let wider = limits.each.saturating_mul(usize::try_from(times).unwrap_or(usize::MAX));
    wider.min((limits.most / 2).max(limits.each)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn an_address_has_its_share_and_what_goes_makes_room() {
        let (shares, limits) = (Shares::default(), Limits { each: 16, ..Limits::default() });
        let from = address("203.0.113.7");
        for _ in 0..16 {
            assert_eq!(shares.room(from, &limits), Room::Free);
            shares.comes(from);
        }
        let network = "203.0.113.7/32".parse().expect("a network");
        for beyond in 0..8 {
            assert_eq!(shares.room(from, &limits), Room::Full(network, beyond));
            shares.comes(from);
        }
        assert_eq!(shares.room(from, &limits), Room::Overfull(network, 8));
        assert_eq!(shares.room(address("203.0.113.8"), &limits), Room::Free);
        (0..9).for_each(|_| shares.goes(from));
        assert_eq!(shares.room(from, &limits), Room::Free);
        (0..15).for_each(|_| shares.goes(from));
        assert!(shares.of().is_empty(), "nothing is kept of who is gone");
    }

    #[test]
    fn of_ipv6_the_networks_within_one_have_a_share_together_and_none_has_all() {
        let limits = Limits { most: 64, each: 4, ..Limits::default() };
        let shares = Shares::default();
        let mut come = 0;
        for n in 0..1000 {
            let from = address(&format!("2001:db8:1:{n:x}::1"));
            while shares.room(from, &limits) == Room::Free {
                shares.comes(from);
                come += 1;
            }
        }
        assert_eq!(come, 32);
        assert_eq!(shares.room(address("2001:db8:2::1"), &limits), Room::Free);
    }
}
