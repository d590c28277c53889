//! What the desk shows of the audit: its rows, what is looked for among them, and whether its
//! chains hold.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Actor, Moment, Outcome, RecordedAction};

/// One line of the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// Time-ordered id (UUIDv7).
    pub id: String,
    /// When.
    pub at: Moment,
    /// Who acted.
    pub actor: Actor,
    /// Acted upon: a NetID, a client's title, or empty where it was nobody in particular.
    pub subject: String,
    /// What was done; where it was refused, what was asked for.
    pub action: RecordedAction,
    /// How it ended.
    pub outcome: Outcome,
    /// The IP address that asked for it, where one did.
    pub address: String,
    /// The User-Agent, at most 256 characters.
    pub agent: String,
    /// More, for people.
    pub detail: String,
    /// Its place in a chain.
    pub link: ChainLink,
}

/// A row's place in its node's chain: with it a copy of the row can be checked without the store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainLink {
    /// The node that wrote it.
    pub node: String,
    /// Its number in that node's chain, from 1.
    pub seq: i64,
    /// The hash of the row before it; empty: it is the first.
    pub prev: String,
    /// The hash of this row.
    pub hash: String,
}

/// A row of a chain by its hash, written `NODE:SEQ:HASH`: what an operator keeps outside the store
/// to hold against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainPoint {
    /// The node whose chain it is: each has one of its own.
    pub node: String,
    /// The row's number in that node's chain.
    pub seq: i64,
    /// The row's hash.
    pub hash: String,
}

impl fmt::Display for ChainPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.node, self.seq, self.hash)
    }
}

impl FromStr for ChainPoint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.trim().splitn(3, ':');
        let (Some(node), Some(seq), Some(hash)) = (parts.next(), parts.next(), parts.next()) else {
            return Err("write it NODE:SEQ:HASH, as the log has node, seq and hash");
        };
        let seq = seq.parse().ok().filter(|seq| *seq > 0).ok_or("SEQ is a number from 1")?;
        let hash = hash.to_ascii_lowercase();
        if hash.len() != 64 || !hash.bytes().all(|c| c.is_ascii_hexdigit()) {
            return Err("HASH is 64 hexadecimal digits");
        }
        Ok(Self { node: node.to_owned(), seq, hash })
    }
}

/// What to look for in the audit. Empty fields do not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    /// Exactly this actor.
    pub actor: String,
    /// Exactly this subject.
    pub subject: String,
    /// This action, by its code or its words, or all of an area: `password`.
    pub action: String,
    /// Exactly this outcome.
    pub outcome: String,
    /// Not before this day (`YYYY-MM-DD`, UTC).
    pub from: String,
    /// Not after this day (`YYYY-MM-DD`, UTC).
    pub to: String,
    /// Only rows older than the row with this id: the next page.
    pub before: String,
}

/// A page of the audit, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// At most [`AuditPage::ROWS`]; fewer on the last page, and where it is cut short.
    pub rows: Vec<AuditRow>,
    /// Value of [`AuditQuery::before`] for the next page; none: this is the last.
    pub next: Option<String>,
}

impl AuditPage {
    /// How many rows a page has at most.
    pub const ROWS: usize = 50;

    /// Whether it has fewer rows than there are that fit: so few do that not all were looked
    /// through, and the next page goes on.
    #[must_use]
    pub fn is_cut_short(&self) -> bool {
        self.next.is_some() && self.rows.len() < Self::ROWS
    }
}

/// Whether the audit's chains hold (`latchkey audit verify`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainReport {
    /// Rows read.
    pub rows: u64,
    /// What is wrong, one sentence each; empty: every chain holds.
    pub faults: Vec<String>,
    /// What was not looked at, and why: nothing wrong by itself.
    pub notes: Vec<String>,
}

/// What was removed of the audit, since it was older than it is kept, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PruneReport {
    /// Each chain of which something was.
    pub chains: Vec<PrunedChain>,
    /// Why nothing (more) of a chain was, one sentence each: what does not hold is not removed.
    pub faults: Vec<String>,
    /// Of which chains rows that are old stay, since the audit's stream has not sent them yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<String>,
}

/// Rows that were removed from the beginning of one node's chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrunedChain {
    /// The node whose chain it is: each has one of its own.
    pub node: String,
    /// How many.
    pub rows: u64,
    /// When the first of them was written.
    pub from: Moment,
    /// When the last of them was.
    pub to: Moment,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_of_a_chain_is_read_as_it_is_written() {
        let point = ChainPoint { node: "main".to_owned(), seq: 7, hash: "0a".repeat(32) };
        assert_eq!(point.to_string().parse(), Ok(point));
        for wrong in [
            "",
            "main",
            "main:7",
            "main:0:00",
            "main:x:00",
            &format!("main:7:{}", "g".repeat(64)),
            "main:7:00",
        ] {
            assert!(wrong.parse::<ChainPoint>().is_err(), "{wrong}");
        }
    }
}
