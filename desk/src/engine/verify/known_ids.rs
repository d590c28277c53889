//! Which tokens there are, and which clients, roughly, in eight megabytes (a Bloom filter): so that
//! those that nobody here was asked about yet are told from what strangers make up, while there are
//! too many of those to ask the store about each.
//!
//! It never refuses anybody. What it has is looked up whoever else asks; what it does not have,
//! such as a token that another node made a moment ago, is looked up too, as long as strangers are
//! few ([`crate::engine::verify::stranger_gate`]). Tests: here, and `desk/tests/desk/strangers.rs`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::engine::secret::{client_credential, unhex};
use crate::engine::verify::cached_token::Id;
use crate::store::error::StoreError;
use crate::store::handle::Store;

/// Bits: with five million tokens one in two hundred made-up ones is taken for one that there is,
/// with one million one in fifty thousand.
const BITS: u64 = 1 << 26;

/// How many bits a token sets.
const MARKS: usize = 4;

/// How many tokens are read at once.
const READ_AT_ONCE: u32 = 5_000;

/// The rest after each is this many times as long as it took, so that a large campus's cost a tenth
/// of one core after a start, some minutes long, and no longer than this where the store is slow.
/// Nobody waits for it,
const RESTS: u32 = 9;
const LONGEST_REST: Duration = Duration::from_secs(2);

/// but whoever is turned away because they were not heard of yet: from then on the rest is this.
const SHORT_REST: Duration = Duration::from_millis(20);

/// How often all are read again: for those of other nodes that were not heard of.
const AGAIN_AFTER: Duration = Duration::from_hours(1);

/// Which tokens there are, roughly.
#[derive(Debug)]
pub(crate) struct KnownIds {
    words: Vec<AtomicU64>,
    /// Somebody was turned away who may be among those that are still to be read.
    is_in_haste: AtomicBool,
}

impl Default for KnownIds {
    fn default() -> Self {
        let mut words = Vec::new();
        words.resize_with(usize::try_from(BITS / 64).unwrap_or(1), AtomicU64::default);
        Self { words, is_in_haste: AtomicBool::new(false) }
    }
}

impl KnownIds {
    /// There is this one.
    pub(crate) fn add(&self, id: &Id) {
        for (word, bit) in self.marks(id) {
            word.fetch_or(bit, Relaxed);
        }
    }

    /// Whether there is this one, most likely; false: it was not heard of.
    pub(crate) fn may_have(&self, id: &Id) -> bool {
        self.marks(id).all(|(word, bit)| word.load(Relaxed) & bit != 0)
    }

    /// Somebody was turned away who was not heard of.
    pub(crate) fn make_haste(&self) {
        self.is_in_haste.store(true, Relaxed);
    }

    /// How long to rest after what took so long.
    fn rest(&self, took: Duration) -> Duration {
        if self.is_in_haste.load(Relaxed) {
            SHORT_REST
        } else {
            (took * RESTS).clamp(SHORT_REST, LONGEST_REST)
        }
    }

    /// A token's id is a hash already: each eight bytes of it are a place.
    fn marks(&self, id: &Id) -> impl Iterator<Item = (&AtomicU64, u64)> {
        let places =
            id.as_chunks::<8>().0.iter().take(MARKS).map(|bytes| u64::from_le_bytes(*bytes) % BITS);
        places.filter_map(|place| {
            Some((self.words.get(usize::try_from(place / 64).ok()?)?, 1 << (place % 64)))
        })
    }
}

/// Reads all tokens' ids now and, where other nodes make some too, every hour, until the desk is
/// gone.
pub(crate) async fn read_regularly(store: Store, known: Arc<KnownIds>) {
    loop {
        let all = read_all(&store, &known).await;
        known.is_in_haste.store(false, Relaxed);
        match all {
            // This process hears of each that is made here.
            Ok(()) if !store.is_shared() => return std::future::pending().await,
            Ok(()) => {}
            Err(error) => tracing::warn!(
                %error, "which tokens there are could not be read; trying again in an hour",
            ),
        }
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

/// Reads all tokens' ids, and the clients'.
///
/// # Errors
/// [`StoreError::Failed`], [`StoreError::Silent`].
async fn read_all(store: &Store, known: &KnownIds) -> Result<(), StoreError> {
    for (name, secret) in store.client_secrets().await? {
        known.add(&client_credential(&name, &secret));
    }
    read_pins(store, known).await?;
    let mut after = String::new();
    loop {
        let began = Instant::now();
        let ids = store.token_ids(&after, READ_AT_ONCE).await?;
        let Some(last) = ids.last() else { return Ok(()) };
        after.clone_from(last);
        add_all(known, &ids);
        tokio::time::sleep(known.rest(began.elapsed())).await;
    }
}

/// Reads by which old strings of Request Tracker tokens are presented.
async fn read_pins(store: &Store, known: &KnownIds) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let began = Instant::now();
        let pins = store.rt_pins(&after, READ_AT_ONCE).await?;
        let Some(last) = pins.last() else { return Ok(()) };
        after.clone_from(last);
        add_all(known, &pins);
        tokio::time::sleep(known.rest(began.elapsed())).await;
    }
}

fn add_all(known: &KnownIds, ids: &[String]) {
    ids.iter().filter_map(|id| unhex(id)?.try_into().ok()).for_each(|id: Id| known.add(&id));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TokenId;
    use crate::engine::desk_for_tests::{demo_desk, token_of_tia};
    use crate::engine::secret::sha256;
    use crate::engine::verify::answer::NotFound;
    use crate::engine::verify::stranger_gate::StrangerGate;

    fn id(n: u32) -> Id {
        sha256(&n.to_le_bytes())
    }

    #[test]
    fn what_was_added_is_there_and_hardly_anything_else() {
        let ids = KnownIds::default();
        for n in 0..20_000 {
            ids.add(&id(n));
        }
        assert!((0..20_000).all(|n| ids.may_have(&id(n))));
        let taken = (20_000..120_000).filter(|n| ids.may_have(&id(*n))).count();
        assert!(taken < 10, "{taken}");
    }

    /// Lets nobody through.
    #[derive(Debug)]
    struct Closed;

    impl StrangerGate for Closed {
        fn may_ask(&self) -> Result<(), u32> {
            Err(7)
        }

        fn was_unknown(&self) {}
    }

    #[tokio::test]
    async fn who_is_turned_away_is_waited_for_no_longer_than_it_takes() {
        let (desk, _) = demo_desk().await;
        let (cache, long) = (&desk.inner.cache, Duration::from_millis(100));
        assert_eq!(cache.ids.rest(long), long * RESTS);
        assert_eq!(cache.ids.rest(Duration::ZERO), SHORT_REST);
        assert_eq!(cache.ids.rest(Duration::from_mins(1)), LONGEST_REST);
        let known = token_of_tia(&desk).await;
        let found = desk.find_token(&unhexed(&known), &Closed, desk.now()).await;
        assert!(found.is_ok_and(|found| found.is_some()));
        assert_eq!(cache.ids.rest(long), long * RESTS, "nobody was turned away");
        let stranger = desk.find_token(&id(1), &Closed, desk.now()).await;
        assert!(matches!(stranger, Err(NotFound::TooMany(7))));
        assert_eq!(cache.ids.rest(long), SHORT_REST);
    }

    fn unhexed(token: &TokenId) -> Id {
        unhex(token.as_str()).and_then(|id| id.try_into().ok()).expect("an id")
    }
}
