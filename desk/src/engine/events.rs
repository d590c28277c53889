//! What changes, by this node or another: for pages that are open, and for verify, which outdates
//! what it has read.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::{FutureExt, StreamExt};
use tokio::sync::broadcast;

use crate::engine::clock::Clock;
use crate::engine::lock::lock;
use crate::engine::secret::unhex;
use crate::engine::verify::cache::Cache;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::live::{AuditChange, ChainEnd};
use crate::{AuditAction, Moment, Outcome, RecordedAction};

#[cfg(test)]
mod tests;

/// How long to wait before a live feed that broke is opened again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// How often a store that other nodes write to is asked for changes that the feed did not bring,
/// and how long its answer may take: a connection that has died silently brings no events, and of
/// several SurrealDB servers each tells only of what was written through itself. Both together:
/// what another node changed is known here within a second.
const PULSE: Duration = Duration::from_millis(500);

/// So many rows of the audit are read of a chain at once, an import's perhaps: more would take
/// longer than a connection may be silent.
const MUCH: i64 = 1000;

/// How many people's latest changes are remembered: some megabytes at most.
const REMEMBERED: usize = 10_000;

/// Something changed that an open page may show, by this node or another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A token of this person was made, used, edited or revoked.
    Tokens(String),
    /// This person's account is another: what whoever finds them sees of it.
    Account(String),
    /// Something else happened that their audit tells: a log-in, a confirmation, what was done with
    /// tokens.
    History(String),
    /// Somebody looked at them, for the first time today: news to whoever reads their history, but
    /// not to whoever looked, whose page shows it already.
    Look {
        /// At whom.
        of: String,
        /// Who looked: their own page shows it already.
        by: String,
    },
    /// The feed was away for a while: anything may have changed.
    Everything,
}

/// Tells what changes.
#[derive(Debug)]
pub(crate) struct Events {
    clock: Clock,
    sender: broadcast::Sender<Event>,
    recent: Mutex<Recent>,
}

impl Events {
    pub(crate) fn new(clock: Clock) -> Self {
        let recent = Mutex::new(Recent::from(clock.now()));
        Self { clock, sender: broadcast::channel(1024).0, recent }
    }

    /// What changes from now on.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.sender.subscribe()
    }

    /// What has changed of this person since then, or may have.
    pub(crate) fn since(&self, netid: &str, since: Moment) -> Vec<Event> {
        lock(&self.recent).of(netid, since)
    }

    pub(crate) fn tell(&self, change: Event) {
        // Remembered first, so that whoever subscribes and then asks hears of it by the one way or
        // the other.
        lock(&self.recent).note(&change, self.clock.now());
        // Nobody listening is no fault.
        let _ = self.sender.send(change);
    }
}

/// When something last changed of whom.
#[derive(Debug)]
struct Recent {
    /// What changed before, or at that moment, is not known.
    from: Moment,
    tokens: HashMap<String, Moment>,
    accounts: HashMap<String, Moment>,
    histories: HashMap<String, Moment>,
    /// By whom was looked at, and who looked.
    looks: BTreeMap<(String, String), Moment>,
}

impl Recent {
    fn from(now: Moment) -> Self {
        Self {
            from: now,
            tokens: HashMap::new(),
            accounts: HashMap::new(),
            histories: HashMap::new(),
            looks: BTreeMap::new(),
        }
    }

    fn note(&mut self, change: &Event, now: Moment) {
        let (latest, netid) = match change {
            Event::Tokens(netid) => (&mut self.tokens, netid),
            Event::Account(netid) => (&mut self.accounts, netid),
            Event::History(netid) => (&mut self.histories, netid),
            Event::Look { of, by } => {
                self.looks.insert((of.clone(), by.clone()), now);
                return self.forget_when_full(now);
            }
            Event::Everything => return *self = Self::from(now),
        };
        match latest.get_mut(netid) {
            Some(at) => *at = now,
            None => _ = latest.insert(netid.clone(), now),
        }
        self.forget_when_full(now);
    }

    fn forget_when_full(&mut self, now: Moment) {
        let people = self.tokens.len() + self.accounts.len() + self.histories.len();
        if people + self.looks.len() > REMEMBERED {
            *self = Self::from(now);
        }
    }

    fn of(&self, netid: &str, since: Moment) -> Vec<Event> {
        if since <= self.from {
            return vec![Event::Everything];
        }
        let changed =
            |latest: &HashMap<String, Moment>| latest.get(netid).is_some_and(|at| *at >= since);
        let tokens = changed(&self.tokens).then(|| Event::Tokens(netid.to_owned()));
        let account = changed(&self.accounts).then(|| Event::Account(netid.to_owned()));
        let history = changed(&self.histories).then(|| Event::History(netid.to_owned()));
        let looks = self
            .looks
            .range((netid.to_owned(), String::new())..)
            .take_while(|((of, _), _)| of == netid)
            .filter(|(_, at)| **at >= since)
            .map(|((of, by), _)| Event::Look { of: of.clone(), by: by.clone() });
        tokens.into_iter().chain(account).chain(history).chain(looks).collect()
    }
}

/// Follows the store's live feed until the desk is gone, through every interruption. What verify
/// remembers of a store that other nodes write to is used only while the feed is there.
pub(crate) async fn follow(store: Store, cache: Arc<Cache>, events: Arc<Events>) {
    loop {
        if let Err(error) = follow_once(&store, &cache, &events).await {
            tracing::warn!(%error, "the live feed broke off; opening it again");
        }
        tokio::time::sleep(AGAIN_AFTER).await;
        events.tell(Event::Everything);
    }
}

/// While this is there, other nodes' changes are heard of; however following ends, by a panic too,
/// they no longer are.
struct Feed<'a>(&'a Cache);

impl Feed<'_> {
    /// From now on they are.
    fn is_there(&self) {
        self.0.feed(true);
    }
}

impl Drop for Feed<'_> {
    fn drop(&mut self) {
        self.0.feed(false);
    }
}

async fn follow_once(store: &Store, cache: &Cache, events: &Events) -> Result<(), StoreError> {
    // A feed holds the connection: it ends where that is made anew.
    let mut connection = store.watch_connection();
    let (mut tokens, mut chains) = store.live().await?;
    let mut heard = Heard::default();
    let feed = Feed(cache);
    heard.catch_up(store, cache).await?;
    feed.is_there();
    let mut pulse = tokio::time::interval(PULSE);
    pulse.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let change = tokio::select! {
            // Audit first: it is what verify waits for. Usage of tokens last: many of them must not
            // keep the rest from its turn.
            biased;
            _ = connection.changed() => return Ok(()),
            // However many notifications wait.
            _ = pulse.tick(), if store.is_shared() => {
                for change in in_time(heard.catch_up(store, cache)).await? {
                    events.tell(change);
                }
                continue;
            }
            end = chains.next() => match end {
                Some(end) => {
                    let mut ends = vec![end?.data];
                    // All that wait are read at once.
                    while let Some(Some(end)) = chains.next().now_or_never() {
                        ends.push(end?.data);
                    }
                    for change in in_time(heard.read_all(store, cache, ends)).await? {
                        events.tell(change);
                    }
                    continue;
                }
                None => return Ok(()),
            },
            token = tokens.next() => match token {
                Some(token) => {
                    let token = token?.data;
                    if let Some(id) = unhex(&token.id).and_then(|id| id.try_into().ok()) {
                        cache.ids.add(&id);
                    }
                    Event::Tokens(token.owner)
                }
                None => return Ok(()),
            },
        };
        events.tell(change);
    }
}

/// What was read, if it did not take too long: a connection that has died silently brings nothing.
async fn in_time(
    reading: impl Future<Output = Result<Vec<Event>, StoreError>>,
) -> Result<Vec<Event>, StoreError> {
    tokio::time::timeout(PULSE, reading).await.map_err(|_| StoreError::Silent)?
}

/// How far each node's audit has been heard of.
#[derive(Default)]
struct Heard {
    ends: HashMap<String, i64>,
    started: bool,
}

impl Heard {
    /// A row of the audit: what it may have changed is outdated.
    fn of(&mut self, cache: &Cache, row: AuditChange) -> Vec<Event> {
        let (action, outcome) = (RecordedAction::from(row.action), Outcome::parse(&row.outcome));
        cache.outdate_by(&action, outcome, &row.subject);
        let heard = self.ends.entry(row.node).or_default();
        // One that comes before those below it does not stand for them: they are read, if they do
        // not come.
        if row.seq == *heard + 1 {
            *heard = row.seq;
        }
        let is_done = outcome == Outcome::Done;
        let tokens = (is_done && ends_tokens(&action)).then(|| Event::Tokens(row.subject.clone()));
        let other = if is_done && shows_on_account(&action) {
            Event::Account(row.subject)
        } else if is_done && is_look(&action) {
            Event::Look { of: row.subject, by: row.actor }
        } else {
            Event::History(row.subject)
        };
        tokens.into_iter().chain([other]).collect()
    }

    /// Reads what the feed has not brought. The first time only how far the audit has come.
    async fn catch_up(&mut self, store: &Store, cache: &Cache) -> Result<Vec<Event>, StoreError> {
        let first = !std::mem::replace(&mut self.started, true);
        let ends = store.chain_ends().await?;
        if !first {
            return self.read_all(store, cache, ends).await;
        }
        for end in ends {
            let heard = self.heard(&end.node);
            self.ends.insert(end.node, end.seq.max(heard));
        }
        Ok(Vec::new())
    }

    /// Reads what chains have gained since they were heard of, each once, whoever told of it and
    /// however often.
    async fn read_all(
        &mut self,
        store: &Store,
        cache: &Cache,
        ends: Vec<ChainEnd>,
    ) -> Result<Vec<Event>, StoreError> {
        let mut latest: BTreeMap<String, i64> = BTreeMap::new();
        for end in ends {
            let seq = latest.entry(end.node).or_default();
            *seq = end.seq.max(*seq);
        }
        let mut changes = Vec::new();
        for (node, seq) in latest {
            changes.extend(self.read_to(store, cache, ChainEnd { node, seq }).await?);
        }
        Ok(changes)
    }

    /// Reads what a chain has gained since it was heard of. Of very much it is not asked what it
    /// was: anything may have changed.
    async fn read_to(
        &mut self,
        store: &Store,
        cache: &Cache,
        end: ChainEnd,
    ) -> Result<Vec<Event>, StoreError> {
        let heard = self.heard(&end.node);
        if end.seq <= heard {
            return Ok(Vec::new());
        }
        let changes = if end.seq - heard > MUCH {
            cache.outdate_all();
            vec![Event::Everything]
        } else {
            let rows = store.audit_changes(&end.node, heard, end.seq).await?;
            rows.into_iter().flat_map(|row| self.of(cache, row)).collect()
        };
        // Rows that are not to be had any more cannot be asked for again and again.
        self.ends.insert(end.node, end.seq);
        Ok(changes)
    }

    fn heard(&self, node: &str) -> i64 {
        self.ends.get(node).copied().unwrap_or_default()
    }
}

/// Whether it tells no more than that somebody looked.
fn is_look(action: &RecordedAction) -> bool {
    [AuditAction::TokenSee, AuditAction::TokenReview, AuditAction::AuditRead]
        .into_iter()
        .any(|look| action.is(look))
}

/// Whether it may end tokens, or bring them back. What this program does not know may.
const fn ends_tokens(action: &RecordedAction) -> bool {
    match action {
        RecordedAction::Known(action) => action.ends_tokens(),
        RecordedAction::Other(_) => true,
    }
}

/// Whether it changes what whoever finds a person sees of their account.
const fn shows_on_account(action: &RecordedAction) -> bool {
    match action {
        RecordedAction::Known(action) => action.shows_on_account(),
        RecordedAction::Other(_) => false,
    }
}
