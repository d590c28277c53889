//! What the store counts: questions and how they end, what is tried again, rows of the audit.
//! Tests: here, and `desk/tests/desk/figures.rs`.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::engine::figures::counter::Counters;
use crate::engine::figures::kinds::{AuditCheck, AuditFigures, StoreFigures};
use crate::engine::figures::timings::Timings;
use crate::engine::lock::lock;
use crate::store::change::AuditEntry;
use crate::{AuditAction, Moment, Outcome};

/// What is counted beside how long questions take.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Counted {
    /// A question that the store has failed at.
    Failed,
    /// A question without an answer in time.
    Silent,
    /// A transaction that is tried again.
    Retry,
    /// It was opened again.
    Reopening,
}

/// Numbers in memory, of this process alone.
#[derive(Debug)]
pub(crate) struct StoreCounts {
    queries: Timings,
    counters: Counters<4>,
    /// From when on it is reckoned when the store has last answered.
    began: Instant,
    /// In milliseconds from there.
    answered: AtomicU64,
    /// By action and outcome.
    rows: Vec<AtomicU64>,
    /// The number of this node's last row.
    end: AtomicI64,
    checked: Mutex<Option<AuditCheck>>,
}

impl Default for StoreCounts {
    fn default() -> Self {
        let rows = AuditAction::ALL.len() * Outcome::ALL.len();
        Self {
            queries: Timings::default(),
            counters: Counters::default(),
            began: Instant::now(),
            answered: AtomicU64::new(0),
            rows: (0..rows).map(|_| AtomicU64::new(0)).collect(),
            end: AtomicI64::new(0),
            checked: Mutex::default(),
        }
    }
}

/// Where the rows of an action are counted. Its number among all is the order in which they are
/// declared.
fn place(action: AuditAction, outcome: Outcome) -> usize {
    action as usize * Outcome::ALL.len() + usize::from(outcome == Outcome::Refused)
}

impl StoreCounts {
    /// One more.
    pub(crate) fn add(&self, what: Counted) {
        self.counters.add(what as usize);
    }

    /// A question has ended after so long; `answered`: by an answer.
    pub(crate) fn query_ended(&self, took: Duration, answered: bool) {
        self.queries.note(took);
        if answered {
            let since = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.answered.store(since, Relaxed);
        }
    }

    /// Rows were written, and this node's chain ends there.
    pub(crate) fn written(&self, rows: &[AuditEntry], end: Option<i64>) {
        for row in rows {
            if let Some(count) = self.rows.get(place(row.action, row.outcome)) {
                count.fetch_add(1, Relaxed);
            }
        }
        if let Some(end) = end {
            self.ends(end);
        }
    }

    /// This node's chain ends there.
    pub(crate) fn ends(&self, end: i64) {
        self.end.store(end, Relaxed);
    }

    /// The audit was looked at, and held or did not.
    pub(crate) fn checked(&self, at: Moment, held: bool) {
        *lock(&self.checked) = Some(AuditCheck { at, held });
    }

    /// What was counted; of the store itself they know nothing.
    pub(crate) fn figures(&self) -> StoreFigures {
        let get = |what: Counted| self.counters.get(what as usize);
        let answered = Duration::from_millis(self.answered.load(Relaxed));
        StoreFigures {
            queries: self.queries.figures(),
            failed: get(Counted::Failed),
            silent: get(Counted::Silent),
            retries: get(Counted::Retry),
            reopenings: get(Counted::Reopening),
            seconds_since_answer: self.began.elapsed().saturating_sub(answered).as_secs_f64(),
            ..StoreFigures::default()
        }
    }

    /// The audit that this process has written.
    pub(crate) fn audit_figures(&self) -> AuditFigures {
        let many = |action, outcome| {
            self.rows.get(place(action, outcome)).map_or(0, |count| count.load(Relaxed))
        };
        let rows = AuditAction::ALL.iter().flat_map(|action| {
            Outcome::ALL.map(|outcome| (*action, outcome, many(*action, outcome)))
        });
        AuditFigures {
            rows: rows.collect(),
            node: String::new(),
            end: self.end.load(Relaxed),
            checked: *lock(&self.checked),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::settings::Settings;
    use crate::engine::verify::cache::Cache;
    use crate::store::error::StoreError;
    use crate::store::handle::Store;
    use crate::store::vars::vars;

    #[tokio::test]
    async fn what_fails_is_counted_of_a_change_as_of_a_question_and_a_condition_is_no_failure() {
        let settings = Settings::default();
        let store = Store::open(&settings, Arc::new(Cache::new(1, false))).await.expect("new");
        let failed = || store.counts.figures().failed;
        assert_eq!(failed(), 0);
        let sql = "UPSERT meta:it SET at = <int>'no number'";
        let outcome = store.note(sql, vars! {}).await;
        assert!(matches!(outcome, Err(StoreError::Failed(_))), "{outcome:?}");
        assert_eq!(failed(), 1);
        let outcome = store.row::<i64>("RETURN <int>'no number'", vars! {}).await;
        assert!(matches!(outcome, Err(StoreError::Failed(_))), "{outcome:?}");
        assert_eq!(failed(), 2);
        let outcome = store.note("THROW 'stale'", vars! {}).await;
        assert!(matches!(outcome, Err(StoreError::Condition(_))), "{outcome:?}");
        assert_eq!(failed(), 2);
    }

    #[test]
    fn each_action_and_outcome_has_a_place_of_its_own() {
        let all = || AuditAction::ALL.iter().flat_map(|one| Outcome::ALL.map(|out| (*one, out)));
        let places: Vec<usize> = all().map(|(action, outcome)| place(action, outcome)).collect();
        assert_eq!(places, (0..StoreCounts::default().rows.len()).collect::<Vec<_>>());
    }
}
