//! Refusals that repeat. The first of its kind has its row at once; those that follow within a
//! minute are counted, and one row tells how many there were. So nobody fills the audit, or keeps
//! its one writer busy, by asking for what they may not have. The count is this node's, and in
//! bounded memory. Tests: below, and `desk/tests/desk/audit.rs`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::engine::clock::Clock;
use crate::engine::lock::lock;
use crate::store::change::{AuditEntry, Change};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::{Actor, AuditAction, Moment};

/// How long repeats are counted before a row tells of them.
const WINDOW_SECONDS: i64 = 60;

/// How often rows are written of what was counted and is over.
const WRITE_EVERY: Duration = Duration::from_secs(60);

/// How many kinds of refusal of one actor are told apart at a time. The rest counts as one kind.
const MAX_KINDS_PER_ACTOR: usize = 32;

/// How many kinds are told apart at a time in all. The rest counts as one kind.
const MAX_KINDS: usize = 4096;

/// Refusals that are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// Of one actor, for one action upon one subject, for one reason.
    One { actor: Actor, action: AuditAction, subject: String, reason: String },
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

/// A refusal that has its row, and how often it was repeated since.
#[derive(Clone, Debug)]
struct Window {
    since: Moment,
    repeats: u64,
    /// The last one: its row tells of the others too.
    last: AuditEntry,
}

impl Window {
    fn is_over(&self, now: Moment) -> bool {
        // Also where the clock was set back since.
        self.since.seconds_apart(now) >= WINDOW_SECONDS
    }

    /// The row that tells of the repeats, where there were any.
    fn row(&self, kind: &Kind) -> Option<AuditEntry> {
        let times = match self.repeats {
            0 => return None,
            1 => "once more in a minute".to_owned(),
            repeats => format!("{repeats} more times in a minute"),
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
        Some(entry.detailed(format!("{what}: {times}")))
    }
}

/// The refusals of the last minute.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    windows: Mutex<HashMap<Kind, Window>>,
}

/// Rows to be written now. Dropped before they are, what they tell is counted again.
struct Due<'a> {
    refusals: &'a Refusals,
    rows: Vec<AuditEntry>,
    /// What was taken out to be told, and kinds that are begun with these rows.
    taken: Vec<(Kind, Window)>,
    begun: Option<Kind>,
}

impl Due<'_> {
    async fn write(mut self, store: &Store, now: Moment) -> Result<(), StoreError> {
        if !self.rows.is_empty() {
            let rows = std::mem::take(&mut self.rows);
            store.commit(rows.into_iter().fold(Change::default(), Change::audited), now).await?;
        }
        self.taken.clear();
        self.begun = None;
        Ok(())
    }
}

impl Drop for Due<'_> {
    fn drop(&mut self) {
        let mut windows = lock(&self.refusals.windows);
        // Those that were counted meanwhile go with the first, which is to be written again.
        let meanwhile =
            self.begun.take().and_then(|kind| windows.remove(&kind).map(|window| (kind, window)));
        for (kind, window) in self.taken.drain(..).chain(meanwhile) {
            if window.repeats > 0 {
                windows
                    .entry(kind)
                    .and_modify(|there| there.repeats += window.repeats)
                    .or_insert(window);
            }
        }
    }
}

impl Refusals {
    /// Writes down a refusal, or counts it where one of its kind has just been written.
    ///
    /// # Errors
    /// As [`Store::commit`]: the next one is then tried again.
    pub(crate) async fn note(
        &self,
        entry: AuditEntry,
        store: &Store,
        now: Moment,
    ) -> Result<(), StoreError> {
        match self.counted(entry, now) {
            Some(due) => due.write(store, now).await,
            None => Ok(()),
        }
    }

    /// Writes rows of what was counted and is over.
    ///
    /// # Errors
    /// As [`Store::commit`]: what was counted is kept.
    pub(crate) async fn write_due(&self, store: &Store, now: Moment) -> Result<(), StoreError> {
        self.due(|window| window.is_over(now)).write(store, now).await
    }

    /// Writes rows of all that was counted.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub(crate) async fn write_all(&self, store: &Store, now: Moment) -> Result<(), StoreError> {
        self.due(|_| true).write(store, now).await
    }

    fn counted(&self, entry: AuditEntry, now: Moment) -> Option<Due<'_>> {
        let mut windows = lock(&self.windows);
        let kind = kind_of(&entry, &windows);
        let mut taken = Vec::new();
        if let Some(window) = windows.get_mut(&kind) {
            if !window.is_over(now) {
                window.repeats += 1;
                window.last = entry;
                return None;
            }
            taken.extend(windows.remove(&kind).map(|window| (kind.clone(), window)));
        }
        windows.insert(kind.clone(), Window { since: now, repeats: 0, last: entry.clone() });
        let mut rows: Vec<AuditEntry> =
            taken.iter().filter_map(|(kind, window)| window.row(kind)).collect();
        rows.push(entry);
        Some(Due { refusals: self, rows, taken, begun: Some(kind) })
    }

    fn due(&self, is_due: impl Fn(&Window) -> bool) -> Due<'_> {
        let taken: Vec<(Kind, Window)> =
            lock(&self.windows).extract_if(|_, window| is_due(window)).collect();
        let rows = taken.iter().filter_map(|(kind, window)| window.row(kind)).collect();
        Due { refusals: self, rows, taken, begun: None }
    }
}

/// What the refusal is counted with: with its like, unless there are too many kinds.
fn kind_of(entry: &AuditEntry, windows: &HashMap<Kind, Window>) -> Kind {
    let AuditEntry { actor, action, subject, detail, .. } = entry;
    let kind = Kind::One {
        actor: actor.clone(),
        action: *action,
        subject: subject.clone(),
        reason: detail.clone(),
    };
    if windows.contains_key(&kind) {
        return kind;
    }
    let of_actor = windows.keys().filter(|kind| kind.actor() == Some(actor)).count();
    let folded = Kind::OfActor(actor.clone());
    match (windows.len() < MAX_KINDS, of_actor < MAX_KINDS_PER_ACTOR) {
        (true, true) => kind,
        (true, false) => folded,
        (false, _) if windows.contains_key(&folded) => folded,
        (false, _) => Kind::Other,
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome;

    const NOW: Moment = Moment(1_795_511_101_234);

    fn refusal(actor: &str, subject: &str) -> AuditEntry {
        AuditEntry {
            actor: Actor::from(actor.to_owned()),
            subject: subject.to_owned(),
            action: AuditAction::UserFind,
            outcome: Outcome::Refused,
            address: "192.0.2.7".to_owned(),
            agent: String::new(),
            detail: "role-too-low".to_owned(),
        }
    }

    /// The details of the rows that a refusal writes at once.
    fn written(refusals: &Refusals, entry: AuditEntry, now: Moment) -> Vec<String> {
        let Some(mut due) = refusals.counted(entry, now) else { return Vec::new() };
        let rows = std::mem::take(&mut due.rows);
        (due.taken, due.begun) = (Vec::new(), None);
        rows.into_iter().map(|row| row.detail).collect()
    }

    #[test]
    fn the_first_is_written_and_the_rest_of_the_minute_is_one_row() {
        let refusals = Refusals::default();
        assert_eq!(written(&refusals, refusal("sam", ""), NOW), ["role-too-low"]);
        for second in 0..57 {
            assert!(written(&refusals, refusal("sam", ""), NOW.plus_seconds(second)).is_empty());
        }
        assert_eq!(
            written(&refusals, refusal("tia", ""), NOW),
            ["role-too-low"],
            "somebody else's"
        );
        let rows = written(&refusals, refusal("sam", ""), NOW.plus_seconds(60));
        assert_eq!(rows, ["role-too-low: 57 more times in a minute", "role-too-low"]);
        assert_eq!(
            written(&refusals, refusal("sam", ""), NOW.plus_seconds(3600)),
            ["role-too-low"],
            "nothing to tell in between"
        );
        assert_eq!(written(&refusals, refusal("sam", ""), NOW), ["role-too-low"], "set back");
    }

    #[test]
    fn what_could_not_be_written_is_not_forgotten() {
        let refusals = Refusals::default();
        drop(refusals.counted(refusal("sam", ""), NOW));
        assert_eq!(
            written(&refusals, refusal("sam", ""), NOW),
            ["role-too-low"],
            "the next one is tried"
        );
        assert!(written(&refusals, refusal("sam", ""), NOW).is_empty());
        drop(refusals.due(|_| true));
        let due = refusals.due(|_| true);
        assert_eq!(
            due.rows.iter().map(|row| row.detail.as_str()).collect::<Vec<_>>(),
            ["role-too-low: once more in a minute"]
        );
    }

    #[test]
    fn many_kinds_of_one_actor_are_one_kind_and_memory_is_bounded() {
        let refusals = Refusals::default();
        let rows: usize = (0..1000)
            .map(|n| written(&refusals, refusal("sam", &format!("nobody{n}")), NOW).len())
            .sum();
        assert_eq!(rows, MAX_KINDS_PER_ACTOR + 1);
        let told: Vec<AuditEntry> = std::mem::take(&mut refusals.due(|_| true).rows);
        assert_eq!(told.len(), 1);
        assert_eq!(
            (told[0].detail.as_str(), told[0].subject.as_str()),
            ("this and others: 967 more times in a minute", "")
        );
        for n in 0..MAX_KINDS * 2 {
            written(&refusals, refusal(&format!("person{n}"), ""), NOW);
        }
        assert_eq!(lock(&refusals.windows).len(), MAX_KINDS + 1);
    }
}
