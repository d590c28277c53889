//! Each node's chain of audit rows: every row holds the hash of the one before it, so that none can
//! be changed or taken out without a trace. Where the operator keeps a key outside the store each
//! row has a mark by it too.

use surrealdb::types::SurrealValue;
use uuid::Uuid;

use crate::engine::audit::mac::mac;
use crate::engine::secret::{Secret, sha256_hex};
use crate::store::change::AuditEntry;
use crate::{Actor, AuditRow, ChainLink, Moment, Outcome, RecordedAction};

/// The end of this node's chain of audit rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chain {
    pub(crate) node: String,
    pub(crate) seq: i64,
    pub(crate) hash: String,
    /// Counts up when a commit whose outcome was not known is shut out: it holds the number of
    /// before, and can no longer land.
    pub(crate) fence: i64,
}

/// The end of a chain as stored.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct ChainRow {
    pub(crate) seq: i64,
    pub(crate) hash: String,
    pub(crate) fence: Option<i64>,
}

impl Chain {
    /// The end that a row tells of.
    pub(crate) fn of(node: &str, row: Option<ChainRow>) -> Self {
        let node = node.to_owned();
        row.map_or_else(
            || Self { node: node.clone(), ..Self::default() },
            |row| Self {
                node: node.clone(),
                seq: row.seq,
                hash: row.hash,
                fence: row.fence.unwrap_or_default(),
            },
        )
    }

    /// The rows of `entries`, each at its own of `times`, written after this end and marked by
    /// `key`, and the end that they make.
    pub(crate) fn rows(
        &self,
        entries: &[AuditEntry],
        times: &[Moment],
        key: Option<&Secret>,
    ) -> (Self, Vec<StoredAudit>) {
        let mut end = self.clone();
        let mut rows = Vec::with_capacity(entries.len());
        for (entry, at) in entries.iter().zip(times) {
            let (next, row) = end.row(entry, *at, Uuid::now_v7().to_string(), key);
            end = next;
            rows.push(row);
        }
        (end, rows)
    }

    /// The row of an entry, written at this time after this end, and the end that it makes.
    pub(crate) fn row(
        &self,
        entry: &AuditEntry,
        at: Moment,
        uuid: String,
        key: Option<&Secret>,
    ) -> (Self, StoredAudit) {
        let mut row = StoredAudit {
            uuid,
            at: at.0,
            actor: entry.actor.code(),
            subject: entry.subject.clone(),
            action: entry.action.code().to_owned(),
            outcome: entry.outcome.code().to_owned(),
            address: entry.address.clone(),
            agent: entry.agent.clone(),
            detail: entry.detail.clone(),
            node: self.node.clone(),
            seq: self.seq + 1,
            prev: self.hash.clone(),
            hash: String::new(),
            mac: None,
        };
        row.hash = row.computed_hash();
        row.mac = key.map(|key| mac(key, &row.hash));
        (Self { seq: row.seq, hash: row.hash.clone(), ..self.clone() }, row)
    }
}

/// An audit row as stored. The hash covers every field before it; the mark, by a key that is not in
/// the store, covers the hash.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct StoredAudit {
    pub(crate) uuid: String,
    pub(crate) at: i64,
    pub(crate) actor: String,
    pub(crate) subject: String,
    pub(crate) action: String,
    pub(crate) outcome: String,
    pub(crate) address: String,
    pub(crate) agent: String,
    pub(crate) detail: String,
    pub(crate) node: String,
    pub(crate) seq: i64,
    pub(crate) prev: String,
    pub(crate) hash: String,
    pub(crate) mac: Option<String>,
}

impl StoredAudit {
    /// SHA-256 over the row's fields, each with its length in front, so that no two rows read the
    /// same.
    pub(crate) fn computed_hash(&self) -> String {
        let (at, seq) = (self.at.to_string(), self.seq.to_string());
        let fields = [
            &self.uuid,
            &at,
            &self.actor,
            &self.subject,
            &self.action,
            &self.outcome,
            &self.address,
            &self.agent,
            &self.detail,
            &self.node,
            &seq,
            &self.prev,
        ];
        let mut text = String::with_capacity(256);
        for field in fields {
            text.push_str(&field.len().to_string());
            text.push(':');
            text.push_str(field);
        }
        sha256_hex(text.as_bytes())
    }
}

impl From<StoredAudit> for AuditRow {
    fn from(row: StoredAudit) -> Self {
        Self {
            id: row.uuid,
            at: Moment(row.at),
            actor: Actor::from(row.actor),
            subject: row.subject,
            action: RecordedAction::from(row.action),
            outcome: Outcome::parse(&row.outcome),
            address: row.address,
            agent: row.agent,
            detail: row.detail,
            link: ChainLink { node: row.node, seq: row.seq, prev: row.prev, hash: row.hash },
        }
    }
}

/// A copy of a row, as it was stored but for the mark.
impl From<AuditRow> for StoredAudit {
    fn from(row: AuditRow) -> Self {
        let ChainLink { node, seq, prev, hash } = row.link;
        Self {
            uuid: row.id,
            at: row.at.0,
            actor: row.actor.code(),
            subject: row.subject,
            action: row.action.code().to_owned(),
            outcome: row.outcome.code().to_owned(),
            address: row.address,
            agent: row.agent,
            detail: row.detail,
            node,
            seq,
            prev,
            hash,
            mac: None,
        }
    }
}
