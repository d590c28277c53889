//! Writing: a change (or several, [`crate::store::queue`]) and its audit rows are one transaction,
//! whose outcome is done, not done, or not known. [`Store::commit`] itself, and whose turn it is:
//! [`crate::store::group_commit`]. What a person reads where it is not known:
//! [`Refusal::OutcomeNotKnown`](crate::Refusal::OutcomeNotKnown).
//!
//! A commit that was sent and whose answer did not come is looked up by its audit row before
//! anybody is told anything. If it is not there it is shut out at the same moment: each commit
//! holds the number of its chain's fence, and looking counts that up, so that a transaction that is
//! still on its way finds another number, or meets this one, and is not written. Only where the
//! store cannot be asked at all is the outcome not known. A deadline in the transaction, by the
//! store's own clock ([`crate::store::store_time`]), keeps one that was held up on the way from
//! beginning after its asker was told so.
//!
//! A store that says that it failed has answered nothing: a disk that could not be synced may keep
//! what was written all the same, and it is there when the store is opened again. So that is looked
//! up too, and the turn let go of meanwhile ([`crate::store::chain_lock`]), since opening takes it.
//!
//! Tests: `commit/tests.rs`, and with a store that is cut off, stopped and restarted at every point
//! `desk/tests/desk/outcomes.rs`; on a disk that fails
//! `server/tests/server/command_line/failing_disk.rs`.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use surrealdb::types::SurrealValue;

use crate::store::chain::{Chain, ChainRow, StoredAudit};
use crate::store::chain_lock::ChainLock;
use crate::store::change::Change;
use crate::store::counts::Counted;
use crate::store::error::{Condition, StoreError};
use crate::store::handle::{STORE_TIMEOUT, Store};
use crate::store::retry::{MAX_TRIES, jitter, worst};
use crate::store::vars::vars;
use crate::{AuditAction, Moment};

#[cfg(test)]
mod tests;

/// How much longer a change may take for each of its audit rows.
const TIME_PER_ROW: Duration = Duration::from_millis(5);

/// The same where they are of whole people. A SurrealDB server takes longer for each the more there
/// are: 20 milliseconds for each of a hundred new ones, 30 for each of four hundred.
const TIME_PER_PERSON: Duration = Duration::from_millis(250);

/// How much longer to look for a commit whose answer did not come.
const LOOK_UP_TIMEOUT: Duration = Duration::from_secs(6);

/// How long to wait before a store that was just lost is asked again.
const LOOK_UP_EVERY: Duration = Duration::from_millis(100);

/// What became of a transaction that was sent.
enum Sent {
    /// The store answered: it was done, or it was not.
    Answered(Result<(), StoreError>),
    /// It did not, or the connection broke, or its answer could not be read, or it failed, whatever
    /// is on its disk.
    Lost(StoreError),
}

/// What looking for it found.
#[derive(Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct Found {
    landed: bool,
    chain: Option<ChainRow>,
}

impl Store {
    /// Reads the end of this node's chain.
    pub(super) async fn chain_end(
        &self,
        node: &str,
        deadline: Instant,
    ) -> Result<Chain, StoreError> {
        let sql = "SELECT seq, hash, fence FROM type::record('chain', $node)";
        let mut response =
            self.ask_until(sql, vars! { "node" => node.to_owned() }, deadline).await?.check()?;
        Ok(Chain::of(node, response.take(0)?))
    }

    /// Commits changes whose turn it is, with an audit row at each of these times: all of it or
    /// nothing.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub(super) async fn commit_in_turn(
        &self,
        change: &Change,
        times: &[Moment],
        turn: &mut ChainLock<'_>,
    ) -> Result<(), StoreError> {
        // It is not let go while it is this one's turn: what is not there now was not sent
        // anything.
        self.connection.get()?;
        self.takes_what_is_sent()?;
        let deadline = Instant::now() + time_for(change);
        let mut tries = 0;
        loop {
            let chain = turn.chain(deadline).await?;
            let too_late = self.noticed(self.by_its_clock(deadline).await)?;
            let (end, rows) = chain.rows(change.audit(), times, self.audit_key.as_ref());
            // There is one: a change without audit rows does not come here.
            let receipt = rows.last().map(|row| row.uuid.clone()).unwrap_or_default();
            let error = match self.send(change, chain, &end, rows, deadline, too_late).await {
                Sent::Answered(Ok(())) => {
                    *chain = end;
                    return Ok(());
                }
                Sent::Answered(Err(error @ StoreError::Condition(Condition::ChainMoved))) => {
                    // Another process wrote to this node's chain, or shut it off.
                    *chain = self.noticed(self.chain_end(&chain.node, deadline).await)?;
                    error
                }
                Sent::Answered(Err(error @ StoreError::Condition(Condition::TooLate))) => {
                    self.forget_its_clock();
                    error
                }
                Sent::Answered(Err(error @ StoreError::Conflict)) => {
                    jitter(tries).await;
                    error
                }
                Sent::Answered(Err(error)) => return Err(error),
                Sent::Lost(error) => {
                    if !error.is_of_the_connection() {
                        // Whoever keeps the store looks after it at once.
                        self.set_failing();
                    }
                    let action = change.audit().first().map(|entry| entry.action);
                    if self.landed(turn, &receipt, action, deadline + LOOK_UP_TIMEOUT).await? {
                        return Ok(());
                    }
                    // It is known not to have happened. There may be time for another try, over a
                    // connection made anew.
                    if !error.is_of_the_connection() {
                        return Err(error);
                    }
                    error
                }
            };
            tries += 1;
            if tries > MAX_TRIES || Instant::now() >= deadline {
                return Err(match error {
                    StoreError::Condition(Condition::ChainMoved | Condition::TooLate) => {
                        StoreError::Silent
                    }
                    error => error,
                });
            }
            self.counts.add(Counted::Retry);
        }
    }

    /// Whether the commit with this audit row was written; if it was not, it no longer can be.
    ///
    /// # Errors
    /// [`StoreError::NotKnown`].
    pub(super) async fn landed(
        &self,
        turn: &mut ChainLock<'_>,
        receipt: &str,
        action: Option<AuditAction>,
        deadline: Instant,
    ) -> Result<bool, StoreError> {
        // A store that was let go is asked nothing more, and held no longer.
        while Instant::now() < deadline && !self.is_let_go() {
            if let Ok(chain) = turn.chain(deadline).await
                && let Ok(found) = self.shut_out(&chain.node, receipt, deadline).await
            {
                *chain = Chain::of(&chain.node, found.chain);
                // It was written to.
                self.failing.store(false, Ordering::Relaxed);
                return Ok(found.landed);
            }
            turn.let_go();
            tokio::time::sleep(LOOK_UP_EVERY).await;
        }
        Err(StoreError::NotKnown(action))
    }

    /// Looks for an audit row, and counts up the fence of the chain in the same transaction: one
    /// statement is one. It and a commit on its way write the same record, so that of two at one
    /// moment the later is tried anew, and sees the other.
    async fn shut_out(
        &self,
        node: &str,
        receipt: &str,
        deadline: Instant,
    ) -> Result<Found, StoreError> {
        let sql = "RETURN {
            LET $end = type::record('chain', $node);
            LET $before = (SELECT seq, hash, fence FROM ONLY $end);
            UPSERT $end SET seq = $before.seq ?? 0, hash = $before.hash ?? '', fence = \
            ($before.fence ?? 0) + 1;
            RETURN {
                landed: record::exists(type::record('audit', $receipt)),
                chain: (SELECT seq, hash, fence FROM ONLY $end)
            };
        }";
        let vars = vars! { "node" => node.to_owned(), "receipt" => receipt.to_owned() };
        let mut response = self.ask_until(sql, vars, deadline).await?.check()?;
        response.take::<Option<Found>>(0)?.ok_or(StoreError::Broken("chain"))
    }

    /// Writes a change that is nobody's action and has no audit row, if its conditions hold (a
    /// node's turn, say). There is no row to look it up by: where its answer does not come, it is
    /// not known; and it does not begin after that was said.
    pub(super) async fn apply(&self, change: &Change) -> Result<(), StoreError> {
        self.connection.get()?;
        self.takes_what_is_sent()?;
        let deadline = Instant::now() + STORE_TIMEOUT;
        let mut tries = 0;
        loop {
            let too_late = self.by_its_clock(deadline).await?;
            let (statements, mut vars) = change.rendered();
            vars.extend(vars! { "too_late" => too_late });
            let sql = format!("BEGIN;\n{statements}{NOT_TOO_LATE}COMMIT;");
            let answer = match self.ask_until(&sql, vars, deadline).await {
                Ok(mut response) => self.counted(worst(response.take_errors().into_values())),
                Err(_) => return Err(StoreError::NotKnown(None)),
            };
            match answer {
                Err(StoreError::Condition(Condition::TooLate)) => self.forget_its_clock(),
                Err(StoreError::Conflict) => jitter(tries).await,
                other => return self.noticed(other),
            }
            tries += 1;
            if tries > MAX_TRIES || Instant::now() >= deadline {
                return Err(StoreError::Conflict);
            }
            self.counts.add(Counted::Retry);
        }
    }

    /// A store in a folder that has failed takes nothing before it was tried, or opened again:
    /// nothing is sent to it that would not be known of.
    fn takes_what_is_sent(&self) -> Result<(), StoreError> {
        if self.is_failing() && !self.shared { Err(StoreError::Silent) } else { Ok(()) }
    }

    /// Has it looked after where it has failed.
    fn noticed<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if matches!(result, Err(StoreError::Failed(_))) {
            self.set_failing();
        }
        result
    }

    async fn send(
        &self,
        change: &Change,
        was: &Chain,
        end: &Chain,
        rows: Vec<StoredAudit>,
        deadline: Instant,
        too_late: i64,
    ) -> Sent {
        let (statements, mut vars) = change.rendered();
        // That there was such a chain is remembered from its first row on.
        let marked = if was.seq == 0 { MARKED } else { "" };
        let sql = format!("BEGIN;\n{statements}{CHAINED}{marked}{NOT_TOO_LATE}COMMIT;");
        vars.extend(vars! {
            "node" => end.node.clone(), "was" => was.seq, "fence" => was.fence, "seq" => end.seq,
            "hash" => end.hash.clone(),
            "at" => rows.first().map_or(0, |row| row.at), "rows" => rows, "too_late" => too_late,
        });
        match self.ask_until(&sql, vars, deadline).await {
            Ok(mut response) => match self.counted(worst(response.take_errors().into_values())) {
                Err(error @ StoreError::Failed(_)) => Sent::Lost(error),
                answer => Sent::Answered(answer),
            },
            Err(error) => Sent::Lost(error),
        }
    }
}

/// How long a change may take. An import has as many rows as people, and whoever runs it waits for
/// it.
fn time_for(change: &Change) -> Duration {
    let each = if change.writes_people() { TIME_PER_PERSON } else { TIME_PER_ROW };
    STORE_TIMEOUT + each * u32::try_from(change.audit().len()).unwrap_or(u32::MAX)
}

/// Remembers that there is such a chain, in a place of its own: a chain that is gone is missed.
const MARKED: &str = "LET $mark = type::record('chain_mark', $node);
    IF !record::exists($mark) { CREATE $mark SET seq = $seq, hash = $hash, at = $at };\n";

/// The audit rows, after the end that they were made for, and only while nobody has shut them out.
const CHAINED: &str = "LET $chain = type::record('chain', $node);
    LET $end = (SELECT seq, fence FROM ONLY $chain);
    IF ($end.seq ?? 0) != $was OR ($end.fence ?? 0) != $fence { THROW 'chain-moved' };
    UPSERT $chain SET seq = $seq, hash = $hash, fence = $fence;
    FOR $row IN $rows { CREATE type::record('audit', $row.uuid) CONTENT $row };\n";

/// Not after whoever asked was told that it was not done.
const NOT_TOO_LATE: &str = "IF time::millis(time::now()) > $too_late { THROW 'too-late' };\n";
