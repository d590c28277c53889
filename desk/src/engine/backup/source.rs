//! Whether what tells of the time since a copy can know: it holds the last row of each chain that
//! the copy has, or a checkpoint that stands for it, and every row after that. By the rows' numbers
//! and hashes; their times may be wrong. Tests: `source/tests.rs`.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::backup::header::BackupHeader;
use crate::store::chain::StoredAudit;
use crate::store::retention::node_of;
use crate::{AuditAction, AuditRow, ChainLink, ChainPoint, Outcome};

/// What else to give.
const WANTED: &str = "give the folder of the store that was moved away, or an export of its whole \
    audit that was made after the backup";

/// What a source was seen to hold of each chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Source {
    chains: BTreeMap<String, Seen>,
    /// The first row that is not as it was written.
    changed: Option<String>,
}

/// What was seen of one chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    /// The highest number of a row.
    last: i64,
    /// The hash of the row that is the copy's last.
    end: Option<String>,
    /// Rows from the copy's last on without a gap between them, by the number of the first.
    runs: BTreeMap<i64, Run>,
    /// The last row that a checkpoint says was removed, and its hash.
    removed: Option<(i64, String)>,
}

/// Rows of which one leads to the other.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    /// What the first has as the hash before it.
    prev: String,
    last: i64,
    /// Of the last.
    hash: String,
}

impl Source {
    /// Adds a row, in any order.
    pub(crate) fn add(&mut self, header: &BackupHeader, row: &AuditRow) {
        let link = &row.link;
        let end = header.end_of(&link.node);
        let seen = self.chains.entry(link.node.clone()).or_default();
        seen.last = seen.last.max(link.seq);
        let is_since = link.seq >= end.map_or(1, |end| end.seq.max(1));
        let removed = removed(row);
        if !is_since && removed.is_none() {
            return;
        }
        if StoredAudit::from(row.clone()).computed_hash() != link.hash {
            self.changed.get_or_insert_with(|| {
                format!("row {} of node {} is not as it was written", link.seq, link.node)
            });
            return;
        }
        if is_since {
            if end.is_some_and(|end| end.seq == link.seq) {
                seen.end = Some(link.hash.clone());
            }
            seen.add(link);
        }
        if let Some((node, seq, hash)) = removed {
            self.add_removed(node, seq, hash);
        }
    }

    /// Adds that a checkpoint stands for the rows of a chain up to this one.
    pub(super) fn add_removed(&mut self, node: &str, seq: i64, hash: &str) {
        let removed = &mut self.chains.entry(node.to_owned()).or_default().removed;
        if removed.as_ref().is_none_or(|(last, _)| *last < seq) {
            *removed = Some((seq, hash.to_owned()));
        }
    }

    /// Which rows since the copy were removed, a sentence each; or why it cannot tell.
    ///
    /// # Errors
    /// What is wrong with it, and what to give instead.
    pub(crate) fn judged(&self, header: &BackupHeader) -> Result<Vec<String>, String> {
        let nodes = self.chains.keys().chain(header.chains.iter().map(|end| &end.node));
        let nodes: BTreeSet<&String> = nodes.collect();
        let (mut gaps, nothing) = (Vec::new(), Seen::default());
        let wrong = |why: String| format!("{why}: {WANTED}");
        if let Some(why) = &self.changed {
            return Err(wrong(why.clone()));
        }
        for node in nodes {
            let seen = self.chains.get(node).unwrap_or(&nothing);
            gaps.extend(seen.judged(node, header.end_of(node)).map_err(wrong)?);
        }
        Ok(gaps)
    }
}

impl Seen {
    fn add(&mut self, link: &ChainLink) {
        let before = self.runs.range(..=link.seq).next_back();
        let before = before.map(|(first, run)| (*first, run.last));
        if before.is_some_and(|(_, last)| last >= link.seq) {
            return; // It is there twice.
        }
        let mut run = Run { prev: link.prev.clone(), last: link.seq, hash: link.hash.clone() };
        let next = link.seq.saturating_add(1);
        if self.runs.get(&next).is_some_and(|after| after.prev == link.hash)
            && let Some(after) = self.runs.remove(&next)
        {
            (run.last, run.hash) = (after.last, after.hash);
        }
        let before = before.and_then(|(first, _)| self.runs.get_mut(&first));
        match before.filter(|before| before.last + 1 == link.seq && before.hash == link.prev) {
            Some(before) => (before.last, before.hash) = (run.last, run.hash),
            None => {
                self.runs.insert(link.seq, run);
            }
        }
    }

    /// Which rows after the copy's last were removed; or why it cannot be told what was.
    fn judged(&self, node: &str, end: Option<&ChainPoint>) -> Result<Option<String>, String> {
        let (known, hash) = end.map_or((0, ""), |end| (end.seq, end.hash.as_str()));
        let removed = self.removed.as_ref().filter(|(seq, _)| *seq >= known.max(1));
        if known > 0 {
            self.holds(node, known, hash, removed)?;
        }
        let (mut at, mut hash, mut gap) = (known, hash, None);
        for (first, run) in &self.runs {
            let follows = *first == known || *first == at.saturating_add(1) && run.prev == hash;
            match removed {
                _ if follows => {}
                Some((seq, last))
                    if *seq > at && seq.saturating_add(1) == *first && *last == run.prev =>
                {
                    gap = Some((at + 1, *seq));
                }
                _ => return Err(missing(node, at.saturating_add(1), *first)),
            }
            (at, hash) = (run.last, run.hash.as_str());
        }
        if let Some((seq, _)) = removed.filter(|(seq, _)| *seq > at) {
            gap = Some((at + 1, *seq));
        }
        Ok(gap.map(|(first, last)| {
            format!(
                "Rows {first} to {last} of node {node} were removed since the copy, as a \
                 checkpoint says: what they told of is not known, and not done again."
            )
        }))
    }

    /// Whether it has the copy's last row of a chain.
    fn holds(
        &self,
        node: &str,
        known: i64,
        hash: &str,
        removed: Option<&(i64, String)>,
    ) -> Result<(), String> {
        let removed_hash = removed.filter(|(seq, _)| *seq == known).map(|(_, hash)| hash);
        match self.end.as_ref().or(removed_hash) {
            Some(found) if found == hash => Ok(()),
            Some(_) => Err(format!(
                "it is another desk's: row {known} of node {node} is not the one that the backup \
                 has"
            )),
            None if removed.is_some() => Ok(()),
            None if self.last == 0 => Err(format!(
                "it has neither row {known} of node {node}, the backup’s last, nor any after \
                     it: it is older than the backup, or another desk’s"
            )),
            None if self.last < known => Err(format!(
                "it is older than the backup: of node {node} it ends with row {}, and the backup \
                 has row {known}",
                self.last
            )),
            None => Err(missing(node, known, known.saturating_add(1))),
        }
    }
}

/// Says that rows are missing before this one.
fn missing(node: &str, first: i64, before: i64) -> String {
    match before - 1 {
        last if last < first => {
            format!("row {before} of node {node} does not follow from the one before it")
        }
        last if last == first => format!("row {first} of node {node} is missing in it"),
        last => format!("rows {first} to {last} of node {node} are missing in it"),
    }
}

/// Of which chain, up to which row, with which hash, this row says that rows were removed.
fn removed(row: &AuditRow) -> Option<(&str, i64, &str)> {
    if !row.action.is(AuditAction::AuditPrune) || row.outcome != Outcome::Done {
        return None;
    }
    let node = node_of(&row.subject)?;
    let (_, last) = row.detail.split_once(" to ")?;
    let (last, _) = last.split_once(',')?;
    let (_, hash) = row.detail.split_once("the last with the hash ")?;
    Some((node, last.parse().ok()?, hash.split(',').next().unwrap_or_default()))
}

#[cfg(test)]
mod tests;
