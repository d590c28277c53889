//! Group commit: changes that wait for their turn are written together, in one transaction, which
//! costs one trip to the disk (or to the server) for all of them. One writer at a time on a node:
//! its rows form one chain. Other nodes have chains of their own.
//!
//! To each of them it is as if it had been written alone, after those before it: a change sees what
//! those before it did, and where a condition of any does not hold, nothing is written, and each is
//! tried by itself. Tests: below; for what is told of changes whose store goes away
//! `desk/tests/desk/outcomes.rs`.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tracing::Instrument as _;

use crate::Moment;
use crate::engine::spans;
use crate::store::chain_lock::ChainLock;
use crate::store::change::{AuditEntry, Change};
use crate::store::error::{Condition, StoreError};
use crate::store::handle::{CommitObserver, Store};
use crate::store::queue::{Waiting, Writing};
use crate::store::vars::vars;

/// How long a change may wait for those before it. With the time for its tries
/// ([`super::handle::STORE_TIMEOUT`]) and for looking it up less than a request may take, so that
/// whoever waits for it hears what became of it.
const TURN_TIMEOUT: Duration = Duration::from_secs(8);

/// Tells the observer of what changes are about, when it is dropped: before anybody is told, and
/// also where it is cut off, since whether they went through is not known then.
struct Observing<'a> {
    observer: &'a dyn CommitObserver,
    audit: Vec<AuditEntry>,
}

impl Drop for Observing<'_> {
    fn drop(&mut self) {
        self.audit.iter().for_each(|entry| self.observer.written(entry));
    }
}

impl Store {
    /// Commits a change and its audit rows in one transaction: all of it or nothing. Conflicts are
    /// retried with jitter.
    ///
    /// # Errors
    /// [`StoreError::NearlyFull`], [`StoreError::Condition`] with what does not hold,
    /// [`StoreError::SentAlready`], [`StoreError::Exists`], [`StoreError::Failed`],
    /// [`StoreError::Silent`]: nothing was changed, and nothing will be. [`StoreError::NotKnown`]:
    /// it may have been.
    pub(crate) async fn commit(&self, change: Change, now: Moment) -> Result<(), StoreError> {
        if change.audit().is_empty() {
            return self.apply(&change).await;
        }
        if self.is_nearly_full() && change.needs_room() {
            return Err(StoreError::NearlyFull);
        }
        let action = change.audit().first().map(|entry| entry.action);
        let (number, mut outcome, start) = self.queue.push(change, now);
        if start {
            let store = self.clone();
            // A task of its own: whoever asked may go away, and others' changes are written with
            // theirs.
            tokio::spawn(async move {
                let write = || {
                    let store = store.clone();
                    tokio::spawn(async move { store.write_waiting().await })
                };
                // Those of a group whose writing panics are told that it is not known; the others
                // go on waiting for the next.
                while write().await.is_err_and(|error| error.is_panic()) {}
            });
        }
        let waiting = async {
            match tokio::time::timeout(TURN_TIMEOUT, &mut outcome).await {
                Ok(outcome) => Some(outcome),
                // Nothing was sent: it is not done, for sure.
                Err(_) if self.queue.withdraw(number) => None,
                // It is being written, which takes so long at most.
                Err(_) => Some(outcome.await),
            }
        };
        let Some(outcome) = waiting.instrument(spans::change()).await else {
            return Err(StoreError::Silent);
        };
        match outcome.unwrap_or(Err(StoreError::NotKnown(action))) {
            Err(StoreError::Condition(Condition::SentAlready)) => {
                Err(StoreError::SentAlready(action))
            }
            outcome => outcome,
        }
    }

    /// Takes its turn, and writes something as small as a row, without one.
    pub(crate) async fn write_no_row(&self) -> Result<(), StoreError> {
        let mut turn = ChainLock::take(self).await;
        let node = turn.chain(Instant::now() + TURN_TIMEOUT).await?.node.clone();
        // Nobody reads the number: it is there to be written.
        let sql = "UPSERT type::record('meta', $own) SET counted = (counted ?? 0) + 1 RETURN NONE";
        self.apply(&Change::new(sql, vars! { "own" => format!("refusals_{node}") })).await
    }

    /// Keeps everybody's turn, in a test.
    #[cfg(test)]
    pub(crate) async fn hold_turn(&self) -> impl Drop + use<> {
        self.chain.clone().lock_owned().await
    }

    /// Takes no row of the audit, or takes them again, in a test.
    #[cfg(test)]
    pub(crate) async fn refuse_rows(&self, refuse: bool) {
        let refused = if refuse { "ASSERT false" } else { "" };
        let sql = format!("DEFINE FIELD OVERWRITE at ON audit TYPE int {refused}");
        self.note(&sql, vars! {}).await.expect("a field");
    }

    /// How many changes wait for their turn, in a test.
    #[cfg(test)]
    pub(crate) fn many_wait(&self) -> usize {
        self.queue.len()
    }

    async fn write_waiting(&self) {
        let mut writing = Writing { queue: &self.queue, is_over: false };
        loop {
            let mut turn = ChainLock::take(self).await;
            let Some(group) = self.queue.next_group() else { break };
            self.write_group(group, &mut turn).await;
        }
        writing.is_over = true;
    }

    async fn write_group(&self, mut group: Vec<Waiting>, turn: &mut ChainLock<'_>) {
        let began = Instant::now();
        if group.len() > 1 {
            let together = group
                .iter()
                .fold(Change::default(), |all, waiting| all.with(waiting.change.clone()));
            let times: Vec<Moment> = group
                .iter()
                .flat_map(|waiting| waiting.change.audit().iter().map(|_| waiting.now))
                .collect();
            match self.write(&together, &times, turn).await {
                Ok(()) => return group.into_iter().for_each(|waiting| waiting.hears(Ok(()))),
                Err(StoreError::NotKnown(_)) => {
                    return group.into_iter().for_each(|waiting| {
                        let action = waiting.change.audit().first().map(|entry| entry.action);
                        waiting.hears(Err(StoreError::NotKnown(action)));
                    });
                }
                Err(StoreError::Silent) => {
                    return group
                        .into_iter()
                        .for_each(|waiting| waiting.hears(Err(StoreError::Silent)));
                }
                // Nothing was written, because of one of them: each by itself.
                Err(_) => {}
            }
        }
        let mut is_away = false;
        for waiting in group.drain(..) {
            if is_away || began.elapsed() > TURN_TIMEOUT {
                waiting.hears(Err(StoreError::Silent));
                continue;
            }
            let times = vec![waiting.now; waiting.change.audit().len()];
            let result = self.write(&waiting.change, &times, turn).await;
            is_away = matches!(result, Err(StoreError::Silent | StoreError::NotKnown(_)));
            waiting.hears(result);
        }
    }

    async fn write(
        &self,
        change: &Change,
        times: &[Moment],
        turn: &mut ChainLock<'_>,
    ) -> Result<(), StoreError> {
        let _observing =
            Observing { observer: self.observer.as_ref(), audit: change.audit().to_vec() };
        let result = self.commit_in_turn(change, times, turn).await;
        if result.is_ok() {
            self.failing.store(false, Ordering::Relaxed);
            self.counts.written(change.audit(), turn.seq());
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::settings::Settings;
    use crate::engine::verify::cache::Cache;
    use crate::store::error::Condition;

    async fn store() -> Store {
        Store::open(&Settings::default(), Arc::new(Cache::new(1, false))).await.expect("in memory")
    }

    /// A change that takes the name, where nobody has it.
    fn takes(name: &str) -> Change {
        let sql = "IF record::exists(type::record('meta', $name)) { THROW 'moved' }; CREATE \
            type::record('meta', $name) SET at = 1";
        Change::new(sql, vars! { "name" => name.to_owned() })
            .audited(AuditEntry::sample().detailed(name))
    }

    async fn details(store: &Store) -> Vec<String> {
        store
            .chain_rows("main", 0, 1000)
            .await
            .expect("rows")
            .into_iter()
            .map(|row| row.detail)
            .collect()
    }

    /// Lets all of them wait for their turn, and answers what each is told.
    async fn together(store: &Store, names: &[&str]) -> Vec<Result<(), StoreError>> {
        let turn = store.chain.clone().lock_owned().await;
        let mut tasks = Vec::new();
        for (n, name) in names.iter().enumerate() {
            let (own, change, now) =
                (store.clone(), takes(name), Moment(i64::try_from(n).expect("few")));
            tasks.push(tokio::spawn(async move { own.commit(change, now).await }));
            // One after the other: they are written in the order in which they come.
            while store.queue.len() <= n {
                tokio::task::yield_now().await;
            }
        }
        drop(turn);
        let mut outcome = Vec::new();
        for one in tasks {
            outcome.push(one.await.expect("no panic"));
        }
        outcome
    }

    #[tokio::test]
    async fn those_that_wait_are_written_in_one_transaction_each_with_its_row_and_time() {
        let store = store().await;
        let names: Vec<String> = (0..40).map(|n| format!("n{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert!(together(&store, &names).await.iter().all(Result::is_ok));
        let rows = store.chain_rows("main", 0, 1000).await.expect("rows");
        assert_eq!(
            rows.iter().map(|row| row.detail.as_str()).collect::<Vec<_>>(),
            names,
            "in the order in which they came"
        );
        assert_eq!(rows.iter().map(|row| row.at).collect::<Vec<_>>(), (0..40).collect::<Vec<_>>());
        assert!(rows.iter().all(|row| row.hash == row.computed_hash()));
    }

    #[tokio::test]
    async fn one_whose_condition_does_not_hold_is_refused_alone() {
        let store = store().await;
        let outcome = together(&store, &["a", "b", "a", "c"]).await;
        let refused = |outcome: &Result<(), StoreError>| {
            matches!(outcome, Err(StoreError::Condition(Condition::Moved)))
        };
        assert_eq!(
            outcome.iter().map(refused).collect::<Vec<_>>(),
            [false, false, true, false],
            "{outcome:?}"
        );
        assert!(outcome.iter().filter(|outcome| !refused(outcome)).all(Result::is_ok));
        assert_eq!(details(&store).await, ["a", "b", "c"]);
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_not_begun() {
        let store = store().await;
        let turn = store.chain.clone().lock_owned().await;
        let gone =
            tokio::time::timeout(Duration::ZERO, store.commit(takes("gone"), Moment(0))).await;
        assert!(gone.is_err(), "it waits");
        drop(turn);
        store.commit(takes("next"), Moment(1)).await.expect("in memory");
        assert_eq!(details(&store).await, ["next"]);
    }

    #[tokio::test]
    async fn what_is_withdrawn_is_not_written_and_what_is_being_written_is_not_withdrawn() {
        let store = store().await;
        let (late, _reply, _) = store.queue.push(takes("late"), Moment(0));
        let (taken, _reply, _) = store.queue.push(takes("taken"), Moment(0));
        assert!(store.queue.withdraw(late));
        let group = store.queue.next_group().expect("one is left");
        assert_eq!(group.len(), 1);
        assert!(!store.queue.withdraw(taken) && !store.queue.withdraw(late));
        assert!(store.queue.next_group().is_none());
    }

    #[tokio::test]
    async fn a_large_change_is_written_alone() {
        let store = store().await;
        let large =
            || (0..100).fold(Change::default(), |all, n| all.with(takes(&format!("large {n}"))));
        let _reply: Vec<_> = [takes("a"), large(), takes("b")]
            .map(|change| store.queue.push(change, Moment(0)))
            .into();
        let groups = std::iter::from_fn(|| store.queue.next_group().map(|group| group.len()));
        // Nobody hears of them: they are kept here, so that they count as waited for.
        assert_eq!(groups.collect::<Vec<_>>(), [1, 1, 1]);
    }

    #[tokio::test]
    async fn a_writer_that_fails_is_followed_by_another() {
        let store = store().await;
        drop(Writing { queue: &store.queue, is_over: false });
        let turn = store.chain.clone().lock_owned().await;
        let first = tokio::spawn({
            let store = store.clone();
            async move { store.commit(takes("first"), Moment(0)).await }
        });
        drop(turn);
        first.await.expect("no panic").expect("in memory");
        store.commit(takes("second"), Moment(0)).await.expect("in memory");
        assert_eq!(details(&store).await, ["first", "second"]);
    }
}
