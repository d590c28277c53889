//! Whether a chain of audit rows holds: pure, fed with its rows by whoever reads them ([`super::verifying`]). Finds rows that were
//! changed, taken out or added, an end that was cut off, and a chain that is gone. Tests: `desk/src/store/audit.rs`,
//! which tampers with a store; a copy against the store below.

use crate::ChainPoint;
use crate::engine::audit::mac::is_mac;
use crate::engine::secret::Secret;
use crate::store::audit::ChainHead;
use crate::store::chain::StoredAudit;

/// How many faults of one chain are told one by one.
const MAX_FAULTS: usize = 100;

/// What was found in one chain.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) rows: u64,
    pub(crate) faults: Vec<String>,
    pub(crate) notes: Vec<String>,
    /// Faults beyond the most that are told one by one.
    more: u64,
}

/// The check of one node's chain, a batch of rows after another.
#[derive(Debug)]
pub(crate) struct ChainCheck<'a> {
    node: &'a str,
    /// How far the chain is known to have come; read before the end.
    mark: Option<&'a ChainHead>,
    /// Its end; read before the rows.
    end: Option<&'a ChainHead>,
    key: Option<&'a Secret>,
    seq: i64,
    hash: String,
    /// Rows so far with a mark by the operator's key, and without one.
    marked: u64,
    unmarked: u64,
    found: Findings,
}

impl<'a> ChainCheck<'a> {
    pub(crate) fn new(node: &'a str, mark: Option<&'a ChainHead>, end: Option<&'a ChainHead>, key: Option<&'a Secret>) -> Self {
        Self { node, mark, end, key, seq: 0, hash: String::new(), marked: 0, unmarked: 0, found: Findings::default() }
    }

    /// Rows in the order of their numbers, and the number of the chain's end, read after them: a row and the end that it makes are
    /// written at once, so that a row beyond it was written by nobody.
    pub(crate) fn rows(&mut self, rows: &[StoredAudit], end_after: i64) {
        for row in rows {
            self.found.rows += 1;
            if (1..=end_after).contains(&row.seq) {
                self.row(row);
            } else {
                let why = match self.end {
                    None => "there is no such chain".to_owned(),
                    Some(_) if row.seq < 1 => "a chain begins with row 1".to_owned(),
                    Some(_) => format!("the chain ends with row {end_after}"),
                };
                self.fault(&format!("row {} ({}) was added: {why}", row.seq, row.uuid));
            }
        }
    }

    fn row(&mut self, row: &StoredAudit) {
        if row.seq != self.seq + 1 {
            self.missing(row.seq - 1);
        } else if row.prev != self.hash {
            self.fault(&format!("row {} does not follow the one before it", row.seq));
        }
        if row.computed_hash() != row.hash {
            self.fault(&format!("row {} ({}) was changed", row.seq, row.uuid));
        }
        self.row_mark(row);
        if self.end.is_some_and(|end| end.seq == row.seq && end.hash != row.hash) {
            self.fault("the chain ends otherwise than it was written");
        }
        if self.mark.is_some_and(|mark| mark.seq == row.seq && mark.hash != row.hash) {
            self.fault(&format!("row {} is not the one that was the chain's end when it was noted", row.seq));
        }
        (self.seq, self.hash) = (row.seq, row.hash.clone());
    }

    /// From the first row with a mark on every row has one.
    fn row_mark(&mut self, row: &StoredAudit) {
        match (&row.mac, self.key) {
            (Some(mark), Some(key)) if !is_mac(mark, key, &row.hash) => {
                self.fault(&format!("row {} ({}) was not written with this audit.key", row.seq, row.uuid));
            }
            (None, Some(_)) if self.marked > 0 => {
                self.fault(&format!("row {} ({}) has no mark by the audit.key, and earlier rows do", row.seq, row.uuid));
            }
            _ => {}
        }
        if row.mac.is_some() { self.marked += 1 } else { self.unmarked += 1 }
    }

    /// What was found, after the last row.
    pub(crate) fn finish(mut self) -> Findings {
        let known = self.mark.map_or(0, |mark| mark.seq);
        match self.end {
            Some(end) => {
                if self.seq < end.seq {
                    self.missing(end.seq);
                }
                if end.seq < known {
                    self.fault(&format!("the chain was cut off: it ends with row {}, and had come to row {known} at least", end.seq));
                }
            }
            None if known > 0 => self.fault(&format!("the chain is gone: it had come to row {known} at least")),
            None => {}
        }
        if self.found.more > 0 {
            let more = format!("node {}: and {} more", self.node, self.found.more);
            self.found.faults.push(more);
        }
        match self.key {
            None if self.marked > 0 => {
                let note =
                    format!("node {}: the marks of {} rows were not checked, since audit.key is not set here", self.node, self.marked);
                self.found.notes.push(note);
            }
            Some(_) if self.unmarked > 0 => {
                let note = format!("node {}: {} rows have no mark, as those that were written without audit.key", self.node, self.unmarked);
                self.found.notes.push(note);
            }
            _ => {}
        }
        self.found
    }

    fn missing(&mut self, last: i64) {
        match self.seq + 1 {
            first if first == last => self.fault(&format!("row {first} is missing")),
            first => self.fault(&format!("rows {first} to {last} are missing")),
        }
    }

    fn fault(&mut self, what: &str) {
        if self.found.faults.len() < MAX_FAULTS {
            self.found.faults.push(format!("node {}: {what}", self.node));
        } else {
            self.found.more += 1;
        }
    }
}

/// How a row of a copy differs from the store's; nothing where it does not.
pub(crate) fn compared(copy: &StoredAudit, stored: Option<&StoredAudit>) -> Option<String> {
    let row = format!("node {}: row {} ({})", copy.node, copy.seq, copy.uuid);
    if copy.computed_hash() != copy.hash {
        return Some(format!("{row} of the copy does not have the hash that it bears: the copy was changed"));
    }
    let Some(stored) = stored else { return Some(format!("{row} of the copy is missing in the store")) };
    let text = |number: i64| number.to_string();
    let columns = [
        ("at", text(copy.at), text(stored.at)),
        ("actor", copy.actor.clone(), stored.actor.clone()),
        ("subject", copy.subject.clone(), stored.subject.clone()),
        ("action", copy.action.clone(), stored.action.clone()),
        ("outcome", copy.outcome.clone(), stored.outcome.clone()),
        ("address", copy.address.clone(), stored.address.clone()),
        ("agent", copy.agent.clone(), stored.agent.clone()),
        ("detail", copy.detail.clone(), stored.detail.clone()),
        ("node", copy.node.clone(), stored.node.clone()),
        ("seq", text(copy.seq), text(stored.seq)),
        ("prev", copy.prev.clone(), stored.prev.clone()),
        ("hash", copy.hash.clone(), stored.hash.clone()),
    ];
    let differing: Vec<&str> = columns.iter().filter(|(_, of_copy, of_store)| of_copy != of_store).map(|(name, ..)| *name).collect();
    (!differing.is_empty()).then(|| format!("{row} was changed in the store since it was copied: {}", differing.join(", ")))
}

/// Why the chain does not contain this point; nothing where it does.
pub(crate) fn expected(point: &ChainPoint, stored: Option<&StoredAudit>) -> Option<String> {
    let row = format!("node {}: row {}", point.node, point.seq);
    match stored {
        None => Some(format!("{row} is missing, which was expected with the hash {}", point.hash)),
        Some(stored) if stored.hash != point.hash => Some(format!("{row} has the hash {}, not the expected {}", stored.hash, point.hash)),
        Some(stored) if stored.computed_hash() != stored.hash => Some(format!("{row} ({}) was changed", stored.uuid)),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AuditRow;
    use crate::store::chain::Chain;
    use crate::store::change::AuditEntry;
    use crate::{Actor, AuditAction, Moment, Outcome};

    fn rows(count: usize, key: Option<&Secret>) -> (ChainHead, Vec<StoredAudit>) {
        let entry = AuditEntry {
            actor: Actor::Console,
            subject: "sam".to_owned(),
            action: AuditAction::UserRole,
            outcome: Outcome::Done,
            address: "192.0.2.7".to_owned(),
            agent: String::new(),
            detail: "staff to rep".to_owned(),
        };
        let start = Chain { node: "main".to_owned(), ..Chain::default() };
        let (end, rows) = start.rows(&vec![entry; count], &vec![Moment(1_795_511_101_234); count], key);
        (ChainHead { node: end.node, seq: end.seq, hash: end.hash }, rows)
    }

    fn findings(rows: &[StoredAudit], end: &ChainHead, key: Option<&Secret>) -> Findings {
        let mut check = ChainCheck::new("main", Some(end), Some(end), key);
        rows.chunks(2).for_each(|rows| check.rows(rows, end.seq));
        check.finish()
    }

    #[test]
    fn rows_written_while_the_chain_is_read_are_part_of_it() {
        let (_, rows) = rows(7, None);
        let end = ChainHead { node: "main".to_owned(), seq: 4, hash: rows[3].hash.clone() };
        let mut check = ChainCheck::new("main", None, Some(&end), None);
        check.rows(&rows[..3], 4);
        check.rows(&rows[3..], 7);
        let found = check.finish();
        assert_eq!((found.rows, found.faults), (7, Vec::new()));
    }

    #[test]
    fn with_the_key_a_chain_that_was_written_anew_without_it_is_found() {
        let (key, other) = (Secret::new("k".repeat(32)), Secret::new("o".repeat(32)));
        let (end, rows) = rows(5, Some(&key));
        assert_eq!(findings(&rows, &end, Some(&key)).faults, Vec::<String>::new());
        let found = findings(&rows, &end, None);
        assert_eq!((found.faults.len(), found.notes.len()), (0, 1), "not checked, and that is said");
        assert_eq!(findings(&rows, &end, Some(&other)).faults.len(), 5);
        let mut changed = rows.clone();
        changed[2].detail = "staff to admin".to_owned();
        changed[2].hash = changed[2].computed_hash();
        changed[3].prev = changed[2].hash.clone();
        changed[3].hash = changed[3].computed_hash();
        changed[3].mac = None;
        let faults = findings(&changed, &end, Some(&key)).faults.join("\n");
        assert!(faults.contains("row 3") && faults.contains("not written with this audit.key"), "{faults}");
        assert!(faults.contains("row 4") && faults.contains("has no mark"), "{faults}");
    }

    #[test]
    fn rows_from_before_the_key_have_no_mark_and_that_is_said() {
        let key = Secret::new("k".repeat(32));
        let (end, rows) = rows(3, None);
        let found = findings(&rows, &end, Some(&key));
        assert_eq!(found.faults, Vec::<String>::new());
        assert!(found.notes[0].contains("3 rows have no mark"), "{:?}", found.notes);
    }

    #[test]
    fn many_faults_are_counted_and_some_are_told() {
        let (end, mut rows) = rows(MAX_FAULTS + 20, None);
        rows.iter_mut().for_each(|row| row.detail = "x".to_owned());
        let faults = findings(&rows, &end, None).faults;
        assert_eq!(faults.len(), MAX_FAULTS + 1);
        assert_eq!(faults.last().map(String::as_str), Some("node main: and 20 more"));
    }

    #[test]
    fn a_copy_is_held_against_the_store() {
        let (_, rows) = rows(2, None);
        let copy = StoredAudit::from(AuditRow::from(rows[1].clone()));
        assert_eq!(compared(&copy, Some(&rows[1])), None);
        assert!(compared(&copy, None).is_some_and(|fault| fault.contains("missing in the store")));
        let mut stored = rows[1].clone();
        (stored.actor, stored.detail) = ("ada".to_owned(), String::new());
        assert!(compared(&copy, Some(&stored)).is_some_and(|fault| fault.ends_with("since it was copied: actor, detail")));
        let mut changed = copy.clone();
        changed.subject = "tia".to_owned();
        assert!(compared(&changed, Some(&rows[1])).is_some_and(|fault| fault.contains("the copy was changed")));
    }

    #[test]
    fn a_chain_contains_what_was_written_down_of_it() {
        let (end, rows) = rows(2, None);
        let point = ChainPoint::from(&end);
        assert_eq!(expected(&point, Some(&rows[1])), None);
        assert!(expected(&point, Some(&rows[0])).is_some() && expected(&point, None).is_some());
    }
}
