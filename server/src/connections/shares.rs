//! How many connections each network has, of how many it may have, long before all are taken: each
//! costs memory while its head and its body come. An IPv4 address has one share, an IPv6 network so
//! many as the networks that somebody may have within it, up to half of all. Tests: here, with
//! [`super::house`], and `server/tests/server/connections.rs`.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use desk::nested_networks;
use ipnet::IpNet;

use super::Limits;

/// One part in so many of a share is for those that come while some are told to go: a flood opens
/// more in a moment than have gone by then, and a neighbour of its is to come in too.
const ON_THEIR_WAY: usize = 3;

/// How soon room is made again within one network: looking for those that are to go costs as much
/// as there are connections.
const AGAIN_AFTER: Duration = Duration::from_millis(25);

/// Whether one more may come from somewhere.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// It may.
    Free,
    /// It may, and some of this network's own are to go.
    Scarce(Crowd),
    /// This network has its share: it may not, and some of its own are to go.
    None(Crowd),
}

/// A network that has many.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Crowd {
    pub(super) network: IpNet,
    pub(super) many: usize,
    /// So many of them are to go.
    pub(super) beyond: usize,
}

/// How many each network has.
#[derive(Debug, Default)]
pub(super) struct Shares(Mutex<HashMap<IpNet, Has>>);

/// How many connections one network has.
#[derive(Debug, Default)]
struct Has {
    many: usize,
    /// When room was made among them.
    made_room: Option<Instant>,
}

impl Shares {
    fn of(&self) -> MutexGuard<'_, HashMap<IpNet, Has>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a connection in, at its address and at each network around it.
    pub(super) fn comes(&self, from: IpAddr) {
        let mut of = self.of();
        for (network, _) in nested_networks(from) {
            of.entry(network).or_default().many += 1;
        }
    }

    /// Counts it out again; a network that has none left is forgotten.
    pub(super) fn goes(&self, from: IpAddr) {
        let mut of = self.of();
        for (network, _) in nested_networks(from) {
            if let Some(has) = of.get_mut(&network) {
                has.many -= 1;
                if has.many == 0 {
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
            let settled = share - share / ON_THEIR_WAY;
            let many = of.get(&network).map_or(0, |has| has.many);
            let crowd = || Crowd { network, many, beyond: many - settled };
            if many >= share {
                return Room::None(crowd());
            }
            if many >= settled && room == Room::Free {
                room = Room::Scarce(crowd());
            }
        }
        room
    }

    /// Whether room was not made within this network just now; it is from now on. Each has its own
    /// time, so that none that comes again and again takes another's.
    pub(super) fn is_time(&self, network: IpNet, now: Instant) -> bool {
        let mut of = self.of();
        let Some(has) = of.get_mut(&network) else { return false };
        let is_time =
            has.made_room.is_none_or(|made| now.saturating_duration_since(made) >= AGAIN_AFTER);
        if is_time {
            has.made_room = Some(now);
        }
        is_time
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
        for _ in 0..11 {
            assert_eq!(shares.room(from, &limits), Room::Free);
            shares.comes(from);
        }
        let network: IpNet = "203.0.113.7/32".parse().expect("a network");
        let crowd = |many| Crowd { network, many, beyond: many - 11 };
        for many in 11..16 {
            assert_eq!(shares.room(from, &limits), Room::Scarce(crowd(many)));
            shares.comes(from);
        }
        assert_eq!(shares.room(from, &limits), Room::None(crowd(16)), "that is its share");
        assert_eq!(shares.room(address("203.0.113.8"), &limits), Room::Free);
        (0..6).for_each(|_| shares.goes(from));
        assert_eq!(shares.room(from, &limits), Room::Free);
        (0..10).for_each(|_| shares.goes(from));
        assert!(shares.of().is_empty(), "nothing is kept of who is gone");
    }

    #[test]
    fn of_ipv6_the_networks_within_one_have_a_share_together_and_none_has_all() {
        let limits = Limits { most: 64, each: 4, ..Limits::default() };
        let shares = Shares::default();
        let mut come = 0;
        for n in 0..1000 {
            let from = address(&format!("2001:db8:1:{n:x}::1"));
            while !matches!(shares.room(from, &limits), Room::None(..)) {
                shares.comes(from);
                come += 1;
            }
        }
        assert_eq!(come, 32);
        assert_eq!(shares.room(address("2001:db8:2::1"), &limits), Room::Free);
    }

    #[test]
    fn room_is_made_within_a_network_now_and_then_and_none_takes_anothers_time() {
        let (shares, now) = (Shares::default(), Instant::now());
        let [one, other] = ["203.0.113.7", "203.0.113.8"].map(|from| {
            shares.comes(address(from));
            IpNet::from(address(from))
        });
        assert_eq!([shares.is_time(one, now), shares.is_time(one, now)], [true, false]);
        assert!(shares.is_time(other, now));
        assert!(shares.is_time(one, now + AGAIN_AFTER));
    }
}
