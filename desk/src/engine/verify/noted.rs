//! Uses of a token that are noted in memory only.

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::LazyLock;

use crate::Moment;
use crate::engine::verify::network::Network;
use crate::engine::verify::written_networks::WrittenNetworks;

/// From how many networks beside the latest one uses are noted between two writings. Those that are
/// written already need no place; of more than have one, it is drawn which, anew each time, so that
/// nobody who comes seldom is left out for ever.
const OTHERS: usize = 3;

/// How long a draw counts, in milliseconds.
const DRAW_MS: i64 = 10_000;

/// What draws: nobody outside can tell when a network has no place.
static DRAW: LazyLock<RandomState> = LazyLock::new(RandomState::new);

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
    /// seconds. `written`: those networks of the token of which there is nothing to write.
    pub(crate) fn and(self, other: Self, written: &WrittenNetworks) -> Self {
        let (mut later, earlier) = if self.at < other.at { (other, self) } else { (self, other) };
        let [today, yesterday] = earlier.counts_at(later.at);
        later.today = later.today.saturating_add(today);
        later.yesterday = later.yesterday.saturating_add(yesterday);
        later.wrote |= earlier.wrote;
        // The same client again, mostly.
        if earlier.address != later.address || earlier.others[0].is_some() {
            later.come_from(&earlier, written);
        }
        later
    }

    /// Adds the networks of earlier ones that are still to be written.
    fn come_from(&mut self, earlier: &Self, written: &WrittenNetworks) {
        let latest = self.latest();
        for network in earlier.networks() {
            if Some(network) != latest && !written.has(network, earlier.at) {
                self.give_place(network);
            }
        }
    }

    /// Gives it a place; where all are taken, the lot decides who has none: between networks, not
    /// between uses, or whoever comes seldom among many would hardly be seen.
    fn give_place(&mut self, network: Network) {
        for place in &mut self.others {
            match place {
                Some(known) if *known == network => return,
                Some(_) => {}
                None => {
                    *place = Some(network);
                    return;
                }
            }
        }
        let draw = self.at.0.div_euclid(DRAW_MS);
        let lot = |network: Network| DRAW.hash_one((draw, network.number()));
        let last = self.others.iter_mut().flatten().max_by_key(|known| lot(**known));
        if let Some(last) = last.filter(|last| lot(network) < lot(**last)) {
            *last = network;
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

    /// Both together where nothing is written.
    fn both(one: Noted, other: Noted) -> Noted {
        one.and(other, &WrittenNetworks::default())
    }

    fn networks(noted: Noted) -> Vec<String> {
        noted.networks().map(|network| network.to_string()).collect()
    }

    #[test]
    fn the_networks_of_all_uses_are_noted_each_once_and_no_more_than_there_is_room_for() {
        let one = both(used(2, "192.0.2.7"), used(1, "192.0.2.1"));
        assert_eq!(networks(one), ["192.0.2.0/24"]);
        let two = both(used(3, "198.51.100.1"), one);
        assert_eq!(networks(two), ["198.51.100.0/24", "192.0.2.0/24"]);
        let back = both(used(4, "::ffff:192.0.2.9"), two);
        assert_eq!(networks(back), ["192.0.2.0/24", "198.51.100.0/24"]);
        assert_eq!(networks(both(used(0, "192.0.2.1"), two)), networks(two), "an earlier one");
        // From where the last one came, nobody says.
        let unknown = both(used(5, ""), back);
        assert_eq!(networks(unknown), ["192.0.2.0/24", "198.51.100.0/24"]);
        let many = (0..9).fold(used(0, "10.0.0.1"), |noted, n| {
            both(used(i64::from(n) + 1, &format!("10.0.{n}.1")), noted)
        });
        assert_eq!(networks(many).len(), 1 + OTHERS);
        assert_eq!(networks(many)[0], "10.0.8.0/24");
    }

    #[test]
    fn what_is_written_already_takes_no_place() {
        let written = WrittenNetworks::default();
        for n in 0..6_u8 {
            written.note(Network::of(IpAddr::from([10, 0, n, 1])), Moment(0));
        }
        let from = ["10.0.0.1", "10.0.1.1", "10.0.2.1", "10.0.3.1", "192.0.2.1", "10.0.4.1"];
        let all = from.iter().chain(&["10.0.5.1"]).map(|address| used(1, address));
        let noted = all.reduce(|before, latest| latest.and(before, &written)).expect("uses");
        assert_eq!(networks(noted), ["10.0.5.0/24", "192.0.2.0/24"]);
        let next_day = used(86_400_001, "10.0.1.1").and(used(86_400_000, "10.0.0.1"), &written);
        assert_eq!(networks(next_day), ["10.0.1.0/24", "10.0.0.0/24"], "it is to be written again");
    }

    /// Twenty that nobody has written, each used again and again, and one that comes once between.
    #[test]
    fn of_more_than_there_is_room_for_each_has_a_place_before_long() {
        let round = |at: i64| {
            let of = |n: i64| used(at + n, &format!("10.0.{}.1", n % 20));
            let mut noted = of(0);
            for n in 1..100 {
                noted = both(of(n), noted);
                if n == 50 {
                    noted = both(used(at + n, "192.0.2.1"), noted);
                }
            }
            networks(noted).iter().any(|network| network == "192.0.2.0/24")
        };
        let seen = (0..1000).filter(|n| round(n * DRAW_MS)).count();
        assert!((1..1000).contains(&seen), "{seen}");
    }

    #[test]
    fn what_is_written_is_noted_no_longer_and_leaves_room_for_others() {
        let written = both(used(3, "10.0.3.1"), used(2, "10.0.2.1"));
        assert_eq!(written.without(written), None);
        let since = both(used(5, "10.0.5.1"), both(used(4, "10.0.4.1"), written));
        let left = since.without(written).expect("it was used since");
        assert_eq!(networks(left), ["10.0.5.0/24", "10.0.4.0/24"]);
        assert_eq!((left.today, left.yesterday), (2, 0));
    }
}
