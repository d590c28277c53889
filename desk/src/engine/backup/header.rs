//! What a backup says of itself before its pairs. Tests: `container/tests.rs`, `fit.rs`.

use serde::{Deserialize, Serialize};

use crate::{AuditRow, ChainPoint, Moment};

/// What a backup holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// All keys and values of a store in a folder.
    Pairs,
    /// Something that a later program writes.
    #[serde(other)]
    Other,
}

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupHeader {
    /// The version of Latchkey that wrote it.
    pub latchkey: String,
    /// The version of SurrealDB whose keys and values these are.
    pub engine: String,
    /// The store's schema.
    pub schema: i64,
    /// What it holds.
    pub payload: Payload,
    /// The database within the store.
    pub database: String,
    /// Whether the store is a demo's.
    pub demo: bool,
    /// When it was made: everything that was acknowledged before is in it.
    pub moment: Moment,
    /// How far the chains of the audit had come by then, at the least.
    pub chains: Vec<ChainPoint>,
}

impl BackupHeader {
    /// Whether this row of the audit may be missing in the copy. A row's number says so, and not
    /// its time: it may have been on its way at the moment of the copy.
    #[must_use]
    pub fn is_before(&self, row: &AuditRow) -> bool {
        self.end_of(&row.link.node).is_none_or(|end| row.link.seq > end.seq)
    }

    /// How far the chain of this node had come.
    pub(crate) fn end_of(&self, node: &str) -> Option<&ChainPoint> {
        self.chains.iter().find(|point| point.node == node)
    }
}

/// What was read, or written, of a backup.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BackupTotals {
    /// Keys with their values.
    pub pairs: u64,
    /// Their bytes, as the store has them.
    pub bytes: u64,
    /// SHA-256 over the whole of it, but for its end, which holds this: the same whether it is
    /// encrypted or not.
    pub sha256: String,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// What a backup could say.
    pub(crate) fn header() -> BackupHeader {
        BackupHeader {
            latchkey: "0.1.0".to_owned(),
            engine: "SurrealDB 3.3.5".to_owned(),
            schema: 10,
            payload: Payload::Pairs,
            database: "latchkey".to_owned(),
            demo: false,
            moment: Moment(1_795_511_101_234),
            chains: vec![ChainPoint { node: "main".to_owned(), seq: 7, hash: "0a".repeat(32) }],
        }
    }
}
