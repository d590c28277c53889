//! Where a chain begins once old rows were removed from its beginning, and removing them: the rows
//! go and the beginning moves in one transaction, which writes the checkpoint, a row of the audit.
//! What may go: [`crate::engine::audit::pruning`]. Tests: `desk/src/store/retention/tests.rs`,
//! which tampers with a store, and `desk/tests/desk/retention.rs`.

use surrealdb::types::{RecordId, SurrealValue};

use crate::store::chain::StoredAudit;
use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;
use crate::{AuditAction, Moment, Outcome};

/// Where a chain begins: all its rows up to `seq` were removed, the last ones from `first` on.
#[derive(Clone, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct ChainStart {
    pub(crate) node: String,
    pub(crate) first: i64,
    pub(crate) seq: i64,
    /// The hash of the last row that was removed: the first one that is left holds it.
    pub(crate) hash: String,
    /// A row that was removed had a mark by the operator's key: every later one has.
    pub(crate) marked: bool,
    pub(crate) from_at: i64,
    pub(crate) to_at: i64,
    /// When they were removed.
    pub(crate) at: i64,
}

impl ChainStart {
    /// The subject of its checkpoint. No NetID has a blank: nobody takes it for theirs.
    pub(crate) fn subject(&self) -> String {
        format!("node {}", self.node)
    }

    /// The detail of its checkpoint: all of it, so that the row's hash, and its mark, cover it.
    pub(crate) fn detail(&self) -> String {
        let (from, to) = (Moment(self.from_at).rfc3339(), Moment(self.to_at).rfc3339());
        let marked = if self.marked { ", marked" } else { "" };
        format!(
            "rows {} to {}, written {from} to {to}, the last with the hash {}{marked}",
            self.first, self.seq, self.hash
        )
    }
}

/// The node that a checkpoint with this subject is about.
pub(crate) fn node_of(subject: &str) -> Option<&str> {
    subject.strip_prefix("node ")
}

/// Some rows of a chain, with its beginning and its end at the same moment.
#[derive(Debug, Default, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct ChainPart {
    pub(crate) start: Option<ChainStart>,
    pub(crate) rows: Vec<StoredAudit>,
    /// The number of the chain's end.
    pub(crate) end: Option<i64>,
}

impl Store {
    /// Where the chains begin from which rows were removed.
    pub(crate) async fn chain_starts(&self) -> Result<Vec<ChainStart>, StoreError> {
        self.rows("SELECT *, record::id(id) AS node FROM chain_start", vars! {}).await
    }

    /// Where one node's chain begins; none: with its first row.
    pub(crate) async fn chain_start(&self, node: &str) -> Result<Option<ChainStart>, StoreError> {
        if node.is_empty() {
            return Ok(None); // No record has an empty id.
        }
        let sql = "SELECT *, record::id(id) AS node FROM type::record('chain_start', $node)";
        self.row(sql, vars! { "node" => node.to_owned() }).await
    }

    /// Rows that name this node, by their number, above one of them: as they, the chain's beginning
    /// and its end are at one moment.
    pub(crate) async fn chain_part(
        &self,
        node: &str,
        above: i64,
        limit: i64,
    ) -> Result<ChainPart, StoreError> {
        if node.is_empty() {
            return Ok(ChainPart {
                rows: self.chain_rows(node, above, limit).await?,
                ..ChainPart::default()
            });
        }
        let sql = "RETURN {
            start: (SELECT *, record::id(id) AS node FROM ONLY type::record('chain_start', $node)),
            rows: (SELECT * FROM audit WHERE node = $node AND seq > $above ORDER BY seq LIMIT \
            $limit),
            end: (SELECT VALUE seq FROM ONLY type::record('chain', $node))
        }";
        let values = vars! { "node" => node.to_owned(), "above" => above, "limit" => limit };
        Ok(self.row(sql, values).await?.unwrap_or_default())
    }

    /// The newest row that is the checkpoint of this beginning; none: no row says so.
    pub(crate) async fn checkpoint(
        &self,
        start: &ChainStart,
    ) -> Result<Option<StoredAudit>, StoreError> {
        let sql = "SELECT * FROM audit WITH INDEX audit_subject
            WHERE subject = $subject AND action = $action AND outcome = $outcome AND detail = \
            $detail ORDER BY uuid DESC LIMIT 1";
        let values = vars! {
            "subject" => start.subject(), "detail" => start.detail(),
            "action" => AuditAction::AuditPrune.code().to_owned(),
            "outcome" => Outcome::Done.code().to_owned(),
        };
        self.row(sql, values).await
    }
}

/// Removes these rows from the beginning of a chain, which then begins as `start` says: all of it,
/// or nothing where another was there first (the chain does not begin after row `was` any more).
pub(crate) fn remove(start: &ChainStart, was: i64, rows: &[StoredAudit]) -> Change {
    let ids: Vec<RecordId> =
        rows.iter().map(|row| RecordId::new("audit", row.uuid.as_str())).collect();
    Change::new(
        "LET $start = type::record('chain_start', $node);
         IF ((SELECT VALUE seq FROM ONLY $start) ?? 0) != $was { THROW 'stale' };
         LET $gone = (DELETE $ids RETURN BEFORE);
         IF array::len($gone) != $count { THROW 'stale' };
         UPSERT $start SET first = $first, seq = $seq, hash = $hash, marked = $marked, from_at = \
         $from_at, to_at = $to_at, at = $at
            RETURN NONE",
        vars! {
            "node" => start.node.clone(), "was" => was,
            "count" => i64::try_from(ids.len()).unwrap_or(i64::MAX), "ids" => ids,
            "first" => start.first, "seq" => start.seq, "hash" => start.hash.clone(),
            "marked" => start.marked,
            "from_at" => start.from_at, "to_at" => start.to_at, "at" => start.at,
        },
    )
}

/// Takes the turn of removing old rows for a node, or keeps it: unless another node took or kept it
/// between `due` and `ahead`.
pub(crate) fn take_turn(node: &str, now: Moment, due: Moment, ahead: Moment) -> Change {
    Change::new(
        "LET $last = (SELECT at, node FROM ONLY meta:keeping);
         IF $last IS NOT NONE AND $last.node != $node AND $last.at > $due AND $last.at <= $ahead { \
         THROW 'not-due' };
         UPSERT meta:keeping SET at = $at, node = $node RETURN NONE",
        vars! { "due" => due.0, "ahead" => ahead.0, "at" => now.0, "node" => node.to_owned() },
    )
}

#[cfg(test)]
mod tests;
