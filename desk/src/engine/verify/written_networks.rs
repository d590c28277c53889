//! The networks of a token that this node wrote down lately. Tests: below.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use crate::Moment;
use crate::engine::verify::network::{NETWORK_BITS, Network};

/// How many are remembered: what an application on several machines comes from.
const REMEMBERED: usize = 8;

/// From which networks, and on which day, this node last wrote down that a token was used: of those
/// there is nothing more to write. The latest first; 0: none. One writes at a time, and whoever
/// reads meanwhile misses one at most, which is then written once more.
#[derive(Debug, Default)]
pub(crate) struct WrittenNetworks([AtomicU64; REMEMBERED]);

impl WrittenNetworks {
    /// Whether a use from there at that time needs no writing.
    pub(crate) fn has(&self, network: Network, at: Moment) -> bool {
        let mark = mark(network, at);
        self.0.iter().any(|place| place.load(Relaxed) == mark)
    }

    /// Remembers one; the one that was written first goes.
    pub(crate) fn note(&self, network: Network, at: Moment) {
        if self.has(network, at) {
            return;
        }
        let mut next = mark(network, at);
        for place in &self.0 {
            next = place.swap(next, Relaxed);
        }
    }
}

/// A network and a day in one number.
fn mark(network: Network, at: Moment) -> u64 {
    network.number() | (at.days().cast_unsigned() << NETWORK_BITS)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn the_latest_of_a_day_are_remembered() {
        let written = WrittenNetworks::default();
        let network = |n: u8| Network::of(IpAddr::from([10, 0, n, 1]));
        let today = Moment(0);
        for n in 0..8 {
            assert!(!written.has(network(n), today));
            written.note(network(n), today);
            written.note(network(0), today);
        }
        assert!((0..8).all(|n| written.has(network(n), today)), "each has one place");
        assert!(!written.has(network(0), today.plus_days(1)), "another day");
        written.note(network(8), today);
        assert!(!written.has(network(0), today) && written.has(network(8), today));
        assert!(written.has(network(1), today));
    }
}
