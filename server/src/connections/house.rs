//! Who is there, since when, doing what; and who goes when it is full. Tests: here, and
//! `server/tests/server/connections.rs`.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use desk::nested_networks;
use ipnet::IpNet;
use tokio::sync::Notify;

use super::Limits;
use super::place::{Doing, Place};
use super::shares::{Room, Shares};
use crate::web::ReservedPaths;

/// One in so many of the connections is for `/auth/verify` and whoever watches.
const RESERVED: usize = 8;

/// When there is no room, one in so many goes at once: looking for them costs as much as there are
/// connections.
const GO_AT_ONCE: usize = 64;

/// How many turns those have that were told to go, before whoever comes is not taken.
const TURNS: usize = 64;

/// How soon whoever waits for room looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What has begun so lately comes by itself, as a rule: a neighbour's request is not to go for a
/// flood's from the same network.
const GRACE: Duration = Duration::from_secs(1);

/// All connections. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct House(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: Limits,
    reserved: ReservedPaths,
    places: Mutex<HashMap<u64, Arc<Place>>>,
    count: AtomicUsize,
    number: Mutex<u64>,
    made_room: Mutex<Option<Instant>>,
    made_room_within: Mutex<Option<Instant>>,
    shares: Shares,
    left: Notify,
}

/// A connection is there for as long as this is.
#[derive(Debug)]
pub(super) struct Stay {
    house: House,
    number: u64,
    pub(super) place: Arc<Place>,
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.house.places().remove(&self.number);
        self.house.0.count.fetch_sub(1, Relaxed);
        if !self.place.is_proxy {
            self.house.0.shares.goes(self.place.peer);
        }
        self.house.0.left.notify_one();
    }
}

impl Stay {
    pub(super) fn limits(&self) -> &Limits {
        self.house.limits()
    }

    /// Whether what is asked is answered on every connection.
    pub(super) fn is_reserved(&self, path: &str) -> bool {
        self.house.0.reserved.holds(path)
    }

    /// Whether nothing but verify is answered on this connection now: it came beyond the general
    /// share, which is taken still.
    pub(super) fn is_for_verify(&self) -> bool {
        self.place.is_beyond && self.house.is_crowded()
    }

    /// Waits for at most so long until anything may be answered on this connection, and makes room
    /// where that can be done. Whether it may be.
    pub(super) async fn has_general_room(&self, most: Duration) -> bool {
        let room = async {
            while self.is_for_verify() {
                self.house.make_room();
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        tokio::time::timeout(most, room).await.is_ok()
    }
}

impl House {
    pub(crate) fn new(limits: Limits, reserved: ReservedPaths) -> Self {
        Self(Arc::new(Inner {
            limits,
            reserved,
            places: Mutex::default(),
            count: AtomicUsize::new(0),
            number: Mutex::default(),
            made_room: Mutex::default(),
            made_room_within: Mutex::default(),
            shares: Shares::default(),
            left: Notify::new(),
        }))
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    fn places(&self) -> MutexGuard<'_, HashMap<u64, Arc<Place>>> {
        self.0.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self) -> usize {
        self.0.count.load(Relaxed)
    }

    /// Whether the general share is taken.
    fn is_crowded(&self) -> bool {
        self.count() > self.0.limits.most - self.0.limits.most / RESERVED
    }

    /// Waits until there is room for one more, and makes some where that can be done.
    pub(super) async fn room(&self) {
        loop {
            let left = self.0.left.notified();
            if self.count() < self.0.limits.most {
                return;
            }
            self.make_room();
            // A busy one may end by itself, and one that was told to go may have become busy: look
            // again.
            let _ = tokio::time::timeout(LOOK_AGAIN, left).await;
        }
    }

    /// Whether one more may come from there. Where a network has its share, those of its own that
    /// wait for nothing of ours are told to go; where they do not, no more come.
    pub(super) async fn may_come(&self, peer: IpAddr, is_proxy: bool) -> bool {
        if is_proxy {
            return true;
        }
        for turn in 0..TURNS {
            match self.0.shares.room(peer, &self.0.limits) {
                Room::Free => return true,
                Room::Full(network, beyond) => {
                    if is_time(&self.0.made_room_within) {
                        self.make_room_within(network, beyond);
                    }
                    return true;
                }
                Room::Overfull(network, beyond) if turn == 0 => {
                    self.make_room_within(network, beyond);
                }
                Room::Overfull(..) => {}
            }
            // Those that go have theirs.
            tokio::task::yield_now().await;
        }
        false
    }

    /// Takes a connection in.
    pub(super) fn take_in(&self, peer: IpAddr, is_proxy: bool) -> Stay {
        let count = self.0.count.fetch_add(1, Relaxed) + 1;
        let is_beyond = count > self.0.limits.most - self.0.limits.most / RESERVED;
        let place = Arc::new(Place::new(peer, is_proxy, is_beyond));
        let number = {
            let mut number = self.0.number.lock().unwrap_or_else(PoisonError::into_inner);
            *number += 1;
            *number
        };
        if !is_proxy {
            self.0.shares.comes(peer);
        }
        self.places().insert(number, place.clone());
        Stay { house: self.clone(), number, place }
    }

    /// Tells those to go that have taken longer than they may.
    pub(super) fn end_what_is_over(&self) {
        let over: Vec<Arc<Place>> =
            self.places().values().filter(|place| place.is_over(&self.0.limits)).cloned().collect();
        for place in over {
            place.closing.notify_one();
        }
    }

    /// How often to look for those.
    pub(super) fn look_every(&self) -> Duration {
        (self.0.limits.head.min(self.0.limits.idle) / 8)
            .clamp(Duration::from_millis(20), Duration::from_secs(1))
    }

    /// Tells some to go that wait for nothing of ours, unless some were told so this moment.
    pub(super) fn make_room(&self) {
        if is_time(&self.0.made_room) {
            self.send_away(self.0.limits.most / GO_AT_ONCE, |_| true);
        }
    }

    /// The same of a network's own, so many as are beyond its share. Whoever has more than they may
    /// makes no room elsewhere.
    fn make_room_within(&self, network: IpNet, beyond: usize) {
        let is_theirs = |place: &Place| !place.is_proxy && network.contains(&place.peer);
        self.send_away(beyond + self.0.limits.each / GO_AT_ONCE, is_theirs);
    }

    /// So many of them, at least one.
    fn send_away(&self, many: usize, of: impl Fn(&Place) -> bool) {
        let waits =
            |place: &&Arc<Place>| place.doing().0.is_waiting() && !place.is_going() && of(place);
        let waiting: Vec<Arc<Place>> = self.places().values().filter(waits).cloned().collect();
        who_goes(&waiting, many.max(1), GRACE).for_each(|place| place.go());
    }
}

/// Whether it was not done just now; it is from now on.
fn is_time(done: &Mutex<Option<Instant>>) -> bool {
    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
    let is_time = done.is_none_or(|done| done.elapsed() >= LOOK_AGAIN / 2);
    if is_time {
        *done = Some(Instant::now());
    }
    is_time
}

/// Whom to send away: of whoever has the most, first those whose head does not come, then those
/// whose body does not or who do not take their answer, then idle ones, and what has begun within
/// `grace`; of these the oldest. Trusted proxies go last.
fn who_goes(
    waiting: &[Arc<Place>],
    many: usize,
    grace: Duration,
) -> impl Iterator<Item = &Arc<Place>> {
    let mut of: HashMap<Option<IpNet>, Vec<(&Arc<Place>, (u8, Duration))>> = HashMap::new();
    for place in waiting {
        // The widest that somebody may have for themselves.
        let network = nested_networks(place.peer)
            .last()
            .map(|(network, _)| network)
            .filter(|_| !place.is_proxy);
        let (doing, time) = place.doing();
        let rank = match doing {
            Doing::Head if time >= grace => 3,
            Doing::Theirs if time >= grace => 2,
            Doing::Idle => 1,
            _ => 0,
        };
        of.entry(network).or_default().push((place, (rank, time)));
    }
    let proxies = of.remove(&None).unwrap_or_default();
    let mut groups: Vec<_> = of.into_values().collect();
    for group in &mut groups {
        group.sort_by_key(|(_, order)| *order);
    }
    // One at a time from the largest, so that whoever has little keeps it.
    let mut heap: std::collections::BinaryHeap<(usize, usize)> =
        groups.iter().enumerate().map(|(n, group)| (group.len(), n)).collect();
    let mut going = Vec::new();
    while going.len() < many
        && let Some((_, n)) = heap.pop()
    {
        going.extend(groups[n].pop().map(|(place, _)| place));
        if !groups[n].is_empty() {
            heap.push((groups[n].len(), n));
        }
    }
    if going.is_empty() {
        let mut proxies = proxies;
        proxies.sort_by_key(|(_, order)| *order);
        going.extend(proxies.into_iter().rev().take(many).map(|(place, _)| place));
    }
    going.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(peer: &str, is_proxy: bool, doing: Doing) -> Arc<Place> {
        let place = Place::new(peer.parse().expect("an address"), is_proxy, false);
        place.set(doing);
        Arc::new(place)
    }

    fn peers(waiting: &[Arc<Place>], many: usize) -> Vec<(String, Doing)> {
        who_goes(waiting, many, Duration::ZERO)
            .map(|place| (place.peer.to_string(), place.doing().0))
            .collect()
    }

    #[test]
    fn whoever_has_the_most_goes_first_and_a_head_that_does_not_come_before_an_idle_one() {
        let mut waiting: Vec<_> =
            (0..10).map(|_| place("203.0.113.7", false, Doing::Head)).collect();
        waiting.push(place("192.0.2.1", false, Doing::Head));
        waiting.push(place("203.0.113.7", false, Doing::Idle));
        waiting.push(place("203.0.113.7", false, Doing::Theirs));
        waiting.extend((0..50).map(|_| place("10.0.0.1", true, Doing::Idle)));
        let going = peers(&waiting, 10);
        assert_eq!(going, vec![("203.0.113.7".to_owned(), Doing::Head); 10]);
        assert_eq!(peers(&waiting, 11)[10].1, Doing::Theirs);
    }

    #[test]
    fn all_of_an_ipv6_network_are_one_and_proxies_go_when_nobody_else_is_there() {
        let mut waiting: Vec<_> =
            (0..5).map(|n| place(&format!("2001:db8:1:{n}::1"), false, Doing::Head)).collect();
        waiting.extend((0..3).map(|_| place("192.0.2.1", false, Doing::Idle)));
        assert!(peers(&waiting, 2).iter().all(|(peer, _)| peer.starts_with("2001:")));
        let proxies: Vec<_> = (0..3).map(|_| place("10.0.0.1", true, Doing::Idle)).collect();
        assert_eq!(peers(&proxies, 1).len(), 1);
        assert!(peers(&[], 1).is_empty());
    }

    #[test]
    fn what_moves_is_noted_and_a_head_gains_no_time_by_coming_slowly() {
        let none = Duration::ZERO;
        let limits =
            Limits { most: 10, each: 10, head: none, idle: Duration::MAX, stalled: Duration::MAX };
        let place = place("192.0.2.1", false, Doing::Idle);
        assert!(!place.is_over(&limits));
        place.moved(false);
        assert_eq!(place.doing().0, Doing::Idle, "what is left of an answer");
        place.moved(true);
        assert_eq!(place.doing().0, Doing::Head);
        assert!(place.is_over(&limits));
        place.set(Doing::Busy);
        place.moved(true);
        assert_eq!(place.doing().0, Doing::Busy);
        place.stalls();
        assert!(place.doing().0.is_waiting() && place.doing().0.is_asked());
        place.moved(false);
        assert_eq!(place.doing().0, Doing::Busy);
        assert!(!place.is_over(&limits) && place.is_over(&Limits { stalled: none, ..limits }));
    }

    #[test]
    fn the_last_places_are_for_verify_for_as_long_as_the_others_are_taken() {
        let reserved = ReservedPaths::among(Vec::new(), "".into());
        let house = House::new(Limits { most: 16, ..Limits::default() }, reserved);
        let peer: IpAddr = [192, 0, 2, 1].into();
        let mut there: Vec<Stay> = (0..14).map(|_| house.take_in(peer, false)).collect();
        assert!(there.iter().all(|stay| !stay.is_for_verify()));
        let beyond = house.take_in(peer, false);
        assert!(beyond.is_for_verify());
        there.pop();
        assert!(!beyond.is_for_verify());
        there.push(house.take_in(peer, false));
        assert!(beyond.is_for_verify() && there.last().is_some_and(Stay::is_for_verify));
        drop((there, beyond));
        assert_eq!((house.count(), house.places().len()), (0, 0));
    }
}
