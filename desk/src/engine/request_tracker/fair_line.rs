//! A line in which networks take turns: whoever waits waits for one of each other network at most
//! before the next of their own, however many those have in it. What is not done after its turn
//! goes behind the others of its network. Tests: here.

use std::collections::{HashMap, VecDeque};

use ipnet::IpNet;

/// How many may be there of one network.
pub(crate) const MAX_OF_NETWORK: usize = 128;

/// How many may be there of all networks together.
const MAX_OF_ALL: usize = 4096;

/// Where somebody comes from; none: nobody knows.
pub(crate) type Network = Option<IpNet>;

/// Those who wait, and those whose turn it is.
#[derive(Debug)]
pub(crate) struct FairLine<T> {
    networks: HashMap<Network, OfNetwork<T>>,
    /// The networks of which somebody waits, each once.
    turns: VecDeque<Network>,
    there: usize,
    entered: u64,
}

/// Those of one network.
#[derive(Debug)]
struct OfNetwork<T> {
    waiting: VecDeque<Turn<T>>,
    /// Those whose turn it is count too.
    there: usize,
}

/// One of them, whose turn it is.
#[derive(Debug)]
pub(crate) struct Turn<T> {
    from: Network,
    /// The how manieth they are of all.
    number: u64,
    pub(crate) what: T,
}

impl<T> Default for FairLine<T> {
    fn default() -> Self {
        Self { networks: HashMap::new(), turns: VecDeque::new(), there: 0, entered: 0 }
    }
}

impl<T> FairLine<T> {
    /// Lets one in; answers whoever has to go for that: where there are too many of a network, or
    /// no network has more than theirs, they themselves; else the latest of the network that has
    /// most.
    pub(crate) fn enter(&mut self, from: Network, what: T) -> Option<T> {
        let theirs = self.networks.get(&from).map_or(0, |network| network.there);
        if theirs >= MAX_OF_NETWORK {
            return Some(what);
        }
        let mut gone = None;
        if self.there >= MAX_OF_ALL {
            match self.latest_of_most(theirs + 1) {
                None => return Some(what),
                latest => gone = latest,
            }
        }
        self.entered += 1;
        self.there += 1;
        let number = self.entered;
        self.of(from).there += 1;
        self.wait(Turn { from, number, what });
        gone
    }

    /// Whose turn it is: of the network that has waited longest for one.
    pub(crate) fn next(&mut self) -> Option<Turn<T>> {
        let from = self.turns.pop_front()?;
        let waiting = &mut self.networks.get_mut(&from)?.waiting;
        let turn = waiting.pop_front();
        if !waiting.is_empty() {
            self.turns.push_back(from);
        }
        turn
    }

    /// It is not done yet: until its next turn it waits.
    pub(crate) fn back(&mut self, turn: Turn<T>) {
        self.wait(turn);
    }

    /// It is done.
    pub(crate) fn leave(&mut self, turn: Turn<T>) -> T {
        self.forget(turn.from);
        turn.what
    }

    fn of(&mut self, from: Network) -> &mut OfNetwork<T> {
        let new = || OfNetwork { waiting: VecDeque::new(), there: 0 };
        self.networks.entry(from).or_insert_with(new)
    }

    fn wait(&mut self, turn: Turn<T>) {
        let from = turn.from;
        let waiting = &mut self.of(from).waiting;
        waiting.push_back(turn);
        if waiting.len() == 1 {
            self.turns.push_back(from);
        }
    }

    /// Takes the latest out of the network that has most, where that is more than `theirs`.
    fn latest_of_most(&mut self, theirs: usize) -> Option<T> {
        let most = self.networks.iter().max_by_key(|(_, network)| network.there);
        let from = *most.filter(|(_, network)| network.there > theirs)?.0;
        let waiting = &mut self.networks.get_mut(&from)?.waiting;
        let latest = waiting.iter().enumerate().max_by_key(|(_, turn)| turn.number)?.0;
        let gone = waiting.remove(latest)?;
        if waiting.is_empty() {
            self.turns.retain(|network| *network != from);
        }
        self.forget(from);
        Some(gone.what)
    }

    fn forget(&mut self, from: Network) {
        self.there -= 1;
        let of_network = self.of(from);
        of_network.there -= 1;
        if of_network.there == 0 {
            self.networks.remove(&from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(n: usize) -> Network {
        format!("10.{}.{}.0/24", n / 256, n % 256).parse().ok()
    }

    /// A line in which so many networks have so many each, by network and by their number in it.
    fn line(networks: usize, each: usize) -> FairLine<(usize, usize)> {
        let mut line = FairLine::default();
        for of in 0..networks {
            for nth in 0..each {
                assert_eq!(line.enter(network(of), (of, nth)), None);
            }
        }
        line
    }

    #[test]
    fn networks_take_turns_and_who_is_not_done_goes_behind_the_others() {
        let mut line = line(2, 2);
        assert_eq!(line.enter(network(2), (2, 0)), None);
        let mut order = Vec::new();
        while let Some(turn) = line.next() {
            let what = turn.what;
            // Each takes two turns.
            if order.contains(&what) {
                line.leave(turn);
            } else {
                line.back(turn);
            }
            order.push(what);
        }
        let expected =
            [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 0), (0, 0), (1, 0), (0, 1), (1, 1)];
        assert_eq!(order, expected);
        assert!(line.networks.is_empty() && line.turns.is_empty() && line.there == 0);
    }

    #[test]
    fn of_one_network_so_many_are_there_and_no_more() {
        let mut line = line(1, MAX_OF_NETWORK);
        let turn = line.next().expect("theirs");
        assert_eq!(line.enter(network(0), (0, 999)), Some((0, 999)), "also while it is looked at");
        assert_eq!(line.enter(network(1), (1, 0)), None);
        line.leave(turn);
        assert_eq!(line.enter(network(0), (0, 999)), None);
    }

    #[test]
    fn where_all_places_are_taken_the_network_that_has_most_loses_its_latest() {
        let mut line = line(MAX_OF_ALL / 32, 32);
        assert_eq!(line.enter(network(5), (5, 32)), Some((5, 32)), "nobody has more");
        let turn = line.next().expect("somebody's");
        line.leave(turn);
        assert_eq!(line.enter(network(5), (5, 32)), None);
        assert_eq!(line.enter(network(900), (900, 0)), Some((5, 32)));
        assert_eq!(line.there, MAX_OF_ALL);
        // The newcomer's turn comes after one of each that were there.
        let before =
            (0..10_000).take_while(|_| line.next().expect("all wait").what.0 != 900).count();
        assert_eq!(before, MAX_OF_ALL / 32);
    }

    #[test]
    fn where_everybody_has_one_nobody_loses_it() {
        let mut line = line(MAX_OF_ALL, 1);
        assert_eq!(line.enter(network(MAX_OF_ALL), (0, 0)), Some((0, 0)));
        assert_eq!(line.enter(None, (0, 0)), Some((0, 0)));
    }
}
