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
//! store's own clock ([`crate::store::store_clock`]), keeps one that was held up on the way from
//! beginning after its asker was told so.
//!
//! Tests: below, and with a store that is cut off, stopped and restarted at every point
//! `desk/tests/desk/outcomes.rs`.

use std::time::{Duration, Instant};

use surrealdb::types::SurrealValue;

use crate::store::chain::{Chain, ChainRow, StoredAudit};
use crate::store::change::Change;
use crate::store::error::{Condition, StoreError};
use crate::store::handle::{STORE_TIMEOUT, Store};
use crate::store::retry::{MAX_TRIES, jitter, worst};
use crate::store::vars::vars;
use crate::{AuditAction, Moment};

/// How much longer a change may take for each of its audit rows.
const TIME_PER_ROW: Duration = Duration::from_millis(5);

/// How much longer to look for a commit whose answer did not come.
const LOOK_UP_TIMEOUT: Duration = Duration::from_secs(6);

/// How long to wait before a store that was just lost is asked again.
const LOOK_UP_EVERY: Duration = Duration::from_millis(100);

/// What became of a transaction that was sent.
enum Sent {
    /// The store answered: it was done, or it was not.
    Answered(Result<(), StoreError>),
    /// It did not, or the connection broke, or its answer could not be read.
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
        chain: &mut Chain,
    ) -> Result<(), StoreError> {
        // It is not let go while it is this one's turn: what is not there now was not sent
        // anything.
        self.connection.get()?;
        // An import has as many rows as people, and whoever runs it waits for it.
        let for_rows = TIME_PER_ROW * u32::try_from(times.len()).unwrap_or(u32::MAX);
        let deadline = Instant::now() + STORE_TIMEOUT + for_rows;
        let mut tries = 0;
        loop {
            let too_late = self.by_its_clock(deadline).await?;
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
                    *chain = self.chain_end(&chain.node, deadline).await?;
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
                    let action = change.audit().first().map(|entry| entry.action);
                    if self.landed(chain, &receipt, action, deadline + LOOK_UP_TIMEOUT).await? {
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
        }
    }

    /// Whether the commit with this audit row was written; if it was not, it no longer can be.
    ///
    /// # Errors
    /// [`StoreError::NotKnown`].
    async fn landed(
        &self,
        chain: &mut Chain,
        receipt: &str,
        action: Option<AuditAction>,
        deadline: Instant,
    ) -> Result<bool, StoreError> {
        // A store that was let go is asked nothing more, and held no longer.
        while Instant::now() < deadline && !self.is_let_go() {
            if let Ok(found) = self.shut_out(&chain.node, receipt, deadline).await {
                *chain = Chain::of(&chain.node, found.chain);
                return Ok(found.landed);
            }
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
        let deadline = Instant::now() + STORE_TIMEOUT;
        let mut tries = 0;
        loop {
            let too_late = self.by_its_clock(deadline).await?;
            let (statements, mut vars) = change.rendered();
            vars.extend(vars! { "too_late" => too_late });
            let sql = format!("BEGIN;\n{statements}{NOT_TOO_LATE}COMMIT;");
            let answer = match self.ask_until(&sql, vars, deadline).await {
                Ok(mut response) => worst(response.take_errors().into_values()),
                Err(_) => return Err(StoreError::NotKnown(None)),
            };
            match answer {
                Err(StoreError::Condition(Condition::TooLate)) => self.forget_its_clock(),
                Err(StoreError::Conflict) => jitter(tries).await,
                other => return other,
            }
            tries += 1;
            if tries > MAX_TRIES || Instant::now() >= deadline {
                return Err(StoreError::Conflict);
            }
        }
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
            Ok(mut response) => Sent::Answered(worst(response.take_errors().into_values())),
            Err(error) => Sent::Lost(error),
        }
    }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::settings::Settings;
    use crate::engine::verify::cache::Cache;
    use crate::store::change::AuditEntry;

    const NOW: Moment = Moment(1_000);

    async fn store() -> Store {
        Store::open(&Settings::default(), Arc::new(Cache::new(1, false))).await.expect("in memory")
    }

    /// A change with one row, which leaves a mark.
    fn marked(mark: &str) -> Change {
        Change::new(
            "UPSERT type::record('meta', $mark) SET at = 1",
            vars! { "mark" => mark.to_owned() },
        )
        .audited(AuditEntry::sample())
    }

    async fn is_marked(store: &Store, mark: &str) -> bool {
        let sql = "SELECT VALUE at FROM type::record('meta', $mark)";
        store
            .row::<i64>(sql, vars! { "mark" => mark.to_owned() })
            .await
            .expect("in memory")
            .is_some()
    }

    /// Sends it as a try of `commit` does, for this end of the chain; answers its receipt too.
    async fn send(store: &Store, chain: &Chain, mark: &str) -> (Result<(), StoreError>, String) {
        let change = marked(mark);
        let (end, rows) = chain.rows(change.audit(), &[NOW], None);
        let receipt = rows[0].uuid.clone();
        let deadline = Instant::now() + STORE_TIMEOUT;
        let too_late = store.by_its_clock(deadline).await.expect("in memory");
        match store.send(&change, chain, &end, rows, deadline, too_late).await {
            Sent::Answered(answer) => (answer, receipt),
            Sent::Lost(error) => panic!("{error}"),
        }
    }

    fn soon() -> Instant {
        Instant::now() + LOOK_UP_TIMEOUT
    }

    #[tokio::test]
    async fn what_landed_is_found_and_what_did_not_is_shut_out() {
        let store = store().await;
        let before = store.chain_end("main", soon()).await.expect("in memory");
        let found =
            store.shut_out("main", "no such row", soon()).await.expect("on an empty chain too");
        assert!(!found.landed);
        let (late, _) = send(&store, &before, "late").await;
        assert!(matches!(late, Err(StoreError::Condition(Condition::ChainMoved))), "{late:?}");
        assert!(!is_marked(&store, "late").await, "its asker was told that it was not done");
        let now = Chain::of("main", found.chain);
        let (answer, receipt) = send(&store, &now, "in time").await;
        answer.expect("nothing in its way");
        let found = store.shut_out("main", &receipt, soon()).await.expect("in memory");
        assert!(found.landed && is_marked(&store, "in time").await);
        assert_eq!(found.chain.expect("it has begun").seq, 1);
        store.commit(marked("the next"), NOW).await.expect("goes on behind the fence");
        assert!(is_marked(&store, "the next").await);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_commit_on_its_way_either_is_found_or_never_lands() {
        let store = store().await;
        let (mut landed, mut shut_out) = (0, 0);
        for round in 0..400 {
            let chain = store.chain_end("main", soon()).await.expect("in memory");
            let mark = format!("m{round}");
            let change = marked(&mark);
            let (end, rows) = chain.rows(change.audit(), &[NOW], None);
            let receipt = rows[0].uuid.clone();
            let sending = {
                let (store, chain) = (store.clone(), chain.clone());
                tokio::spawn(async move {
                    store.send(&change, &chain, &end, rows, soon(), i64::MAX).await
                })
            };
            for _ in 0..round % 20 {
                tokio::task::yield_now().await;
            }
            let mut now = chain;
            let found = store.landed(&mut now, &receipt, None, soon()).await.expect("in memory");
            let there = is_marked(&store, &mark).await;
            sending.await.expect("answered");
            assert_eq!((found, found), (there, is_marked(&store, &mark).await), "round {round}");
            if found { landed += 1 } else { shut_out += 1 }
        }
        assert!(
            landed > 0 && shut_out > 0,
            "both orders: {landed} landed, {shut_out} were shut out"
        );
    }

    #[tokio::test]
    async fn a_store_whose_clock_is_minutes_off_works_and_what_is_too_late_does_not_land() {
        let store = store().await;
        for minutes in [-10, 10] {
            store.set_its_clock_off(minutes * 60_000);
            let mark = format!("off by {minutes}");
            store.commit(marked(&mark), NOW).await.expect("read again");
            assert!(is_marked(&store, &mark).await);
        }
        let chain = store.chain_end("main", soon()).await.expect("in memory");
        let change = marked("too late");
        let (end, rows) = chain.rows(change.audit(), &[NOW], None);
        let sent = store.send(&change, &chain, &end, rows, soon(), 1).await;
        assert!(matches!(sent, Sent::Answered(Err(StoreError::Condition(Condition::TooLate)))));
        assert!(!is_marked(&store, "too late").await);
    }

    #[tokio::test]
    async fn what_has_no_audit_row_waits_for_no_chain_and_keeps_its_conditions() {
        let store = store().await;
        let turn = store.chain.clone().lock_owned().await;
        let free = Change::new("UPSERT meta:free SET at = 1", vars! {});
        store.commit(free.clone(), NOW).await.expect("without the chain");
        let refused = store.commit(free.and("THROW 'not-due'", vars! {}), NOW).await;
        assert!(matches!(refused, Err(StoreError::Condition(Condition::NotDue))), "{refused:?}");
        drop(turn);
        assert!(is_marked(&store, "free").await);
    }
}
