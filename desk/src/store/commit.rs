//! Writing: a change and its audit rows are one transaction, whose outcome is done, not done, or not known.
//!
//! A commit that was sent and whose answer did not come is looked up by its audit row before anybody is told anything. If it
//! is not there it is shut out at the same moment: each commit holds the number of its chain's fence, and looking counts that
//! up, so that a transaction that is still on its way finds another number, or meets this one, and is not written. Only where
//! the store cannot be asked at all is the outcome not known. A deadline in the transaction keeps one that was held up on
//! the way from landing long after its asker was told so.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rand::Rng;
use surrealdb::types::{QueryError, SurrealValue, Variables};

use crate::store::chain::{Chain, ChainRow, StoredAudit};
use crate::store::change::{AuditEntry, Change};
use crate::store::error::StoreError;
use super::error::Condition;
use crate::store::handle::{CommitObserver, STORE_TIMEOUT, Store};
use crate::store::vars::vars;
use crate::{AuditAction, Moment};

/// How often a transaction in conflict is tried before the person is told to try again.
pub(super) const MAX_TRIES: u32 = 10;

/// How long a change may wait for those before it, be tried, and be looked up, each. Together less than a request may take.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);

/// How long to look for a commit whose answer did not come.
const LOOK_UP_TIMEOUT: Duration = Duration::from_secs(5);

/// How long to wait before a store that was just lost is asked again.
const LOOK_UP_EVERY: Duration = Duration::from_millis(200);

/// Tells the observer of what a change is about, when it is dropped.
struct Observing<'a> {
    observer: &'a dyn CommitObserver,
    audit: &'a [AuditEntry],
}

impl Drop for Observing<'_> {
    fn drop(&mut self) {
        self.audit.iter().for_each(|entry| self.observer.written(entry));
    }
}

/// What became of a transaction that was sent.
enum Sent {
    /// The store answered.
    Answered(Result<(), StoreError>),
    /// It did not, or the connection broke.
    Lost(StoreError),
}

/// What looking for it found.
#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct Found {
    landed: bool,
    chain: Option<ChainRow>,
}

impl Store {
    /// Reads the end of this node's chain.
    pub(super) async fn chain_end(&self, node: &str) -> Result<Chain, StoreError> {
        let sql = "SELECT seq, hash, fence FROM type::record('chain', $node)";
        let row: Option<ChainRow> = self.row(sql, vars! { "node" => node.to_owned() }).await?;
        Ok(Chain::of(node, row))
    }

    /// Commits a change and its audit rows in one transaction: all of it or nothing. Conflicts are retried with jitter.
    ///
    /// # Errors
    /// [`StoreError::Condition`] with what does not hold, [`StoreError::Exists`], [`StoreError::Failed`], [`StoreError::Silent`]:
    /// nothing was changed, and nothing will be. [`StoreError::NotKnown`]: it may have been.
    pub(crate) async fn commit(&self, change: Change, now: Moment) -> Result<(), StoreError> {
        // Dropped before this returns, and also where it is cut off: whether the change went through is not known then.
        let _observing = Observing { observer: self.observer.as_ref(), audit: change.audit() };
        let action = change.audit().first().map(|entry| entry.action);
        // One writer at a time on this node: its rows form one chain. Other nodes have chains of their own.
        let mut chain = tokio::time::timeout(TURN_TIMEOUT, self.chain.lock()).await.map_err(|_| StoreError::Silent)?;
        let result = self.commit_in_turn(&change, &mut chain, action, now).await;
        self.failing.store(matches!(result, Err(StoreError::Failed(_))), Ordering::Relaxed);
        result
    }

    async fn commit_in_turn(&self, change: &Change, chain: &mut Chain, action: Option<AuditAction>, now: Moment) -> Result<(), StoreError> {
        let began = Instant::now();
        let mut tries = 0;
        loop {
            let (end, rows) = chain.rows(change.audit(), now, self.audit_key.as_ref());
            let receipt = rows.last().map(|row| row.uuid.clone());
            match self.commit_once(change, chain, &end, rows).await {
                Sent::Answered(Ok(())) => {
                    *chain = end;
                    return Ok(());
                }
                // Another process wrote to this node's chain, or shut it off.
                Sent::Answered(Err(StoreError::Condition(Condition::ChainMoved))) if tries < MAX_TRIES => {
                    *chain = self.chain_end(&chain.node).await?;
                }
                Sent::Answered(Err(StoreError::Conflict)) if tries < MAX_TRIES => jitter(tries).await,
                Sent::Answered(Err(error)) => return Err(error),
                Sent::Lost(error) => {
                    if self.landed(chain, receipt.as_deref(), action).await? {
                        return Ok(());
                    }
                    // It is known not to have happened. There may be time for another try, over a connection made anew.
                    if began.elapsed() >= STORE_TIMEOUT || tries >= MAX_TRIES {
                        return Err(error);
                    }
                }
            }
            tries += 1;
        }
    }

    /// Whether the commit with this audit row was written; if it was not, it no longer can be.
    ///
    /// # Errors
    /// [`StoreError::NotKnown`].
    async fn landed(&self, chain: &mut Chain, receipt: Option<&str>, action: Option<AuditAction>) -> Result<bool, StoreError> {
        let not_known = || StoreError::NotKnown(action);
        let receipt = receipt.ok_or_else(not_known)?;
        let began = Instant::now();
        while began.elapsed() < LOOK_UP_TIMEOUT {
            let left = LOOK_UP_TIMEOUT.saturating_sub(began.elapsed());
            if let Ok(Ok(found)) = tokio::time::timeout(left, self.shut_out(&chain.node, receipt)).await {
                *chain = Chain::of(&chain.node, found.chain);
                return Ok(found.landed);
            }
            tokio::time::sleep(LOOK_UP_EVERY).await;
        }
        Err(not_known())
    }

    /// Looks for an audit row, and counts up the fence of the chain in the same transaction.
    async fn shut_out(&self, node: &str, receipt: &str) -> Result<Found, StoreError> {
        let sql = "BEGIN;
             LET $end = type::record('chain', $node);
             LET $before = (SELECT seq, hash, fence FROM ONLY $end);
             UPSERT $end SET seq = $before.seq ?? 0, hash = $before.hash ?? '', fence = ($before.fence ?? 0) + 1;
             LET $found = { landed: record::exists(type::record('audit', $receipt)), chain: (SELECT seq, hash, fence FROM ONLY $end) };
             RETURN $found;
             COMMIT;";
        let mut response = self.ask(sql, vars! { "node" => node.to_owned(), "receipt" => receipt.to_owned() }).await?;
        worst(response.take_errors().into_values())?;
        // The statements before RETURN have answers too, and which of them are kept is the store's affair: the last that is one.
        for statement in (0..response.num_statements()).rev() {
            if let Ok(Some(found)) = response.take::<Option<Found>>(statement) {
                return Ok(found);
            }
        }
        Err(StoreError::Silent)
    }

    /// Writes facts that are nobody's action and have no audit row: when something was last seen or used, and what is
    /// swept out. Conflicts are retried as in [`Store::commit`].
    ///
    /// # Errors
    /// [`StoreError::Failed`], [`StoreError::Silent`], [`StoreError::Conflict`] after many tries.
    pub(crate) async fn note(&self, sql: &str, vars: Variables) -> Result<(), StoreError> {
        let mut tries = 0;
        loop {
            let answer = match self.ask(sql, vars.clone()).await {
                Ok(mut response) => worst(response.take_errors().into_values()),
                Err(error) => Err(error),
            };
            match answer {
                Err(StoreError::Conflict) if tries < MAX_TRIES => jitter(tries).await,
                other => return other,
            }
            tries += 1;
        }
    }

    async fn commit_once(&self, change: &Change, was: &Chain, end: &Chain, rows: Vec<StoredAudit>) -> Sent {
        let (statements, mut vars) = change.rendered();
        let mut sql = format!("BEGIN;\n{statements}");
        if !rows.is_empty() {
            sql.push_str(
                "LET $chain = type::record('chain', $node);
                 LET $now = (SELECT seq, fence FROM ONLY $chain);
                 IF ($now.seq ?? 0) != $was OR ($now.fence ?? 0) != $fence { THROW 'chain-moved' };
                 UPSERT $chain SET seq = $seq, hash = $hash, fence = $fence;
                 FOR $row IN $rows { CREATE type::record('audit', $row.uuid) CONTENT $row };\n",
            );
            if was.seq == 0 {
                // That there was such a chain is remembered from its first row on.
                sql.push_str(
                    "LET $mark = type::record('chain_mark', $node);
                     IF !record::exists($mark) { CREATE $mark SET seq = $seq, hash = $hash, at = $at };\n",
                );
                vars.insert("at", rows.first().map_or(0, |row| row.at));
            }
            vars.extend(vars! {
                "node" => end.node.clone(), "was" => was.seq, "fence" => was.fence, "seq" => end.seq, "hash" => end.hash.clone(),
                "rows" => rows,
            });
        }
        sql.push_str("COMMIT;");
        match self.ask(&sql, vars).await {
            Ok(mut response) => Sent::Answered(worst(response.take_errors().into_values())),
            Err(error) => Sent::Lost(error),
        }
    }
}

/// Every statement of a failed transaction has an error; only one of them says why.
fn worst(errors: impl Iterator<Item = surrealdb::types::Error>) -> Result<(), StoreError> {
    let mut worst = None;
    for error in errors {
        let says_nothing = matches!(error.query_details(), Some(QueryError::NotExecuted));
        let error = StoreError::from(error);
        match (&worst, &error) {
            (_, StoreError::Condition(_) | StoreError::Exists) => return Err(error),
            (None, _) => worst = Some(error),
            (Some(StoreError::Failed(_)), _) if !says_nothing => worst = Some(error),
            _ => {}
        }
    }
    worst.map_or(Ok(()), Err)
}

/// Waits before another try: a random time that may double with each.
pub(super) async fn jitter(tries: u32) {
    let wait = rand::rng().random_range(1..=4_u64 << tries.min(6));
    tokio::time::sleep(Duration::from_millis(wait)).await;
}
