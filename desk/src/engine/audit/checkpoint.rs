//! The checkpoint of old rows that were removed: a row of the audit, in the chain of the node that
//! removed them, which says which went and the hash of the last. It is chained, and marked by
//! `audit.key`, as every row is. Pure. Tests: below, and `desk/src/store/retention/tests.rs`, which
//! tampers with a store.

use crate::engine::audit::mac::is_mac;
use crate::engine::secret::Secret;
use crate::store::chain::StoredAudit;
use crate::store::retention::{ChainStart, node_of};
use crate::{AuditAction, Moment, Outcome};

/// What is wrong with the beginning of a chain; nothing where a checkpoint stands for it. `row`:
/// the newest that says what [`ChainStart::detail`] does.
pub(crate) fn fault(
    start: &ChainStart,
    row: Option<&StoredAudit>,
    key: Option<&Secret>,
) -> Option<String> {
    let node = &start.node;
    let up_to = format!("node {node}: the rows up to row {} are gone", start.seq);
    let Some(row) = row else {
        return Some(format!(
            "{up_to}, and no checkpoint says so: they were cut off, or the checkpoint was"
        ));
    };
    let its = format!("{up_to}, and their checkpoint ({})", row.uuid);
    if row.computed_hash() != row.hash {
        return Some(format!("{its} was changed"));
    }
    match (&row.mac, key) {
        (Some(mark), Some(key)) if !is_mac(mark, key, &row.hash) => {
            Some(format!("{its} was not written with this audit.key"))
        }
        (None, Some(_)) => Some(format!("{its} {UNMARKED}")),
        _ => None,
    }
}

/// The node for whose rows a row of the audit stands, if it is a checkpoint.
pub(crate) fn node_named(row: &StoredAudit) -> Option<String> {
    let is_checkpoint =
        row.action == AuditAction::AuditPrune.code() && row.outcome == Outcome::Done.code();
    node_of(&row.subject).filter(|_| is_checkpoint).map(str::to_owned)
}

/// Whether a checkpoint is wanting nothing but the mark.
pub(crate) fn wants_its_mark(row: &StoredAudit, key: Option<&Secret>) -> bool {
    row.mac.is_none() && key.is_some()
}

const UNMARKED: &str = "has no mark by the audit.key. Was it written before there was the key, \
    `latchkey audit prune --accept-unmarked` writes it again, with the mark";

/// What is said of rows that were removed, as their checkpoint says: its own time, since nothing
/// else covers the one that is kept with the beginning.
pub(crate) fn note(start: &ChainStart, row: Option<&StoredAudit>) -> String {
    format!(
        "node {}: the rows up to row {} were removed by {}, as a checkpoint says",
        start.node,
        start.seq,
        Moment(row.map_or(start.at, |row| row.at)).date()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::chain::Chain;
    use crate::store::change::AuditEntry;

    #[test]
    fn a_checkpoint_stands_only_as_it_was_written_and_with_the_mark_where_there_is_a_key() {
        let (key, other) = (Secret::new("k".repeat(32)), Secret::new("o".repeat(32)));
        let start = ChainStart {
            node: "main".to_owned(),
            first: 3,
            seq: 7,
            hash: "0a".repeat(32),
            marked: true,
            from_at: 0,
            to_at: 1000,
            at: 2000,
        };
        let detail = format!(
            "rows 3 to 7, written 1970-01-01T00:00:00Z to 1970-01-01T00:00:01Z, the last with the \
                hash {}, marked",
            start.hash
        );
        assert_eq!((start.subject().as_str(), start.detail()), ("node main", detail));
        let row = |key: Option<&Secret>| {
            let entry = AuditEntry {
                action: AuditAction::AuditPrune,
                subject: start.subject(),
                ..AuditEntry::sample()
            };
            let chain = Chain { node: "main".to_owned(), ..Chain::default() };
            chain.rows(&[entry.detailed(start.detail())], &[Moment(2000)], key).1.remove(0)
        };
        let says = |row: Option<&StoredAudit>, key: Option<&Secret>| {
            fault(&start, row, key).unwrap_or_default()
        };
        assert_eq!(
            (says(Some(&row(None)), None), says(Some(&row(Some(&key))), Some(&key))),
            (String::new(), String::new())
        );
        assert_eq!(says(Some(&row(Some(&key))), None), "", "not checked, as the other rows");
        assert!(says(None, None).contains("no checkpoint says so"));
        assert!(says(Some(&row(None)), Some(&key)).contains("has no mark"));
        assert!(
            says(Some(&row(Some(&other))), Some(&key)).contains("not written with this audit.key")
        );
        let changed = StoredAudit { actor: "ada".to_owned(), ..row(Some(&key)) };
        assert!(says(Some(&changed), Some(&key)).contains("was changed"));
    }
}
