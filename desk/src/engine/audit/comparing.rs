//! Whether copies of rows, and points of chains that an operator kept, fit what the store has; also
//! those whose rows were removed since. Pure. Tests: below, and `desk/tests/desk/retention.rs`.

use std::collections::HashMap;

use crate::store::chain::StoredAudit;
use crate::store::retention::ChainStart;
use crate::{ChainPoint, Moment};

/// A copy as far as it was compared, some rows after others. Rows that the store no longer has are
/// held against the rows beside them in the copy, up to one that it has, or to what the checkpoint
/// says of the last that was removed.
#[derive(Debug, Default)]
pub struct CopyCheck {
    last: HashMap<String, Last>,
    proven: u64,
    unproven: u64,
}

/// The last row of a node's chain that was compared.
#[derive(Debug)]
struct Last {
    seq: i64,
    prev: String,
    hash: String,
    /// Rows before it, and it, that were removed from the store, without a gap.
    removed: u64,
    /// One of those is the store's, or the last that the checkpoint says was removed.
    proven: bool,
}

impl CopyCheck {
    /// How this row differs from what the store has, or had; nothing where it does not.
    pub(crate) fn row(
        &mut self,
        copy: &StoredAudit,
        stored: Option<&StoredAudit>,
        start: Option<&ChainStart>,
    ) -> Option<String> {
        let removed_by =
            start.filter(|start| stored.is_none() && copy.seq >= 1 && copy.seq <= start.seq);
        let fault = match removed_by {
            None => compared(copy, stored),
            Some(start) => self.removed(copy, start),
        };
        let is_removed = removed_by.is_some();
        let mut now = Last {
            seq: copy.seq,
            prev: copy.prev.clone(),
            hash: copy.hash.clone(),
            removed: u64::from(is_removed),
            proven: fault.is_none()
                && start.filter(|_| is_removed).is_none_or(|start| start.seq == copy.seq),
        };
        if let Some(last) = self.last.remove(&copy.node) {
            // A row of the store stands for itself: what comes after it may lean on it, and it on
            // nothing.
            if fault.is_none() && beside(&last, copy) && is_removed {
                now.removed += last.removed;
                now.proven |= last.proven;
            } else if fault.is_none() && beside(&last, copy) {
                self.count(last.removed, true);
            } else {
                self.count(last.removed, last.proven);
            }
        }
        self.last.insert(copy.node.clone(), now);
        fault
    }

    fn removed(&self, copy: &StoredAudit, start: &ChainStart) -> Option<String> {
        let row = format!("node {}: row {} ({})", copy.node, copy.seq, copy.uuid);
        if copy.computed_hash() != copy.hash {
            return Some(changed(&row));
        }
        if copy.seq == start.seq && copy.hash != start.hash {
            return Some(format!(
                "{row} of the copy is not the one that was removed, by the checkpoint’s word"
            ));
        }
        let last = self.last.get(&copy.node)?;
        let follows = !is_next(last, copy) || beside(last, copy);
        (!follows).then(|| {
            format!(
                "{row} of the copy does not follow from, or lead to, row {} beside it",
                last.seq
            )
        })
    }

    fn count(&mut self, rows: u64, proven: bool) {
        *if proven { &mut self.proven } else { &mut self.unproven } += rows;
    }

    /// What there is to say of rows that were removed since they were copied, after the last one.
    #[must_use]
    pub fn notes(mut self) -> Vec<String> {
        for last in std::mem::take(&mut self.last).into_values() {
            self.count(last.removed, last.proven);
        }
        let mut notes = Vec::new();
        if self.proven > 0 {
            notes.push(format!(
                "{} of them were removed from the store since, and are as they were: one leads to \
                    the other",
                self.proven,
            ));
        }
        if self.unproven > 0 {
            notes.push(format!(
                "{} of them were removed from the store since, and could be held against their own \
                 hashes alone: rows between them and the checkpoint are not in the copy",
                self.unproven
            ));
        }
        notes
    }
}

/// Whether they are next to each other by their numbers.
fn is_next(last: &Last, copy: &StoredAudit) -> bool {
    copy.seq.abs_diff(last.seq) == 1
}

/// Whether they are, by their hashes too.
fn beside(last: &Last, copy: &StoredAudit) -> bool {
    is_next(last, copy)
        && if copy.seq < last.seq { last.prev == copy.hash } else { copy.prev == last.hash }
}

fn changed(row: &str) -> String {
    format!("{row} of the copy does not have the hash that it bears: the copy was changed")
}

/// How a row of a copy differs from the store's; nothing where it does not.
fn compared(copy: &StoredAudit, stored: Option<&StoredAudit>) -> Option<String> {
    let row = format!("node {}: row {} ({})", copy.node, copy.seq, copy.uuid);
    if copy.computed_hash() != copy.hash {
        return Some(changed(&row));
    }
    let Some(stored) = stored else {
        return Some(format!("{row} of the copy is missing in the store"));
    };
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
    let differing: Vec<&str> = columns
        .iter()
        .filter(|(_, of_copy, of_store)| of_copy != of_store)
        .map(|(name, ..)| *name)
        .collect();
    (!differing.is_empty()).then(|| {
        format!("{row} was changed in the store since it was copied: {}", differing.join(", "))
    })
}

/// Whether a chain contains a point that was kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PointCheck {
    /// Why it does not.
    pub fault: Option<String>,
    /// Why that cannot be said, or how it is known of a row that was removed.
    pub note: Option<String>,
}

impl PointCheck {
    fn fault(what: String) -> Self {
        Self { fault: Some(what), note: None }
    }

    fn note(what: String) -> Self {
        Self { fault: None, note: Some(what) }
    }
}

/// Whether the chain contains this point.
pub(crate) fn expected(
    point: &ChainPoint,
    stored: Option<&StoredAudit>,
    start: Option<&ChainStart>,
) -> PointCheck {
    let row = format!("node {}: row {}", point.node, point.seq);
    match (stored, start.filter(|start| start.seq >= point.seq)) {
        (None, Some(start)) => {
            let on = Moment(start.at).date();
            if start.seq > point.seq {
                return PointCheck::note(format!(
                    "{row} was removed by {on} at the latest, and cannot be held against anything \
                        here"
                ));
            }
            if start.hash != point.hash {
                return PointCheck::fault(format!(
                    "{row} was removed with the hash {}, not the expected {}",
                    start.hash, point.hash
                ));
            }
            PointCheck::note(format!("{row} was removed on {on}, with the hash that was expected"))
        }
        (None, None) => PointCheck::fault(format!(
            "{row} is missing, which was expected with the hash {}",
            point.hash
        )),
        (Some(stored), _) if stored.hash != point.hash => PointCheck::fault(format!(
            "{row} has the hash {}, not the expected {}",
            stored.hash, point.hash
        )),
        (Some(stored), _) if stored.computed_hash() != stored.hash => {
            PointCheck::fault(format!("{row} ({}) was changed", stored.uuid))
        }
        (Some(_), _) => PointCheck::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AuditRow;
    use crate::store::chain::Chain;
    use crate::store::change::AuditEntry;

    fn rows(count: usize) -> Vec<StoredAudit> {
        let chain = Chain { node: "main".to_owned(), ..Chain::default() };
        chain
            .rows(&vec![AuditEntry::sample(); count], &vec![Moment(1_795_511_101_234); count], None)
            .1
    }

    fn start(seq: i64, hash: &str) -> ChainStart {
        ChainStart {
            node: "main".to_owned(),
            first: 1,
            seq,
            hash: hash.to_owned(),
            marked: false,
            from_at: 0,
            to_at: 0,
            at: 1_795_511_101_234,
        }
    }

    /// The copy's rows in this order, those up to `start` removed from the store: what is wrong,
    /// and what is said.
    fn compared_in_order<'a>(
        copy: impl Iterator<Item = &'a StoredAudit>,
        start: &ChainStart,
    ) -> (Vec<String>, Vec<String>) {
        let mut check = CopyCheck::default();
        let faults = copy
            .filter_map(|row| {
                check.row(row, Some(row).filter(|row| row.seq > start.seq), Some(start))
            })
            .collect();
        (faults, check.notes())
    }

    #[test]
    fn rows_that_were_removed_are_held_against_the_checkpoint_in_whichever_order_they_come() {
        let rows = rows(9);
        let start = start(6, &rows[5].hash);
        let (forward, backward) =
            (compared_in_order(rows.iter(), &start), compared_in_order(rows.iter().rev(), &start));
        for (faults, notes) in [forward, backward] {
            assert_eq!(faults, Vec::<String>::new());
            assert!(
                notes.len() == 1
                    && notes[0].starts_with("6 of them")
                    && notes[0].contains("as they were"),
                "{notes:?}"
            );
        }
        let (faults, notes) = compared_in_order(rows[..6].iter(), &start);
        assert!(
            faults.is_empty() && notes[0].starts_with("6 of them"),
            "by the checkpoint alone: {notes:?}"
        );
        let (faults, notes) = compared_in_order(rows[..3].iter().chain(&rows[4..]), &start);
        assert!(faults.is_empty() && notes.len() == 2, "{notes:?}");
        assert!(
            notes[0].starts_with("2 of them") && notes[1].starts_with("3 of them"),
            "one is not in the copy: {notes:?}"
        );
    }

    #[test]
    fn a_copy_that_was_written_anew_does_not_lead_to_the_checkpoint() {
        let (copy, other) = (rows(6), rows(6));
        let removed = start(6, &other[5].hash);
        let (faults, _) = compared_in_order(copy.iter().rev(), &removed);
        assert!(faults.len() == 1 && faults[0].contains("by the checkpoint’s word"), "{faults:?}");
        let mut mixed = other.clone();
        mixed[2] = copy[2].clone();
        for order in [mixed.clone(), mixed.into_iter().rev().collect()] {
            let (faults, notes) = compared_in_order(order.iter(), &removed);
            assert!(
                !faults.is_empty() && faults.iter().all(|fault| fault.contains("beside it")),
                "{faults:?}"
            );
            assert!(!notes.is_empty());
        }
        let mut changed = other;
        changed[1].detail = "x".to_owned();
        let (faults, _) = compared_in_order(changed.iter().rev(), &removed);
        assert!(faults.len() == 1 && faults[0].contains("the copy was changed"), "{faults:?}");
    }

    #[test]
    fn a_copy_is_held_against_the_store() {
        let rows = rows(2);
        let copy = StoredAudit::from(AuditRow::from(rows[1].clone()));
        assert_eq!(compared(&copy, Some(&rows[1])), None);
        assert!(compared(&copy, None).is_some_and(|fault| fault.contains("missing in the store")));
        let mut stored = rows[1].clone();
        (stored.actor, stored.detail) = ("ada".to_owned(), "more".to_owned());
        assert!(
            compared(&copy, Some(&stored))
                .is_some_and(|fault| fault.ends_with("since it was copied: actor, detail"))
        );
        let mut changed = copy.clone();
        changed.subject = "sam".to_owned();
        assert!(
            compared(&changed, Some(&rows[1]))
                .is_some_and(|fault| fault.contains("the copy was changed"))
        );
    }

    #[test]
    fn a_chain_contains_what_was_written_down_of_it() {
        let rows = rows(2);
        let point = ChainPoint { node: rows[1].node.clone(), seq: 2, hash: rows[1].hash.clone() };
        assert_eq!(expected(&point, Some(&rows[1]), None), PointCheck::default());
        for stored in [Some(&rows[0]), None] {
            assert!(expected(&point, stored, None).fault.is_some());
        }
        assert!(expected(&point, None, Some(&start(1, "x"))).fault.is_some(), "it was not removed");
        let last = expected(&point, None, Some(&start(2, &point.hash)));
        assert!(
            last.fault.is_none()
                && last.note.is_some_and(|note| note.contains("with the hash that was expected"))
        );
        assert!(expected(&point, None, Some(&start(2, "x"))).fault.is_some());
        let earlier = expected(&point, None, Some(&start(3, "x")));
        assert!(
            earlier.fault.is_none()
                && earlier.note.is_some_and(|note| note.contains("cannot be held"))
        );
    }
}
