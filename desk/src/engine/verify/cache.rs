//! What verify has read from the store, until it changes.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

use quick_cache::Weighter;
use quick_cache::sync::Cache as BoundedMap;

use crate::engine::figures::counter::Counters;
use crate::engine::figures::kinds::CacheFigures;
use crate::engine::verify::cached_token::{CachedToken, Id, Stamp};
use crate::engine::verify::known_ids::KnownIds;
use crate::engine::verify::stranger_gate::StrangerGate;
use crate::store::change::AuditEntry;
use crate::store::handle::CommitObserver;
use crate::{Moment, Outcome, RecordedAction};

/// Counters of changes: people share one of these by their NetID's hash. A change to one of them
/// makes the others with the same counter be read anew, once; nothing worse.
const COUNTERS: usize = 4096;

/// How many bytes a token is reckoned at: those of people with long names and descriptions take
/// more, so that fewer of them are remembered.
const TOKEN_BYTES: u64 = 600;

/// Weighs what is known of tokens by its bytes.
#[derive(Clone, Debug)]
struct InBytes;

impl Weighter<Id, Arc<CachedToken>> for InBytes {
    fn weight(&self, _: &Id, known: &Arc<CachedToken>) -> u64 {
        known.bytes()
    }
}

/// How many unknown tokens are remembered, apart from the known ones: a flood of them must not push
/// those out.
const UNKNOWN: usize = 16_384;

/// How many clients' secrets are remembered.
const CLIENTS: usize = 256;

/// How long an answer from a store that other nodes write to may be used, in milliseconds. The live
/// feed tells of changes within a second; this is for the change that it should lose.
const SHARED_FOR: i64 = 30_000;

/// What verify has read from the store, until it changes.
///
/// Entries are never taken out when something changes: they are outdated by a counter. Whoever
/// reads for the cache notes the counters before and after ([`Cache::begin_read`], [`Cache::put`]);
/// whoever has changed a person ([`Cache::outdate`]) counts first the change, then the person's
/// counter. So, of any order in which the two may meet: what was read before the change is either
/// put with the old counter, and is outdated as soon as the change counts, or is not put at all,
/// since the number of changes is another. Nothing read before a change is used after `outdate`
/// returned.
///
/// The maps are `quick_cache`'s: each holds so much and no more, and what is asked for again and
/// again outlives a flood of what is asked for once. Whether what is in them still holds, they do
/// not know.
#[derive(Debug)]
pub(crate) struct Cache {
    known: BoundedMap<Id, Arc<CachedToken>, InBytes>,
    unknown: BoundedMap<Id, Arc<Stamp>>,
    /// Clients by the SHA-256 of name and secret: that this one was right.
    clients: BoundedMap<Id, Arc<Stamp>>,
    /// Which tokens and clients there are, remembered or not.
    pub(crate) ids: Arc<KnownIds>,
    counters: Vec<AtomicU64>,
    changes: AtomicU64,
    hasher: RandomState,
    /// Other nodes write to the store too.
    shared: bool,
    /// Events of other nodes' changes come in.
    fed: AtomicBool,
    /// How often a token was there, and how often not.
    looks: Counters<2>,
}

/// Where it is counted that a token was there, and that it was not.
const HIT: usize = 0;
const MISS: usize = 1;

/// A reading of the store under way, for [`Cache::put`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadStart(u64);

/// What the cache knows of a token.
#[derive(Debug)]
pub(crate) enum Cached {
    /// It exists.
    Known(Arc<CachedToken>),
    /// There is no such token.
    Unknown,
}

/// This node's own changes, before whoever asked for one hears of it.
impl CommitObserver for Cache {
    fn written(&self, entry: &AuditEntry) {
        self.outdate_by(&RecordedAction::Known(entry.action), entry.outcome, &entry.subject);
    }

    fn everything(&self) {
        self.outdate_all();
    }
}

impl Cache {
    /// A cache of about `most` tokens, and of so many bytes as those take; `shared` where other
    /// nodes write to the store too. It is not used before [`Cache::feed`] says that their changes
    /// are heard of.
    pub(crate) fn new(most: usize, shared: bool) -> Self {
        // A quarter more: over the parts of a map, with a lock each, tokens do not spread evenly.
        let room = |most: usize| most + most / 4;
        Self {
            known: BoundedMap::with_weighter(
                room(most.max(1)),
                u64::try_from(room(most.max(1))).unwrap_or(u64::MAX).saturating_mul(TOKEN_BYTES),
                InBytes,
            ),
            unknown: BoundedMap::new(room(UNKNOWN)),
            clients: BoundedMap::new(CLIENTS),
            ids: Arc::default(),
            counters: (0..=COUNTERS).map(|_| AtomicU64::new(0)).collect(),
            changes: AtomicU64::new(0),
            hasher: RandomState::new(),
            shared,
            fed: AtomicBool::new(!shared),
            looks: Counters::default(),
        }
    }

    /// What is known of the token without asking the store.
    pub(crate) fn get(&self, id: &Id, now: Moment) -> Option<Cached> {
        let found = self.look(id, now);
        self.looks.add(if found.is_some() { HIT } else { MISS });
        found
    }

    fn look(&self, id: &Id, now: Moment) -> Option<Cached> {
        if !self.fed.load(SeqCst) {
            return None;
        }
        if let Some(known) = self.known.get(id) {
            return self.holds(&known.stamp, now).then_some(Cached::Known(known));
        }
        let unknown = self.unknown.get(id)?;
        self.holds(&unknown, now).then_some(Cached::Unknown)
    }

    /// Whether the token is one that there is, or was, as far as anybody here has heard: outdated
    /// or not.
    pub(crate) fn has_heard_of(&self, id: &Id) -> bool {
        self.ids.may_have(id) || self.known.contains_key(id)
    }

    /// Whether this client's secret was right when it was last looked at, or is the one that there
    /// is, as far as anybody here has heard.
    pub(crate) fn has_known_client(&self, credential: &Id) -> bool {
        self.ids.may_have(credential) || self.clients.contains_key(credential)
    }

    /// Whether the store may be asked about what was not heard of. Who is turned away may be among
    /// those that are still to be read after a start: that goes on in haste from then on.
    ///
    /// # Errors
    /// The seconds to wait.
    pub(crate) fn ask_gate(&self, gate: &dyn StrangerGate) -> Result<(), u32> {
        gate.may_ask().inspect_err(|_| self.ids.make_haste())
    }

    /// Whether this client's secret is known to be right.
    pub(crate) fn knows_client(&self, credential: &Id, now: Moment) -> bool {
        let entry = self.fed.load(SeqCst).then(|| self.clients.get(credential)).flatten();
        entry.is_some_and(|entry| self.holds(&entry, now))
    }

    fn holds(&self, stamp: &Stamp, now: Moment) -> bool {
        self.counters[stamp.owner].load(SeqCst) == stamp.counter
            && self.is_fresh(stamp.read_at, now)
    }

    fn is_fresh(&self, read_at: Moment, now: Moment) -> bool {
        !self.shared || (read_at.0..read_at.0 + SHARED_FOR).contains(&now.0)
    }

    /// To be called before the store is read.
    pub(crate) fn begin_read(&self) -> ReadStart {
        ReadStart(self.changes.load(SeqCst))
    }

    /// Keeps what was read since `reading`; false where something changed meanwhile, so that it may
    /// be outdated already.
    pub(crate) fn put(
        &self,
        id: Id,
        read: Option<CachedToken>,
        reading: ReadStart,
        now: Moment,
    ) -> (Option<Arc<CachedToken>>, bool) {
        let Some(mut known) = read else {
            return (None, self.put_unknown(id, "", reading, now));
        };
        let (stamp, holds) = self.stamp(known.principal.netid.as_str(), reading, now);
        known.stamp = stamp;
        let known = Arc::new(known);
        if holds && self.fed.load(SeqCst) {
            self.known.insert(id, known.clone());
        }
        (Some(known), holds)
    }

    /// Keeps that there is no such token, until something about this person changes who may have
    /// it yet; empty: until anybody's may. False as for [`Cache::put`].
    pub(crate) fn put_unknown(&self, id: Id, netid: &str, reading: ReadStart, now: Moment) -> bool {
        let (stamp, holds) = self.stamp(netid, reading, now);
        if holds && self.fed.load(SeqCst) {
            self.unknown.insert(id, Arc::new(stamp));
        }
        holds
    }

    /// Remembers that a client's secret was right; `title` is its name in the audit.
    pub(crate) fn put_client(&self, credential: Id, title: &str, reading: ReadStart, now: Moment) {
        let (stamp, holds) = self.stamp(title, reading, now);
        if holds && self.fed.load(SeqCst) {
            self.clients.insert(credential, Arc::new(stamp));
        }
    }

    /// The counter first, then the number of changes: the order that the type's description relies
    /// on.
    fn stamp(&self, netid: &str, reading: ReadStart, now: Moment) -> (Stamp, bool) {
        let owner = self.counter_of(netid);
        let stamp = Stamp { owner, counter: self.counters[owner].load(SeqCst), read_at: now };
        (stamp, self.changes.load(SeqCst) == reading.0)
    }

    /// Outdates what an audit row may have changed. There is no change without its row, so that
    /// rows are all that need to be looked at, this node's and those of others alike.
    pub(crate) fn outdate_by(&self, action: &RecordedAction, outcome: Outcome, subject: &str) {
        if outcome == Outcome::Refused || !action.affects_verify() {
            return;
        }
        if subject.is_empty() { self.outdate_all() } else { self.outdate(subject) }
    }

    /// Something about this person or their tokens has changed: nothing read before is used any
    /// more.
    pub(crate) fn outdate(&self, netid: &str) {
        self.changes.fetch_add(1, SeqCst);
        self.counters[self.counter_of(netid)].fetch_add(1, SeqCst);
    }

    /// Anything may have changed.
    pub(crate) fn outdate_all(&self) {
        self.changes.fetch_add(1, SeqCst);
        for counter in &self.counters {
            counter.fetch_add(1, SeqCst);
        }
        self.unknown.clear();
    }

    /// Whether changes by other nodes are heard of. While they are not, a cache of a shared store
    /// is not used.
    pub(crate) fn feed(&self, fed: bool) {
        if self.shared {
            self.fed.store(false, SeqCst);
            self.outdate_all();
            self.fed.store(fed, SeqCst);
        }
    }

    /// What it remembers of tokens that there are, and how often that was of use.
    pub(crate) fn figures(&self) -> CacheFigures {
        CacheFigures {
            entries: self.known.len(),
            bytes: self.known.weight(),
            capacity: self.known.capacity(),
            hits: self.looks.get(HIT),
            misses: self.looks.get(MISS),
        }
    }

    /// Nobody's is the last, which counts with everybody's alone.
    fn counter_of(&self, netid: &str) -> usize {
        if netid.is_empty() {
            return COUNTERS;
        }
        usize::try_from(self.hasher.hash_one(netid) % COUNTERS as u64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::verify::cached_token::tests::known;

    const ID: Id = [7; 32];
    const NOW: Moment = Moment(1_000_000);

    fn holds(cache: &Cache) -> bool {
        matches!(cache.get(&ID, NOW), Some(Cached::Known(_)))
    }

    #[test]
    fn what_was_put_is_found_until_its_owner_changes() {
        let cache = Cache::new(100, false);
        assert!(cache.get(&ID, NOW).is_none());
        assert!(cache.put(ID, Some(known("tia")), cache.begin_read(), NOW).1);
        assert!(holds(&cache));
        cache.outdate("tia");
        assert!(!holds(&cache));
        assert!(cache.put(ID, Some(known("tia")), cache.begin_read(), NOW).1);
        assert!(holds(&cache));
        cache.outdate_all();
        assert!(!holds(&cache));
        let CacheFigures { entries, bytes, capacity, hits, misses } = cache.figures();
        assert_eq!((entries, bytes, hits, misses), (1, known("tia").bytes(), 2, 3));
        assert!(capacity >= 100 * TOKEN_BYTES, "{capacity}");
    }

    #[test]
    fn what_is_unknown_is_so_until_whoever_may_have_it_changes() {
        let cache = Cache::new(100, false);
        let is_unknown = || matches!(cache.get(&ID, NOW), Some(Cached::Unknown));
        assert!(cache.put_unknown(ID, "tia", cache.begin_read(), NOW) && is_unknown());
        cache.outdate("tia");
        assert!(!is_unknown());
        assert!(cache.put(ID, None, cache.begin_read(), NOW).1 && is_unknown());
        cache.outdate("tia");
        assert!(is_unknown(), "nobody's");
        cache.outdate_all();
        assert!(!is_unknown());
    }

    #[test]
    fn what_is_asked_for_again_and_again_outlives_a_flood_and_memory_is_bounded() {
        let cache = Cache::new(1000, false);
        let id = |n: u32| crate::engine::secret::sha256(&n.to_le_bytes());
        let put = |n| cache.put(id(n), Some(known("tia")), cache.begin_read(), NOW).1;
        let is_there = |n| cache.get(&id(n), NOW).is_some();
        assert!((0..100).all(|n| put(n) && is_there(n)));
        for n in 100..20_000 {
            assert!(is_there(n % 100), "at {n}");
            assert!(put(n) && is_there(n), "the newest is there");
        }
        let there = (0..20_000).filter(|n| cache.known.contains_key(&id(*n))).count() as u64;
        let bytes = known("tia").bytes();
        assert!(there >= 1000 && there * bytes <= 1250 * TOKEN_BYTES, "{there} of {bytes} bytes");
    }

    #[test]
    fn of_tokens_with_much_to_remember_fewer_are_remembered() {
        let cache = Cache::new(1000, false);
        let id = |n: u32| crate::engine::secret::sha256(&n.to_le_bytes());
        for n in 0..5000 {
            let mut known = known("tia");
            known.principal.description = "d".repeat(4000);
            cache.put(id(n), Some(known), cache.begin_read(), NOW);
        }
        let there = (0..5000).filter(|n| cache.known.contains_key(&id(*n))).count();
        assert!((50..200).contains(&there), "{there}");
    }

    #[test]
    fn what_was_read_while_something_changed_is_not_kept() {
        let cache = Cache::new(100, false);
        let reading = cache.begin_read();
        cache.outdate("somebody else");
        assert!(!cache.put(ID, Some(known("tia")), reading, NOW).1);
        assert!(!cache.put(ID, None, reading, NOW).1);
        assert!(cache.get(&ID, NOW).is_none());
    }

    #[test]
    fn an_unknown_token_is_remembered_until_anything_may_have_changed() {
        let cache = Cache::new(100, false);
        assert!(cache.put(ID, None, cache.begin_read(), NOW).1);
        assert!(matches!(cache.get(&ID, NOW), Some(Cached::Unknown)));
        cache.outdate_all();
        assert!(cache.get(&ID, NOW).is_none());
    }

    #[test]
    fn a_shared_store_is_trusted_only_while_fed_and_not_for_long() {
        let cache = Cache::new(100, true);
        let put = || cache.put(ID, Some(known("tia")), cache.begin_read(), NOW).1;
        put();
        assert!(!holds(&cache), "not fed yet");
        cache.feed(true);
        assert!(!holds(&cache), "read before");
        put();
        assert!(holds(&cache));
        assert!(cache.get(&ID, Moment(NOW.0 + SHARED_FOR)).is_none());
        cache.feed(false);
        assert!(!holds(&cache));
    }
}
