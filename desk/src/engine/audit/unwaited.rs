//! Refusals for whose row nobody waits, as of a log-in: whether one is due would be told by the
//! time that it takes, and so whether somebody is known. It would be told to whoever makes the next
//! change as well, who has to wait for what is written before. So all of a moment are written
//! together, whoever they were for, and where none of them has a row to write the turn is taken for
//! something as small. Whoever reads the audit waits for that. Tests: below, and
//! `desk/tests/desk/audit.rs`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{MutexGuard, watch};
use tokio::time::{MissedTickBehavior, timeout};

use crate::Moment;
use crate::engine::audit::refusals::{Due, Refusals, Why};
use crate::engine::lock::lock;
use crate::store::change::AuditEntry;
use crate::store::error::StoreError;
use crate::store::handle::Store;

/// How often they are written.
const WRITE_EVERY: Duration = Duration::from_millis(250);

/// How many may wait; whatever comes then is counted alone.
const MAX_WAITING: usize = 4096;

/// Whoever reads waits no longer for what is under way.
const SETTLES_WITHIN: Duration = Duration::from_secs(2);

/// Those that wait to be written.
#[derive(Debug)]
pub(crate) struct Unwaited {
    refusals: Arc<Refusals>,
    noted: Mutex<Vec<(AuditEntry, Moment)>>,
    turn: tokio::sync::Mutex<()>,
    /// How many there are, with those that are being written.
    many: watch::Sender<usize>,
}

/// So many are being written, or not any more when this is dropped.
struct Writing<'a> {
    unwaited: &'a Unwaited,
    many: usize,
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.unwaited.many.send_modify(|many| *many = many.saturating_sub(self.many));
    }
}

impl Unwaited {
    pub(crate) fn new(refusals: Arc<Refusals>) -> Self {
        Self {
            refusals,
            noted: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            many: watch::Sender::default(),
        }
    }

    /// As [`Refusals::note`], while nobody waits for it.
    pub(crate) fn note(&self, entry: AuditEntry, store: &Store, now: Moment) {
        if store.is_nearly_full() {
            return self.refusals.count(entry, now, Why::NearlyFull);
        }
        let mut noted = lock(&self.noted);
        if noted.len() >= MAX_WAITING {
            drop(noted);
            return self.refusals.count(entry, now, Why::Repeated);
        }
        noted.push((entry, now));
        self.many.send_modify(|many| *many += 1);
    }

    /// Writes those that wait, if there are any.
    ///
    /// # Errors
    /// As [`Store::commit`]: they are counted then, and rows tell of them later.
    pub(crate) async fn write(&self, store: &Store) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        let noted = std::mem::take(&mut *lock(&self.noted));
        let Some((_, now)) = noted.last().cloned() else { return Ok(()) };
        let _writing = Writing { unwaited: self, many: noted.len() };
        if store.is_nearly_full() {
            for (entry, at) in noted {
                self.refusals.count(entry, at, Why::NearlyFull);
            }
            return Ok(());
        }
        let mut due = Due::none(&self.refusals);
        for (entry, at) in noted {
            if let Some(one) = self.refusals.counted(entry, at) {
                due = due.and(one);
            }
        }
        if due.rows.is_empty() {
            return store.write_no_row().await;
        }
        due.write(store, now).await
    }

    /// Whoever has it, nobody writes them: what was being written is.
    pub(crate) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Waits for those that are under way, but not for ever: in a flood there is always one.
    pub(crate) async fn settled(&self) {
        let mut many = self.many.subscribe();
        let _ = timeout(SETTLES_WITHIN, many.wait_for(|many| *many == 0)).await;
    }
}

/// Writes them, until the desk is gone.
pub(crate) async fn write_regularly(store: Store, unwaited: Arc<Unwaited>) {
    let mut ticks = tokio::time::interval(WRITE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // The store says itself that it is away, and they are counted.
        let _ = unwaited.write(&store).await;
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures::poll;

    use super::*;
    use crate::engine::settings::Settings;
    use crate::engine::verify::cache::Cache;
    use crate::{Actor, AuditAction, Outcome};

    const NOW: Moment = Moment(1_795_511_101_234);

    async fn store() -> Store {
        Store::open(&Settings::default(), Arc::new(Cache::new(1, false))).await.expect("in memory")
    }

    /// A wrong password, for somebody or nobody.
    fn wrong(subject: &str) -> AuditEntry {
        AuditEntry {
            actor: Actor::Nobody,
            subject: subject.to_owned(),
            action: AuditAction::LogIn,
            outcome: Outcome::Refused,
            address: "192.0.2.7".to_owned(),
            agent: String::new(),
            detail: if subject.is_empty() { "unknown NetID" } else { "wrong" }.to_owned(),
        }
    }

    async fn subjects(store: &Store) -> Vec<String> {
        let rows = store.chain_rows("main", 0, 1000).await.expect("rows");
        rows.into_iter().map(|row| row.subject).collect()
    }

    #[tokio::test]
    async fn none_begins_a_write_by_itself_and_all_of_a_moment_are_one() {
        let (store, unwaited) = (store().await, Unwaited::new(Arc::default()));
        for subject in ["tia", "", "sam", "", "tia"] {
            unwaited.note(wrong(subject), &store, NOW);
        }
        for _ in 0..1000 {
            tokio::task::yield_now().await;
            assert_eq!(store.many_wait(), 0, "whoever changes something waits for none of them");
        }
        assert!(subjects(&store).await.is_empty());
        unwaited.write(&store).await.expect("written");
        assert_eq!(subjects(&store).await, ["tia", "", "sam"]);
        unwaited.settled().await;
        assert_eq!(*unwaited.many.borrow(), 0);
    }

    #[tokio::test]
    async fn what_is_only_counted_takes_a_turn_like_what_has_a_row() {
        let (store, unwaited) = (store().await, Unwaited::new(Arc::default()));
        unwaited.note(wrong(""), &store, NOW);
        unwaited.write(&store).await.expect("written");
        // Somebody has a row now, and nobody none.
        for (subject, rows) in [("tia", 2), ("", 2)] {
            unwaited.note(wrong(subject), &store, NOW);
            let turn = store.hold_turn().await;
            {
                let mut writing = pin!(unwaited.write(&store));
                for _ in 0..100 {
                    assert!(poll!(&mut writing).is_pending(), "{subject} waits for its turn");
                    tokio::task::yield_now().await;
                }
                drop(turn);
                writing.await.expect("written");
            }
            assert_eq!(subjects(&store).await.len(), rows, "{subject}");
        }
        unwaited.write(&store).await.expect("nothing to write");
    }

    #[tokio::test]
    async fn what_the_store_does_not_take_is_counted_and_told_when_it_does() {
        let (store, unwaited) = (store().await, Unwaited::new(Arc::default()));
        for subject in ["tia", "sam", "tia"] {
            unwaited.note(wrong(subject), &store, NOW);
        }
        store.refuse_rows(true).await;
        assert!(unwaited.write(&store).await.is_err());
        unwaited.settled().await;
        assert_eq!(*unwaited.many.borrow(), 0);
        store.refuse_rows(false).await;
        let later = NOW.plus_seconds(1200);
        unwaited.note(wrong("tia"), &store, later);
        unwaited.write(&store).await.expect("written");
        unwaited.refusals.write_all(&store, later).await.expect("written");
        let rows = store.chain_rows("main", 0, 1000).await.expect("rows");
        let details: Vec<_> =
            rows.iter().map(|row| (row.subject.as_str(), row.detail.as_str())).collect();
        let since = format!("while the store took no rows, since {}", NOW.exact());
        assert_eq!(
            details,
            [
                ("tia", format!("wrong: 2 times {since}").as_str()),
                ("tia", "wrong"),
                ("sam", format!("wrong: once {since}").as_str()),
            ]
        );
    }

    #[tokio::test]
    async fn whoever_has_the_turn_finds_all_of_it_written() {
        let (store, unwaited) = (store().await, Arc::new(Unwaited::new(Arc::default())));
        unwaited.note(wrong("tia"), &store, NOW);
        let turn = store.hold_turn().await;
        let writer = tokio::spawn({
            let (store, unwaited) = (store.clone(), unwaited.clone());
            async move { unwaited.write(&store).await }
        });
        // It has begun when none is noted any more.
        while !lock(&unwaited.noted).is_empty() {
            tokio::task::yield_now().await;
        }
        {
            let mut own = pin!(unwaited.turn());
            assert!(poll!(&mut own).is_pending(), "it is being written");
            drop(turn);
            drop(own.await);
        }
        writer.abort();
        assert_eq!(subjects(&store).await, ["tia"]);
    }

    #[tokio::test]
    async fn how_many_wait_is_bounded_and_none_is_forgotten() {
        let (store, unwaited) = (store().await, Unwaited::new(Arc::default()));
        for n in 0..=MAX_WAITING {
            unwaited.note(
                wrong(""),
                &store,
                NOW.plus_seconds(i64::try_from(n / 1000).expect("small")),
            );
        }
        assert_eq!(lock(&unwaited.noted).len(), MAX_WAITING);
        unwaited.write(&store).await.expect("written");
        unwaited.refusals.write_all(&store, NOW).await.expect("written");
        let rows = store.chain_rows("main", 0, 1000).await.expect("rows");
        let details = rows.last().expect("a row").detail.clone();
        // The one beyond was counted before any had its row.
        assert!(details.starts_with("unknown NetID: 4097 times"), "{details}");
    }
}
