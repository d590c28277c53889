//! Removing old rows of the audit, from the beginning of each chain: some at a time, each time in
//! one transaction with the checkpoint that stands for them ([`super::checkpoint`]), so that there
//! is no moment at which the chain does not hold. Nothing is removed that does not hold itself:
//! what somebody has tampered with stays, to be found. When it is done:
//! [`crate::engine::background::retention`], and `latchkey audit prune`. Tests: below,
//! `desk/src/store/retention/tests.rs`, `desk/tests/desk/retention.rs`.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::engine::audit::chain_check::ChainCheck;
use crate::engine::audit::checkpoint;
use crate::engine::audit::entry::entry;
use crate::engine::origin::Origin;
use crate::engine::secret::Secret;
use crate::engine::settings::Settings;
use crate::moment::MAX_CLOCK_SKEW;
use crate::store::audit::ChainHead;
use crate::store::chain::StoredAudit;
use crate::store::change::{AuditEntry, Change};
use crate::store::error::{Condition, StoreError};
use crate::store::handle::Store;
use crate::store::retention::{self, ChainStart, node_of};
use crate::{Actor, AuditAction, Moment, PruneReport, PrunedChain};

/// Rows that one transaction removes.
const BATCH: i64 = 200;

/// A pause is so many times as long as the batch before it: a quarter of the time at the most
/// somebody else's change waits.
const PAUSES: u32 = 3;

/// A row that is dated later than this, in days from now, was written by a clock that was wrong.
const WRONG_CLOCK_DAYS: i64 = 1;

/// A node that has removed nothing for this long has lost its turn, in seconds: it may be gone.
const TURN: i64 = 900;

/// What is to be removed, and on whose word.
pub(crate) struct Pruning<'a> {
    pub(crate) store: &'a Store,
    pub(crate) key: Option<&'a Secret>,
    /// Rows written before this go.
    pub(crate) beginning: Moment,
    pub(crate) actor: Actor,
    pub(crate) origin: Origin,
    pub(crate) now: Moment,
    /// Only look what would be.
    pub(crate) dry_run: bool,
    /// A checkpoint that was written before there was a key is taken for good.
    pub(crate) accept_unmarked: bool,
    /// Whose turn it is is written with each batch: this node's, by this clock.
    pub(crate) in_turn: Option<&'a Settings>,
    /// The target of the audit's stream: what it lacks stays.
    pub(crate) streams_to: Option<&'a str>,
}

/// How far the audit's stream has sent a chain.
#[derive(Default)]
struct Streamed {
    /// None: there is no stream, or it has not begun.
    up_to: Option<i64>,
    /// Old rows stay because of it.
    holds: bool,
}

impl Streamed {
    /// Leaves of these rows those that were sent.
    fn hold(&mut self, rows: &mut Vec<StoredAudit>) {
        let Some(up_to) = self.up_to else { return };
        let sent = rows.iter().position(|row| row.seq > up_to).unwrap_or(rows.len());
        self.holds |= sent < rows.len();
        rows.truncate(sent);
    }
}

/// What one chain's next batch is.
struct Batch {
    rows: Vec<StoredAudit>,
    /// After which row the chain begins so far.
    was: i64,
    start: ChainStart,
}

impl Pruning<'_> {
    /// Removes what is old of every chain, of nodes that are gone too.
    ///
    /// # Errors
    /// Those of [`Store::commit`]: what is not removed yet will be the next time.
    pub(crate) async fn run(&self) -> Result<PruneReport, StoreError> {
        let mut report = PruneReport::default();
        let marks = self.store.chain_marks().await?;
        let streamed = match self.streams_to {
            Some(target) => self.store.stream_state(target).await?.cursors,
            None => None,
        };
        for head in self.store.chain_heads().await? {
            let mark = marks.iter().find(|mark| mark.node == head.node);
            let mut done =
                PrunedChain { node: head.node.clone(), rows: 0, from: Moment(0), to: Moment(0) };
            let up_to = streamed.as_ref().map(|cursors| {
                let cursor = cursors.iter().find(|cursor| cursor.node == head.node);
                cursor.map_or(0, |cursor| cursor.seq)
            });
            let mut streamed = Streamed { up_to, holds: false };
            let ended = self.chain(&head, mark, &mut streamed, &mut done).await;
            if done.rows > 0 {
                report.chains.push(done);
            }
            report.faults.extend(ended?);
            report.waiting.extend(streamed.holds.then(|| head.node.clone()));
        }
        Ok(report)
    }

    /// One chain; answers what is wrong with it, where it is: then nothing more is removed.
    async fn chain(
        &self,
        head: &ChainHead,
        mark: Option<&ChainHead>,
        streamed: &mut Streamed,
        done: &mut PrunedChain,
    ) -> Result<Vec<String>, StoreError> {
        let mut stored = self.store.chain_start(&head.node).await?;
        let mut start = stored.clone();
        if let Some(start) = &start
            && let Some(fault) = self.checkpoint_fault(start).await?
        {
            return Ok(vec![fault]);
        }
        loop {
            let began = Instant::now();
            let next = self.next(head, stored.as_ref(), start.as_ref(), streamed).await?;
            let Some(batch) = next else { return Ok(Vec::new()) };
            let mut check = ChainCheck::new(&head.node, mark, Some(head), self.key);
            if let Some(start) = &start {
                check.begins(start);
            }
            check.rows(&batch.rows, head.seq);
            let faults = check.faults_so_far();
            if !faults.is_empty() {
                return Ok(faults);
            }
            if !self.dry_run && !self.commit(&batch).await? {
                return Ok(Vec::new());
            }
            if done.rows == 0 {
                done.from = Moment(batch.start.from_at);
            }
            (done.rows, done.to) = (done.rows + batch.rows.len() as u64, Moment(batch.start.to_at));
            start = Some(batch.start);
            if !self.dry_run {
                stored.clone_from(&start);
                tokio::time::sleep(began.elapsed() * PAUSES).await;
            }
        }
    }

    /// What is wrong with the checkpoint that more would be removed upon. One that wants nothing
    /// but the mark is written again where that was asked for.
    async fn checkpoint_fault(&self, start: &ChainStart) -> Result<Option<String>, StoreError> {
        let row = self.store.checkpoint(start).await?;
        if let Some(row) = row
            .as_ref()
            .filter(|row| self.accept_unmarked && checkpoint::wants_its_mark(row, self.key))
            && checkpoint::fault(start, Some(row), None).is_none()
        {
            if !self.dry_run {
                self.store.commit(Change::default().audited(self.entry(start)), self.now).await?;
            }
            return Ok(None);
        }
        if self.key.is_none() && (start.marked || row.as_ref().is_some_and(|row| row.mac.is_some()))
        {
            let node = &start.node;
            return Ok(Some(format!(
                "node {node}: rows were removed by a node that has audit.key, which is not set here"
            )));
        }
        Ok(checkpoint::fault(start, row.as_ref(), self.key))
    }

    /// What goes next, after `start`; none: nothing is old, or the chain does not begin as it was
    /// `stored` any more, since another removes too.
    async fn next(
        &self,
        head: &ChainHead,
        stored: Option<&ChainStart>,
        start: Option<&ChainStart>,
        streamed: &mut Streamed,
    ) -> Result<Option<Batch>, StoreError> {
        let was = start.map_or(0, |start| start.seq);
        let part = self.store.chain_part(&head.node, was, BATCH).await?;
        if part.start.as_ref() != stored {
            return Ok(None);
        }
        let mut rows = part.rows;
        rows.retain(|row| row.seq <= head.seq);
        rows.truncate(old(&rows, self.beginning, self.now));
        streamed.hold(&mut rows);
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(None) };
        let start = ChainStart {
            node: head.node.clone(),
            first: first.seq,
            seq: last.seq,
            hash: last.hash.clone(),
            marked: start.is_some_and(|start| start.marked)
                || rows.iter().any(|row| row.mac.is_some()),
            from_at: first.at,
            to_at: last.at,
            at: self.now.0,
        };
        Ok(Some(Batch { rows, was, start }))
    }

    /// Removes a batch; false: another does, or it is another's turn.
    async fn commit(&self, batch: &Batch) -> Result<bool, StoreError> {
        let mut change = retention::remove(&batch.start, batch.was, &batch.rows)
            .audited(self.entry(&batch.start));
        for carried in self.carried(batch).await? {
            change = change.audited(self.entry(&carried));
        }
        if let Some(settings) = self.in_turn {
            change = change.with(turn(settings));
        }
        match self.store.commit(change, self.now).await {
            Ok(()) => Ok(true),
            Err(StoreError::Condition(Condition::Stale | Condition::NotDue)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The beginnings of other chains whose checkpoints are among the rows that go: these are
    /// written again, as they were.
    async fn carried(&self, batch: &Batch) -> Result<Vec<ChainStart>, StoreError> {
        let is_checkpoint = |row: &&StoredAudit| row.action == AuditAction::AuditPrune.code();
        let nodes: BTreeSet<&str> = batch
            .rows
            .iter()
            .filter(is_checkpoint)
            .filter_map(|row| node_of(&row.subject))
            .collect();
        let mut carried = Vec::new();
        for node in nodes.into_iter().filter(|node| *node != batch.start.node) {
            let Some(start) = self.store.chain_start(node).await? else { continue };
            let Some(newest) = self.store.checkpoint(&start).await? else { continue };
            // It was checked: it is one of the rows.
            if batch.rows.iter().any(|row| row.uuid == newest.uuid) {
                carried.push(start);
            }
        }
        Ok(carried)
    }

    fn entry(&self, start: &ChainStart) -> AuditEntry {
        entry(self.actor.clone(), &start.subject(), AuditAction::AuditPrune, &self.origin)
            .detailed(start.detail())
    }
}

/// Takes this node's turn, or keeps it: what [`Condition::NotDue`] refuses while it is another's.
pub(crate) fn turn(settings: &Settings) -> Change {
    let now = settings.clock.now();
    retention::take_turn(
        &settings.node,
        now,
        now.plus_seconds(-TURN),
        // A turn from further ahead was taken by a clock that was wrong.
        now.plus_seconds(MAX_CLOCK_SKEW),
    )
}

/// How many of these rows are old: up to the last one that is, but none after one that is not. A
/// row that says that it was written in the future goes with those around it.
fn old(rows: &[StoredAudit], beginning: Moment, now: Moment) -> usize {
    let wrong = now.plus_days(WRONG_CLOCK_DAYS);
    let kept = rows
        .iter()
        .position(|row| row.at >= beginning.0 && row.at <= wrong.0)
        .unwrap_or(rows.len());
    rows[..kept].iter().rposition(|row| row.at < beginning.0).map_or(0, |last| last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::chain::Chain;

    #[test]
    fn only_the_beginning_is_old_and_a_clock_that_was_wrong_does_not_keep_it() {
        let (beginning, now) = (Moment(0).plus_days(100), Moment(0).plus_days(130));
        let row = |day: i64| {
            let chain = Chain::default();
            chain.rows(&[AuditEntry::sample()], &[Moment(0).plus_days(day)], None).1.remove(0)
        };
        for (days, many) in [
            (&[][..], 0),
            (&[100, 99], 0),
            (&[99, 99, 100, 99], 2),
            (&[99, 999, 99, 100], 3),
            (&[99, 999, 100], 1),
            (&[999, 999], 0),
            (&[98, 99], 2),
        ] {
            let rows: Vec<StoredAudit> = days.iter().map(|day| row(*day)).collect();
            assert_eq!(old(&rows, beginning, now), many, "{days:?}");
        }
    }
}
