//! Refusals that repeat. The first of its kind has its row at once, or with those of others a
//! moment later ([`super::unwaited`]); those that follow within a minute are counted, and
//! one row tells how many there were. So nobody fills the audit, or keeps
//! its one writer busy, by asking for what they may not have, or by guessing passwords. The count
//! is this node's, and in bounded memory; while the disk is nearly full, or the store takes no
//! rows, it is all that there is, and rows tell of it afterwards. Tests: `refusals/tests.rs`,
//! `desk/tests/desk/audit.rs`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ipnet::IpNet;

use crate::engine::clock::Clock;
use crate::engine::lock::lock;
use crate::engine::nested::nested_networks;
use crate::store::change::{AuditEntry, Change};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::{Actor, AuditAction, Moment};

#[cfg(test)]
mod tests;

/// How long repeats are counted before a row tells of them.
const WINDOW_SECONDS: i64 = 60;

/// How often rows are written of what was counted and is over.
const WRITE_EVERY: Duration = Duration::from_mins(1);

/// How many kinds of refusal of one actor are told apart at a time. The rest counts as one kind.
const MAX_KINDS_PER_ACTOR: usize = 32;

/// The same of strangers: whoever types wrong passwords is nobody yet. Of one account no more
/// networks are told apart than an actor has kinds.
const MAX_KINDS_OF_STRANGERS: usize = 256;

/// How many kinds are told apart at a time in all. The rest counts as one kind.
const MAX_KINDS: usize = 4096;

/// Refusals that are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// Of one actor, for one action upon one subject, for one reason; of a stranger, from one
    /// network.
    One {
        actor: Actor,
        action: AuditAction,
        subject: String,
        reason: String,
        network: Option<IpNet>,
    },
    /// Whatever else of one actor.
    OfActor(Actor),
    /// Whatever else.
    Other,
}

impl Kind {
    fn actor(&self) -> Option<&Actor> {
        match self {
            Self::One { actor, .. } | Self::OfActor(actor) => Some(actor),
            Self::Other => None,
        }
    }
}

/// Why refusals are counted, and have no row each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// The first of its kind had its row a moment ago.
    Repeated,
    /// The disk is nearly full, for however long.
    NearlyFull,
    /// The store did not take a row, for however long.
    Away,
}

/// Refusals of one kind that are counted.
#[derive(Clone, Debug)]
struct Window {
    since: Moment,
    /// The first of them has its row.
    is_started: bool,
    why: Why,
    repeats: u64,
    /// The last one: its row tells of the others too.
    last: AuditEntry,
}

impl Window {
    /// One that is counted, where one of its kind may be already.
    fn more(&mut self, entry: AuditEntry, why: Why) {
        self.repeats += 1;
        self.why = self.why.max(why);
        self.last = entry;
    }

    fn is_over(&self, now: Moment) -> bool {
        // Also where the clock was set back since.
        self.since.seconds_apart(now) >= WINDOW_SECONDS
    }

    /// The row that tells of the repeats, where there were any.
    fn row(&self, kind: &Kind) -> Option<AuditEntry> {
        let times = match (self.repeats, self.is_started) {
            (0, _) => return None,
            (1, true) => "once more".to_owned(),
            (1, false) => "once".to_owned(),
            (repeats, true) => format!("{repeats} more times"),
            (repeats, false) => format!("{repeats} times"),
        };
        let when = match self.why {
            Why::Repeated => "in a minute".to_owned(),
            Why::NearlyFull => "while the disk was nearly full".to_owned(),
            Why::Away => format!("while the store took no rows, since {}", self.since.exact()),
        };
        let mut entry = self.last.clone();
        let what = match kind {
            Kind::One { .. } => std::mem::take(&mut entry.detail),
            Kind::OfActor(_) => "this and others".to_owned(),
            Kind::Other => {
                entry.actor = Actor::Desk;
                "this and others of several people".to_owned()
            }
        };
        if !matches!(kind, Kind::One { .. }) {
            entry.subject.clear();
        }
        Some(entry.detailed(format!("{what}: {times} {when}")))
    }
}

/// The refusals of the last minute.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    windows: Mutex<HashMap<Kind, Window>>,
}

/// Rows to be written now. Dropped before they are, all that they tell is counted.
pub(super) struct Due<'a> {
    refusals: &'a Refusals,
    pub(super) rows: Vec<AuditEntry>,
    /// What was taken out to be told, and kinds that are begun with these rows.
    taken: Vec<(Kind, Window)>,
    started: Vec<Kind>,
}

impl Due<'_> {
    pub(super) fn none(refusals: &Refusals) -> Due<'_> {
        Due { refusals, rows: Vec::new(), taken: Vec::new(), started: Vec::new() }
    }

    /// These and those.
    pub(super) fn and(mut self, mut other: Self) -> Self {
        self.rows.append(&mut other.rows);
        self.taken.append(&mut other.taken);
        self.started.append(&mut other.started);
        self
    }

    pub(super) async fn write(mut self, store: &Store, now: Moment) -> Result<(), StoreError> {
        if !self.rows.is_empty() {
            let rows = std::mem::take(&mut self.rows);
            store.commit(rows.into_iter().fold(Change::default(), Change::audited), now).await?;
        }
        self.taken.clear();
        self.started.clear();
        Ok(())
    }
}

impl Drop for Due<'_> {
    fn drop(&mut self) {
        let mut windows = lock(&self.refusals.windows);
        // The first of each kind has no row now: it is counted with those since.
        for kind in &self.started {
            if let Some(window) = windows.get_mut(kind) {
                (window.is_started, window.why) = (false, Why::Away);
                window.repeats += 1;
            }
        }
        for (kind, before) in self.taken.drain(..).filter(|(_, window)| window.repeats > 0) {
            match windows.get_mut(&kind) {
                Some(since) => {
                    since.repeats += before.repeats;
                    (since.since, since.is_started) = (before.since, before.is_started);
                }
                None => _ = windows.insert(kind, before),
            }
        }
    }
}

impl Refusals {
    /// Writes down a refusal, or counts it where one of its kind has just been written, or there is
    /// no room for it.
    ///
    /// # Errors
    /// As [`Store::commit`]: it is counted then, and a row tells of it later.
    pub(crate) async fn note(
        &self,
        entry: AuditEntry,
        store: &Store,
        now: Moment,
    ) -> Result<(), StoreError> {
        if store.is_nearly_full() {
            self.count(entry, now, Why::NearlyFull);
            return Ok(());
        }
        match self.counted(entry, now) {
            Some(due) => due.write(store, now).await,
            None => Ok(()),
        }
    }

    /// Writes rows of what was counted and is over; none while there is no room for them.
    ///
    /// # Errors
    /// As [`Store::commit`]: what was counted is kept.
    pub(crate) async fn write_due(&self, store: &Store, now: Moment) -> Result<(), StoreError> {
        if store.is_nearly_full() {
            return Ok(());
        }
        self.due(|window| window.is_over(now)).write(store, now).await
    }

    /// Writes rows of all that was counted. While there is no room for them the log says how many
    /// there were, since they are forgotten with the desk.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub(crate) async fn write_all(&self, store: &Store, now: Moment) -> Result<(), StoreError> {
        if store.is_nearly_full() {
            let refusals: u64 = lock(&self.windows).values().map(|window| window.repeats).sum();
            if refusals > 0 {
                tracing::warn!(
                    refusals,
                    "the disk of the store is nearly full: refusals are not in the audit",
                );
            }
            return Ok(());
        }
        self.due(|_| true).write(store, now).await
    }

    /// Counts a refusal that is not written.
    pub(super) fn count(&self, entry: AuditEntry, now: Moment, why: Why) {
        let mut windows = lock(&self.windows);
        let kind = kind_of(&entry, &windows);
        let window = windows.entry(kind).or_insert_with(|| Window {
            since: now,
            is_started: false,
            why,
            repeats: 0,
            last: entry.clone(),
        });
        window.more(entry, why);
    }

    pub(super) fn counted(&self, entry: AuditEntry, now: Moment) -> Option<Due<'_>> {
        let mut windows = lock(&self.windows);
        let kind = kind_of(&entry, &windows);
        let mut taken = Vec::new();
        if let Some(window) = windows.get_mut(&kind) {
            if !window.is_over(now) {
                window.more(entry, Why::Repeated);
                return None;
            }
            taken.extend(windows.remove(&kind).map(|window| (kind.clone(), window)));
        }
        let started = Window {
            since: now,
            is_started: true,
            why: Why::Repeated,
            repeats: 0,
            last: entry.clone(),
        };
        windows.insert(kind.clone(), started);
        let mut rows: Vec<AuditEntry> =
            taken.iter().filter_map(|(kind, window)| window.row(kind)).collect();
        rows.push(entry);
        Some(Due { refusals: self, rows, taken, started: vec![kind] })
    }

    fn due(&self, is_due: impl Fn(&Window) -> bool) -> Due<'_> {
        let taken: Vec<(Kind, Window)> =
            lock(&self.windows).extract_if(|_, window| is_due(window)).collect();
        let rows = taken.iter().filter_map(|(kind, window)| window.row(kind)).collect();
        Due { refusals: self, rows, taken, started: Vec::new() }
    }
}

/// What the refusal is counted with: with its like, unless there are too many kinds.
fn kind_of(entry: &AuditEntry, windows: &HashMap<Kind, Window>) -> Kind {
    let AuditEntry { actor, action, subject, detail, .. } = entry;
    let is_stranger = *actor == Actor::Nobody;
    let from = |network| Kind::One {
        actor: actor.clone(),
        action: *action,
        subject: subject.clone(),
        reason: detail.clone(),
        network,
    };
    let mut kind = from(if is_stranger { network_of(entry) } else { None });
    if windows.contains_key(&kind) {
        return kind;
    }
    let of_actor = windows.keys().filter(|kind| kind.actor() == Some(actor)).count();
    let is_upon = |kind: &&Kind| {
        kind.actor() == Some(actor)
            && matches!(kind, Kind::One { subject: other, .. } if other == subject)
    };
    if is_stranger && windows.keys().filter(is_upon).count() >= MAX_KINDS_PER_ACTOR {
        // One account from everywhere: the row still says whose.
        kind = from(None);
        if windows.contains_key(&kind) {
            return kind;
        }
    }
    let folded = Kind::OfActor(actor.clone());
    let most = if is_stranger { MAX_KINDS_OF_STRANGERS } else { MAX_KINDS_PER_ACTOR };
    match (windows.len() < MAX_KINDS, of_actor < most) {
        (true, true) => kind,
        (true, false) => folded,
        (false, _) if windows.contains_key(&folded) => folded,
        (false, _) => Kind::Other,
    }
}

/// Where whoever guesses at somebody's password is. Nobody's accounts are of one kind, wherever
/// they are tried from.
fn network_of(entry: &AuditEntry) -> Option<IpNet> {
    let address = entry.address.parse().ok().filter(|_| !entry.subject.is_empty())?;
    nested_networks(address).last().map(|(network, _)| network)
}

/// Writes rows of what was counted and is over, until the desk is gone.
pub(crate) async fn write_regularly(store: Store, refusals: Arc<Refusals>, clock: Clock) {
    let mut ticks = tokio::time::interval(WRITE_EVERY);
    loop {
        ticks.tick().await;
        if let Err(error) = refusals.write_due(&store, clock.now()).await {
            tracing::warn!(
                %error,
                "repeated refusals could not be written to the audit; trying again in a minute",
            );
        }
    }
}
