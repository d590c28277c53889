use std::collections::HashMap;
use std::time::Duration;

use futures::StreamExt;
use surrealdb::Notification;
use surrealdb::types::SurrealValue;
use tokio::sync::broadcast;

use super::Desk;
use super::store::{Store, StoreError, outdate, vars};

/// How long to wait before a live feed that broke is opened again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// How often a store that other nodes write to is asked for changes that the feed did not bring, and how long its answer
/// may take: a connection that has died silently brings no news, and of several SurrealDB servers each tells only of what
/// was written through itself. Within a second, as DESIGN.md 5 has it.
const PULSE: Duration = Duration::from_millis(500);

/// Something changed that an open page may show, by this node or another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A token of this person was made, used, edited or revoked.
    Tokens(String),
    /// Something happened to this person's account: a row in their audit.
    Account(String),
    /// The feed was away for a while: anything may have changed.
    Everything,
}

#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct TokenChange {
    owner: String,
}

#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct AuditChange {
    node: String,
    seq: i64,
    subject: String,
    action: String,
    outcome: String,
}

/// The end of a node's chain.
#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct ChainEnd {
    node: String,
    seq: i64,
}

impl Desk {
    /// What changes from now on. A receiver that lags behind should take it as [`Change::Everything`].
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.inner.changes.subscribe()
    }
}

/// Follows the store's live feed until the desk is gone, through every interruption. What verify remembers of a store
/// that other nodes write to is used only while the feed is there.
pub(super) async fn follow(store: Store, changes: broadcast::Sender<Change>) {
    loop {
        if let Err(error) = follow_once(&store, &changes).await {
            tracing::warn!(%error, "the live feed broke off; opening it again");
        }
        store.cache.feed(false);
        tokio::time::sleep(AGAIN_AFTER).await;
        // Nobody listening is no fault, here and below.
        let _ = changes.send(Change::Everything);
    }
}

async fn follow_once(store: &Store, changes: &broadcast::Sender<Change>) -> Result<(), StoreError> {
    let feeds = "LIVE SELECT owner FROM token; LIVE SELECT node, seq, subject, action, outcome FROM audit";
    let mut feeds = store.db.query(feeds).await?.check()?;
    let mut tokens = feeds.stream::<Notification<TokenChange>>(0)?;
    let mut audit = feeds.stream::<Notification<AuditChange>>(1)?;
    let mut heard = Heard::default();
    heard.catch_up(store).await?;
    store.cache.feed(true);
    let mut pulse = tokio::time::interval(PULSE);
    pulse.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let change = tokio::select! {
            // Audit first: it is what verify waits for. Uses of tokens last: many of them must not keep the rest from its turn.
            biased;
            row = audit.next() => match row {
                Some(row) => heard.of(store, row?.data),
                None => return Ok(()),
            },
            _ = pulse.tick(), if store.cache.is_shared() => {
                let missed = tokio::time::timeout(PULSE, heard.catch_up(store)).await.map_err(|_| StoreError::Silent)??;
                for change in missed {
                    let _ = changes.send(change);
                }
                continue;
            }
            token = tokens.next() => match token {
                Some(token) => Change::Tokens(token?.data.owner),
                None => return Ok(()),
            },
        };
        let _ = changes.send(change);
    }
}

/// How far each node's audit has been heard of.
#[derive(Default)]
struct Heard {
    ends: HashMap<String, i64>,
    begun: bool,
}

impl Heard {
    /// A row of the audit: what it may have changed is outdated.
    fn of(&mut self, store: &Store, row: AuditChange) -> Change {
        outdate(&store.cache, &row.action, &row.outcome, &row.subject);
        let seq = self.ends.entry(row.node).or_default();
        *seq = row.seq.max(*seq);
        Change::Account(row.subject)
    }

    /// Reads what the feed has not brought. The first time only how far the audit has come.
    async fn catch_up(&mut self, store: &Store) -> Result<Vec<Change>, StoreError> {
        let first = !std::mem::replace(&mut self.begun, true);
        let ends: Vec<ChainEnd> = store.rows("SELECT record::id(id) AS node, seq FROM chain", vars! {}).await?;
        let mut missed = Vec::new();
        for end in ends {
            let heard = self.ends.get(&end.node).copied().unwrap_or_default();
            if first {
                self.ends.insert(end.node, end.seq.max(heard));
            } else if end.seq > heard {
                let sql = "SELECT node, seq, subject, action, outcome FROM audit WHERE node = $of AND seq > $heard AND seq <= $end";
                let rows: Vec<AuditChange> =
                    store.rows(sql, vars! { "of" => end.node.clone(), "heard" => heard, "end" => end.seq }).await?;
                missed.extend(rows.into_iter().map(|row| self.of(store, row)));
                // Rows that are not to be had any more cannot be asked for again and again.
                self.ends.insert(end.node, end.seq);
            }
        }
        Ok(missed)
    }
}
