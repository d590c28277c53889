use std::time::Duration;

use futures::StreamExt;
use surrealdb::Notification;
use surrealdb::types::SurrealValue;
use tokio::sync::broadcast;

use super::Desk;
use super::store::{Store, StoreError, outdate};

/// How long to wait before a live feed that broke is opened again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// How often the store is asked whether it is there, and how long its answer may take: news come over the same
/// connection, and a connection that has died silently brings none. Within a second, as DESIGN.md 5 has it.
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
    subject: String,
    action: String,
    outcome: String,
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
    let mut feeds = store.db.query("LIVE SELECT owner FROM token; LIVE SELECT subject, action, outcome FROM audit").await?.check()?;
    let mut tokens = feeds.stream::<Notification<TokenChange>>(0)?;
    let mut audit = feeds.stream::<Notification<AuditChange>>(1)?;
    store.cache.feed(true);
    let mut pulse = std::pin::pin!(pulse(store));
    loop {
        let change = tokio::select! {
            // Audit first: it is what verify waits for.
            biased;
            row = audit.next() => match row {
                Some(row) => {
                    let row = row?.data;
                    outdate(&store.cache, &row.action, &row.outcome, &row.subject);
                    Change::Account(row.subject)
                }
                None => return Ok(()),
            },
            token = tokens.next() => match token {
                Some(token) => Change::Tokens(token?.data.owner),
                None => return Ok(()),
            },
            error = &mut pulse => return Err(error),
        };
        let _ = changes.send(change);
    }
}

/// Ends only when the store does not answer.
async fn pulse(store: &Store) -> StoreError {
    loop {
        tokio::time::sleep(PULSE).await;
        match tokio::time::timeout(PULSE, store.db.health()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return error.into(),
            Err(_) => return StoreError::Silent,
        }
    }
}
