//! How far each target of the audit's stream has come, and whose turn it is to send: a record of
//! `meta` for each target. What is sent, and when: [`crate::engine::audit::streaming`]. Tests:
//! `desk/tests/desk/streaming.rs`.

use surrealdb::types::SurrealValue;

use crate::Moment;
use crate::engine::secret::sha256_hex;
use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;

/// How far a target has a chain: all its rows up to this one, which had this hash.
#[derive(Clone, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct StreamCursor {
    pub(crate) node: String,
    pub(crate) seq: i64,
    pub(crate) hash: String,
}

/// What is known of a target, with the ends and the beginnings of the chains at the same moment.
#[derive(Debug, Default, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct StreamState {
    /// None: nobody has streamed to it yet.
    pub(crate) cursors: Option<Vec<StreamCursor>>,
    /// Whose turn it is, or was last.
    pub(crate) node: Option<String>,
    /// When that turn was taken or kept.
    pub(crate) at: Option<i64>,
    pub(crate) heads: Vec<StreamCursor>,
    /// Where chains begin from which old rows were removed.
    pub(crate) starts: Vec<StreamCursor>,
}

/// The key of a target's record: an address may hold anything.
fn key(target: &str) -> String {
    format!("stream_{}", sha256_hex(target.as_bytes()))
}

impl Store {
    /// What is known of this target.
    pub(crate) async fn stream_state(&self, target: &str) -> Result<StreamState, StoreError> {
        let sql = "RETURN {
            cursors: (SELECT VALUE cursors FROM ONLY type::record('meta', $key)),
            node: (SELECT VALUE node FROM ONLY type::record('meta', $key)),
            at: (SELECT VALUE at FROM ONLY type::record('meta', $key)),
            heads: (SELECT record::id(id) AS node, seq, hash FROM chain),
            starts: (SELECT record::id(id) AS node, seq, hash FROM chain_start)
        }";
        Ok(self.row(sql, vars! { "key" => key(target) }).await?.unwrap_or_default())
    }

    /// Has the stream to a target begin behind these rows, unless it has begun.
    pub(crate) async fn begin_stream(
        &self,
        target: &str,
        cursors: &[StreamCursor],
    ) -> Result<(), StoreError> {
        let sql = "IF (SELECT VALUE cursors FROM ONLY type::record('meta', $key)) IS NONE {
            UPSERT type::record('meta', $key) SET target = $target, cursors = $cursors RETURN NONE
        }";
        let values = vars! {
            "key" => key(target), "target" => target.to_owned(), "cursors" => cursors.to_vec(),
        };
        self.note(sql, values).await
    }

    /// Has the stream to a target go on behind these rows.
    pub(crate) async fn move_stream(
        &self,
        target: &str,
        cursors: &[StreamCursor],
    ) -> Result<(), StoreError> {
        let sql = "UPDATE type::record('meta', $key) SET cursors = $cursors RETURN NONE";
        self.note(sql, vars! { "key" => key(target), "cursors" => cursors.to_vec() }).await
    }

    /// Notes how far a target has come, and keeps this node's turn; not where it is another's by
    /// now, which sends the same rows.
    pub(crate) async fn note_streamed(
        &self,
        target: &str,
        node: &str,
        cursors: &[StreamCursor],
        now: Moment,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE type::record('meta', $key) SET cursors = $cursors, at = $at
            WHERE node = $node RETURN NONE";
        let values = vars! {
            "key" => key(target), "node" => node.to_owned(), "cursors" => cursors.to_vec(),
            "at" => now.0,
        };
        self.note(sql, values).await
    }
}

/// Takes the turn of sending to a target for a node, or keeps it: unless another node took or kept
/// it between `due` and `ahead`.
pub(crate) fn take_turn(
    target: &str,
    node: &str,
    now: Moment,
    due: Moment,
    ahead: Moment,
) -> Change {
    Change::new(
        "LET $record = type::record('meta', $key);
         LET $last = (SELECT at, node FROM ONLY $record);
         IF $last IS NOT NONE AND $last.at IS NOT NONE AND $last.node != $node AND $last.at > $due \
         AND $last.at <= $ahead { THROW 'not-due' };
         UPSERT $record SET at = $at, node = $node RETURN NONE",
        vars! {
            "key" => key(target), "node" => node.to_owned(), "at" => now.0, "due" => due.0,
            "ahead" => ahead.0,
        },
    )
}
