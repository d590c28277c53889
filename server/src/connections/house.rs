//! Who is there, since when, doing what; and who goes when it is full. Tests:
//! `house_tests.rs`, and `server/tests/server/connections.rs`.

use std::collections::{BinaryHeap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use desk::{LogLimiter, nested_networks};
use ipnet::IpNet;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::Limits;
use super::place::{Doing, Place};
use super::refused::{ConnectionFigures, NotServed, NotServedCounts};
use super::shares::{Crowd, Room, Shares};
use crate::web::ReservedPaths;

/// One in so many of the connections is for `/auth/verify` and whoever watches.
const RESERVED: usize = 8;

/// When there is no room, one in so many goes at once: looking for them costs as much as there are
/// connections.
const GO_AT_ONCE: usize = 64;

/// Each time that there is none again, twice as many, so many times at most: what a flood brings
/// waits before those that come after it.
const TWICE_AS_MANY: u32 = 4;

/// One in so many of the connections may wait for room in the general share. A place of those that
/// are for verify is taken by each.
const QUEUEING: usize = 64;

/// How many heads may be large at a time that are not there whole.
const LARGE_HEADS: usize = 256;

/// How soon whoever waits for room looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What has begun so lately comes by itself, as a rule: a neighbour's request is not to go for a
/// flood's from the same network.
const GRACE: Duration = Duration::from_secs(1);

/// How many of those wait whose network has its share, whoever's they are; beyond them what comes
/// is not taken.
const WAITING: usize = 32;

/// How often each of them looks, and how soon again: until room was made several times.
const LOOKS: usize = 64;
const LOOK_SOON: Duration = Duration::from_millis(2);

/// One line a second of networks that have their share.
static SHARES: LogLimiter = LogLimiter::new(1);

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
    made_room: Mutex<MadeRoom>,
    queueing: Semaphore,
    large_heads: Arc<Semaphore>,
    shares: Shares,
    /// Held from the look for room until it is taken.
    coming: Mutex<()>,
    waiting: Arc<Semaphore>,
    left: Notify,
    not_served: NotServedCounts,
}

/// When room was made.
#[derive(Debug, Default)]
struct MadeRoom {
    last: Option<Instant>,
    /// How often in a row it was not enough.
    again: u32,
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

    /// What came on it is not answered.
    pub(super) fn not_served(&self, why: NotServed) {
        self.house.not_served(why);
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

    /// A place for one more request on the same connection, if there is room for one: of HTTP/2
    /// each counts as a connection does.
    pub(super) fn beside(&self) -> Result<Self, NotServed> {
        if self.house.count() >= self.house.0.limits.most {
            self.house.make_room();
            return Err(NotServed::Crowded);
        }
        let beside = self.house.come_in(self.place.peer, self.place.is_proxy, Instant::now());
        beside.ok_or(NotServed::Share)
    }

    /// What is taken for a large head.
    pub(super) fn large_heads(&self) -> Arc<Semaphore> {
        self.house.0.large_heads.clone()
    }

    /// Waits for at most so long until anything may be answered on this connection, and makes room
    /// where that can be done; not at all where too many wait for it. Whether it may be.
    pub(super) async fn has_general_room(&self, most: Duration) -> bool {
        if !self.is_for_verify() {
            return true;
        }
        let Ok(_turn) = self.house.0.queueing.try_acquire() else { return false };
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
            queueing: Semaphore::new((limits.most / QUEUEING).max(1)),
            large_heads: Arc::new(Semaphore::new(LARGE_HEADS)),
            shares: Shares::default(),
            coming: Mutex::default(),
            waiting: Arc::new(Semaphore::new(WAITING)),
            left: Notify::new(),
            not_served: NotServedCounts::default(),
        }))
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Counts a connection that was not served.
    pub(super) fn not_served(&self, why: NotServed) {
        self.0.not_served.add(why);
    }

    /// How many there are, and how many were not served.
    pub(crate) fn figures(&self) -> ConnectionFigures {
        let not_served = self.0.not_served.all();
        ConnectionFigures { open: self.count(), limit: self.0.limits.most, not_served }
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

    /// Takes in one that has come, if there is room for it. Before a network has its share, those
    /// of its own that wait for nothing of ours are told to go; where it has it all the same, no
    /// more come. That is said at once, and again and again without another look at everybody.
    pub(super) fn come_in(&self, peer: IpAddr, is_proxy: bool, now: Instant) -> Option<Stay> {
        let _one_by_one = self.0.coming.lock().unwrap_or_else(PoisonError::into_inner);
        let room = if is_proxy { Room::Free } else { self.0.shares.room(peer, &self.0.limits) };
        if let Room::Scarce(crowd) | Room::None(crowd) = &room
            && self.0.shares.is_time(crowd.network, now)
        {
            self.make_room_within(crowd);
        }
        (!matches!(room, Room::None(_))).then(|| self.take_in(peer, is_proxy))
    }

    /// A turn to wait where a network has its share; none: too many wait. Whoever is refused keeps
    /// nobody from coming in who comes after them.
    pub(super) fn may_wait(&self) -> Option<OwnedSemaphorePermit> {
        let turn = self.0.waiting.clone().try_acquire_owned();
        turn.inspect_err(|_| self.not_served(NotServed::Share)).ok()
    }

    /// Waits for a moment until some of its own have gone, and takes it in then.
    pub(super) async fn room_within_share(
        &self,
        peer: IpAddr,
        _turn: OwnedSemaphorePermit,
    ) -> Option<Stay> {
        for _ in 0..LOOKS {
            tokio::time::sleep(LOOK_SOON).await;
            if self.count() < self.0.limits.most
                && let Some(stay) = self.come_in(peer, false, Instant::now())
            {
                return Some(stay);
            }
        }
        self.not_served(NotServed::Share);
        None
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
        let again =
            self.0.made_room.lock().unwrap_or_else(PoisonError::into_inner).again(Instant::now());
        if let Some(again) = again {
            self.send_away((self.0.limits.most / GO_AT_ONCE) << again, |_| true);
        }
    }

    /// The same of a network's own, so many as are beyond what it may settle with. Whoever has more
    /// than that makes no room elsewhere.
    fn make_room_within(&self, crowd: &Crowd) {
        let Crowd { network, many, beyond } = crowd;
        if let Some(left_out) = SHARES.may_speak() {
            tracing::warn!(
                %network, many, left_out,
                "so many connections are of one address or network that its idle ones are closed, \
                    and where that is not enough, no more of its are taken. Is it a proxy? Name it \
                    in proxy.trusted",
            );
        }
        let is_theirs = |place: &Place| !place.is_proxy && network.contains(&place.peer);
        self.send_away(beyond + self.0.limits.each / GO_AT_ONCE, is_theirs);
    }

    /// So many of them, at least one.
    fn send_away(&self, many: usize, of: impl Fn(&Place) -> bool) {
        let waits =
            |place: &&Arc<Place>| of(place) && place.doing().0.is_waiting() && !place.is_going();
        let waiting: Vec<Arc<Place>> = self.places().values().filter(waits).cloned().collect();
        for place in who_goes(&waiting, many.max(1), GRACE) {
            self.not_served(NotServed::SentAway);
            place.go();
        }
    }
}

impl MadeRoom {
    /// How often in a row it is made, if it is to be made now: not where it was just now.
    fn again(&mut self, now: Instant) -> Option<u32> {
        let since = self.last.map(|last| now.saturating_duration_since(last));
        if since.is_some_and(|since| since < LOOK_AGAIN / 2) {
            return None;
        }
        let in_a_row = since.is_some_and(|since| since < LOOK_AGAIN * 2);
        self.again = if in_a_row { (self.again + 1).min(TWICE_AS_MANY) } else { 0 };
        self.last = Some(now);
        Some(self.again)
    }
}

/// Who goes first is greater: what it does, and for how long.
type Order = (u8, Duration);

/// Whom to send away: of whoever has the most, first those whose head does not come, then those
/// whose body does not or who do not take their answer, then idle ones, pages that listen, and what
/// has begun within `grace`; of these the oldest, and of several who have as many the same. Trusted
/// proxies go last.
fn who_goes(
    waiting: &[Arc<Place>],
    many: usize,
    grace: Duration,
) -> impl Iterator<Item = &Arc<Place>> {
    let mut of: HashMap<Option<IpNet>, Vec<(&Arc<Place>, Order)>> = HashMap::new();
    for place in waiting {
        // The widest that somebody may have for themselves.
        let network = nested_networks(place.peer)
            .last()
            .map(|(network, _)| network)
            .filter(|_| !place.is_proxy);
        let (doing, time) = place.doing();
        let rank = match doing {
            Doing::Head if time >= grace => 4,
            Doing::Theirs if time >= grace => 3,
            Doing::Idle => 2,
            Doing::Listening => 1,
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
    let key = |groups: &[Vec<(_, Order)>], n: usize| {
        groups[n].last().map(|(_, first)| (groups[n].len(), *first, n))
    };
    let mut heap: BinaryHeap<(usize, Order, usize)> =
        (0..groups.len()).filter_map(|n| key(&groups, n)).collect();
    let mut going = Vec::new();
    while going.len() < many
        && let Some((.., n)) = heap.pop()
    {
        going.extend(groups[n].pop().map(|(place, _)| place));
        heap.extend(key(&groups, n));
    }
    if going.is_empty() {
        let mut proxies = proxies;
        proxies.sort_by_key(|(_, order)| *order);
        going.extend(proxies.into_iter().rev().take(many).map(|(place, _)| place));
    }
    going.into_iter()
}

#[cfg(test)]
#[path = "house_tests.rs"]
mod tests;
