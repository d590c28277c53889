//! Uses of a token that are noted in memory only.

use std::net::IpAddr;

use crate::Moment;
use crate::engine::verify::network::Network;

/// From how many networks beside the latest one uses are noted between two writings. What comes
/// from more is noted the next time.
const OTHERS: usize = 3;

/// Uses of a token that are not written yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Noted {
    /// The latest.
    pub(crate) at: Moment,
    pub(crate) address: Option<IpAddr>,
    /// How many there were on its day, and on the day before.
    pub(crate) today: u32,
    pub(crate) yesterday: u32,
    /// From which networks they came, beside that of the latest: in places of its own, since there
    /// is one note for each of millions of uses. The first that is empty ends them.
    others: [Option<Network>; OTHERS],
    /// One of them may have changed something: its method was not one that only reads, or is not
    /// known.
    pub(crate) wrote: bool,
}

impl Noted {
    pub(crate) fn new(at: Moment, address: Option<IpAddr>, wrote: bool) -> Self {
        Self { at, address, today: 1, yesterday: 0, others: [None; OTHERS], wrote }
    }

    /// Both together. The counts of days before yesterday are left: what is noted is written in
    /// seconds.
    pub(crate) fn and(self, other: Self) -> Self {
        let (mut later, earlier) = if self.at < other.at { (other, self) } else { (self, other) };
        let [today, yesterday] = earlier.counts_at(later.at);
        later.today = later.today.saturating_add(today);
        later.yesterday = later.yesterday.saturating_add(yesterday);
        later.wrote |= earlier.wrote;
        // The same client again, mostly.
        if earlier.address != later.address || earlier.others[0].is_some() {
            later.come_from(&earlier);
        }
        later
    }

    /// Adds the networks of earlier ones.
    fn come_from(&mut self, earlier: &Self) {
        let latest = self.latest();
        for network in earlier.networks().filter(|network| Some(*network) != latest) {
            for place in &mut self.others {
                if *place == Some(network) {
                    break;
                }
                if place.is_none() {
                    *place = Some(network);
                    break;
                }
            }
        }
    }

    /// The network of the latest; none where its address is not known.
    fn latest(&self) -> Option<Network> {
        self.address.map(Network::of)
    }

    /// From which networks they came, the latest first, each once.
    pub(crate) fn networks(&self) -> impl Iterator<Item = Network> + use<> {
        self.latest().into_iter().chain(self.others.into_iter().map_while(|network| network))
    }

    /// What is left to be written of it once `written` is; none: nothing.
    pub(crate) fn without(self, written: Self) -> Option<Self> {
        let [today, yesterday] = written.counts_at(self.at);
        (self != written).then(|| {
            let mut left = Self {
                today: self.today.saturating_sub(today),
                yesterday: self.yesterday.saturating_sub(yesterday),
                others: [None; OTHERS],
                ..self
            };
            let is_left = |network: &Network| !written.networks().any(|other| other == *network);
            let places = left.others.iter_mut();
            let others = self.others.into_iter().flatten().filter(is_left);
            places.zip(others).for_each(|(place, network)| *place = Some(network));
            left
        })
    }

    /// Its counts for the day of `at` and the day before.
    pub(crate) fn counts_at(self, at: Moment) -> [u32; 2] {
        match at.days() - self.at.days() {
            0 => [self.today, self.yesterday],
            1 => [0, self.today],
            _ => [0, 0],
        }
    }

    /// Its counts with their days.
    pub(crate) fn days(self) -> [(i64, u32); 2] {
        [(self.at.days() - 1, self.yesterday), (self.at.days(), self.today)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(at: i64, address: &str) -> Noted {
        Noted::new(Moment(at), address.parse().ok(), false)
    }

    fn networks(noted: Noted) -> Vec<String> {
        noted.networks().map(|network| network.to_string()).collect()
    }

    #[test]
    fn the_networks_of_all_uses_are_noted_each_once_and_no_more_than_there_is_room_for() {
        let one = used(2, "192.0.2.7").and(used(1, "192.0.2.1"));
        assert_eq!(networks(one), ["192.0.2.0/24"]);
        let two = used(3, "198.51.100.1").and(one);
        assert_eq!(networks(two), ["198.51.100.0/24", "192.0.2.0/24"]);
        let back = used(4, "::ffff:192.0.2.9").and(two);
        assert_eq!(networks(back), ["192.0.2.0/24", "198.51.100.0/24"]);
        assert_eq!(networks(used(0, "192.0.2.1").and(two)), networks(two), "an earlier one");
        // From where the last one came, nobody says.
        let unknown = used(5, "").and(back);
        assert_eq!(networks(unknown), ["192.0.2.0/24", "198.51.100.0/24"]);
        let many = (0..9).fold(used(0, "10.0.0.1"), |noted, n| {
            used(i64::from(n) + 1, &format!("10.0.{n}.1")).and(noted)
        });
        assert_eq!(networks(many).len(), 1 + OTHERS);
        assert_eq!(networks(many)[0], "10.0.8.0/24");
    }

    #[test]
    fn what_is_written_is_noted_no_longer_and_leaves_room_for_others() {
        let written = used(3, "10.0.3.1").and(used(2, "10.0.2.1")).and(used(1, "10.0.1.1"));
        assert_eq!(written.without(written), None);
        let since = used(5, "10.0.5.1").and(used(4, "10.0.4.1").and(written));
        let left = since.without(written).expect("it was used since");
        assert_eq!(networks(left), ["10.0.5.0/24", "10.0.4.0/24"]);
        assert_eq!((left.today, left.yesterday), (2, 0));
    }
}
