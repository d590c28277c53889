//! The store's live feed: what is written, by whichever node.

use surrealdb::Notification;
use surrealdb::method::QueryStream;
use surrealdb::types::SurrealValue;
use tokio::sync::watch;

use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;

#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
/// A token was made or used.
pub(crate) struct TokenChange {
    pub(crate) id: String,
    pub(crate) owner: String,
}

#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
/// A row of the audit was written.
pub(crate) struct AuditChange {
    pub(crate) node: String,
    pub(crate) seq: i64,
    pub(crate) actor: String,
    pub(crate) subject: String,
    pub(crate) action: String,
    pub(crate) outcome: String,
}

/// The end of a node's chain.
#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct ChainEnd {
    pub(crate) node: String,
    pub(crate) seq: i64,
}

impl Store {
    /// The feeds of tokens and of how far the chains of the audit have come, from now on.
    ///
    /// Not of the audit's rows themselves: a server closes a connection for which more than a
    /// hundred notifications wait (its `SURREAL_WEBSOCKET_RESPONSE_CHANNEL_SIZE`), and an import or
    /// a group's members are more rows than that at once. A change is one step of a chain, whatever
    /// it holds. And of tokens when they are made and used, but not when they are revoked, restored
    /// or cleaned up, for the same reason: those have their rows in the audit.
    pub(crate) async fn live(
        &self,
    ) -> Result<
        (QueryStream<Notification<TokenChange>>, QueryStream<Notification<ChainEnd>>),
        StoreError,
    > {
        // A chain that is taken out, with its node, is no news.
        let feeds =
            "LIVE SELECT record::id(id) AS id, owner FROM token WHERE $event != 'DELETE' AND \
            revoked_at IS NONE AND $before.revoked_at IS NONE;
            LIVE SELECT record::id(id) AS node, seq FROM chain WHERE $event != 'DELETE'";
        let mut feeds = self.ask(feeds, vars! {}).await?.check()?;
        Ok((
            feeds.stream::<Notification<TokenChange>>(0)?,
            feeds.stream::<Notification<ChainEnd>>(1)?,
        ))
    }

    /// Hears when the connection is made anew.
    pub(crate) fn watch_connection(&self) -> watch::Receiver<u64> {
        self.connection.watch()
    }

    /// How far each node's chain has come.
    pub(crate) async fn chain_ends(&self) -> Result<Vec<ChainEnd>, StoreError> {
        self.rows("SELECT record::id(id) AS node, seq FROM chain", vars! {}).await
    }

    /// The rows of a node's chain above one number, up to another.
    pub(crate) async fn audit_changes(
        &self,
        node: &str,
        above: i64,
        end: i64,
    ) -> Result<Vec<AuditChange>, StoreError> {
        let sql = "SELECT node, seq, actor, subject, action, outcome FROM audit WHERE node = $of \
            AND seq > $heard ORDER BY seq LIMIT $many";
        // By one bound the index is walked from there; by two, from there to its end.
        let many = end.saturating_sub(above).max(0);
        self.rows(sql, vars! { "of" => node.to_owned(), "heard" => above, "many" => many }).await
    }
}
