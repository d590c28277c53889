//! Whether a chain of audit rows holds: pure, fed with its rows by whoever reads them
//! ([`super::verifying`]). Finds rows that were changed, taken out or added, an end that was cut
//! off, and a chain that is gone; and where old rows were removed, that the rest begins where the
//! checkpoint says ([`super::checkpoint`]). Tests: `desk/src/store/audit.rs`, which tampers with a
//! store; below.

use crate::engine::audit::mac::is_mac;
use crate::engine::secret::Secret;
use crate::store::audit::ChainHead;
use crate::store::chain::StoredAudit;
use crate::store::retention::ChainStart;

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
    /// Rows up to this one were removed.
    removed: i64,
    /// One of those had a mark.
    marked_before: bool,
    /// Its end when the last rows were read.
    end_after: i64,
    /// Rows so far with a mark by the operator's key, and without one.
    marked: u64,
    unmarked: u64,
    found: Findings,
}

impl<'a> ChainCheck<'a> {
    pub(crate) fn new(
        node: &'a str,
        mark: Option<&'a ChainHead>,
        end: Option<&'a ChainHead>,
        key: Option<&'a Secret>,
    ) -> Self {
        let (hash, found) = (String::new(), Findings::default());
        Self {
            node,
            mark,
            end,
            key,
            seq: 0,
            hash,
            removed: 0,
            marked_before: false,
            end_after: 0,
            marked: 0,
            unmarked: 0,
            found,
        }
    }

    /// Where the chain begins, as it was when the rows were read that come next: old ones may be
    /// removed meanwhile.
    pub(crate) fn begins(&mut self, start: &ChainStart) {
        self.removed = start.seq;
        self.marked_before |= start.marked;
        if start.seq <= self.seq {
            return;
        }
        if self.mark.is_some_and(|mark| mark.seq == start.seq && mark.hash != start.hash) {
            self.fault(&format!(
                "row {}, which was removed, is not the one that was the chain's end when it was \
                    noted",
                start.seq,
            ));
        }
        if self.end.is_some_and(|end| end.seq == start.seq && end.hash != start.hash) {
            self.fault("the chain ends otherwise than it was written");
        }
        (self.seq, self.hash) = (start.seq, start.hash.clone());
    }

    /// Rows in the order of their numbers, and the number of the chain's end, read after them: a
    /// row and the end that it makes are written at once, so that a row beyond it was written by
    /// nobody.
    pub(crate) fn rows(&mut self, rows: &[StoredAudit], end_after: i64) {
        self.end_after = end_after;
        for row in rows {
            self.found.rows += 1;
            if (self.removed + 1..=end_after).contains(&row.seq) {
                self.row(row);
            } else {
                let why = match self.end {
                    None => "there is no such chain".to_owned(),
                    Some(_) if row.seq < 1 => "a chain begins with row 1".to_owned(),
                    Some(_) if row.seq <= self.removed => {
                        format!("those up to row {} were removed", self.removed)
                    }
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
            self.fault(&format!(
                "row {} is not the one that was the chain's end when it was noted",
                row.seq
            ));
        }
        (self.seq, self.hash) = (row.seq, row.hash.clone());
    }

    /// From the first row with a mark on every row has one.
    fn row_mark(&mut self, row: &StoredAudit) {
        match (&row.mac, self.key) {
            (Some(mark), Some(key)) if !is_mac(mark, key, &row.hash) => {
                self.fault(&format!(
                    "row {} ({}) was not written with this audit.key",
                    row.seq, row.uuid
                ));
            }
            (None, Some(_)) if self.marked > 0 || self.marked_before => {
                self.fault(&format!(
                    "row {} ({}) has no mark by the audit.key, and earlier rows do",
                    row.seq, row.uuid
                ));
            }
            _ => {}
        }
        if row.mac.is_some() { self.marked += 1 } else { self.unmarked += 1 }
    }

    /// What is wrong with the rows so far.
    pub(crate) fn faults_so_far(self) -> Vec<String> {
        self.found.faults
    }

    /// What was found, after the last row.
    pub(crate) fn finish(mut self) -> Findings {
        let known = self.mark.map_or(0, |mark| mark.seq);
        match self.end {
            Some(end) => {
                if self.removed > end.seq.max(self.end_after) {
                    self.fault(&format!(
                        "the chain was cut off: it ends with row {}, and begins after row {}",
                        end.seq, self.removed
                    ));
                }
                if self.seq < end.seq {
                    self.missing(end.seq);
                }
                if end.seq < known {
                    self.fault(&format!(
                        "the chain was cut off: it ends with row {}, and had come to row {known} \
                            at least",
                        end.seq,
                    ));
                }
            }
            None if known.max(self.removed) > 0 => self.fault(&format!(
                "the chain is gone: it had come to row {} at least",
                known.max(self.removed)
            )),
            None => {}
        }
        if self.found.more > 0 {
            let more = format!("node {}: and {} more", self.node, self.found.more);
            self.found.faults.push(more);
        }
        match self.key {
            None if self.marked > 0 => {
                let note = format!(
                    "node {}: the marks of {} rows were not checked, since audit.key is not set \
                        here",
                    self.node, self.marked
                );
                self.found.notes.push(note);
            }
            Some(_) if self.unmarked > 0 => {
                let note = format!(
                    "node {}: {} rows have no mark, as those that were written without audit.key",
                    self.node, self.unmarked
                );
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

#[cfg(test)]
mod tests {
    use super::*;
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
        let (end, rows) =
            start.rows(&vec![entry; count], &vec![Moment(1_795_511_101_234); count], key);
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
        assert_eq!(
            (found.faults.len(), found.notes.len()),
            (0, 1),
            "not checked, and that is said"
        );
        assert_eq!(findings(&rows, &end, Some(&other)).faults.len(), 5);
        let mut changed = rows.clone();
        changed[2].detail = "staff to admin".to_owned();
        changed[2].hash = changed[2].computed_hash();
        changed[3].prev = changed[2].hash.clone();
        changed[3].hash = changed[3].computed_hash();
        changed[3].mac = None;
        let faults = findings(&changed, &end, Some(&key)).faults.join("\n");
        assert!(
            faults.contains("row 3") && faults.contains("not written with this audit.key"),
            "{faults}"
        );
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
        for row in &mut rows {
            row.detail = "x".to_owned();
        }
        let faults = findings(&rows, &end, None).faults;
        assert_eq!(faults.len(), MAX_FAULTS + 1);
        assert_eq!(faults.last().map(String::as_str), Some("node main: and 20 more"));
    }

    fn start(rows: &[StoredAudit], marked: bool) -> ChainStart {
        let (first, last) = (&rows[0], &rows[rows.len() - 1]);
        ChainStart {
            node: last.node.clone(),
            first: first.seq,
            seq: last.seq,
            hash: last.hash.clone(),
            marked,
            from_at: first.at,
            to_at: last.at,
            at: last.at,
        }
    }

    fn findings_from(
        start: &ChainStart,
        rows: &[StoredAudit],
        end: &ChainHead,
        key: Option<&Secret>,
    ) -> String {
        let mut check = ChainCheck::new("main", Some(end), Some(end), key);
        for rows in rows.chunks(2) {
            check.begins(start);
            check.rows(rows, end.seq);
        }
        check.begins(start);
        check.finish().faults.join("\n")
    }

    #[test]
    fn a_chain_from_which_rows_were_removed_goes_on_from_the_last_of_them() {
        let (end, rows) = rows(7, None);
        let removed = start(&rows[..3], false);
        assert_eq!(findings_from(&removed, &rows[3..], &end, None), "");
        assert_eq!(findings_from(&start(&rows, false), &[], &end, None), "", "all of them");
        for (what, rows, expected) in [
            ("more are gone", &rows[4..], "row 4 is missing"),
            ("all are gone", &[][..], "rows 4 to 7 are missing"),
            ("one was left or put back", &rows[2..], "row 3 "),
        ] {
            let found = findings_from(&removed, rows, &end, None);
            assert!(found.contains(expected), "{what}: {found}");
        }
        let other = ChainStart { hash: "0a".repeat(32), ..removed.clone() };
        assert!(
            findings_from(&other, &rows[3..], &end, None)
                .contains("row 4 does not follow the one before it")
        );
        let beyond = ChainStart { seq: 9, ..removed };
        assert!(
            findings_from(&beyond, &[], &end, None).contains("was cut off"),
            "begins after its end"
        );
        let last = ChainStart { hash: "0a".repeat(32), ..start(&rows, false) };
        let found = findings_from(&last, &[], &end, None);
        assert!(found.contains("ends otherwise") && found.contains("when it was noted"), "{found}");
    }

    #[test]
    fn rows_that_are_removed_while_the_chain_is_read_are_not_missing() {
        let (end, rows) = rows(9, None);
        let mut check = ChainCheck::new("main", None, Some(&end), None);
        check.rows(&rows[..2], 9);
        check.begins(&start(&rows[..6], false));
        check.rows(&rows[6..], 9);
        assert_eq!(check.finish().faults, Vec::<String>::new());
    }

    #[test]
    fn after_a_marked_row_that_was_removed_every_row_has_its_mark() {
        let key = Secret::new("k".repeat(32));
        let (end, rows) = rows(5, None);
        assert_eq!(findings_from(&start(&rows[..2], false), &rows[2..], &end, Some(&key)), "");
        assert!(
            findings_from(&start(&rows[..2], true), &rows[2..], &end, Some(&key))
                .contains("has no mark")
        );
    }
}
