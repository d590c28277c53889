//! Whether the audit is as it was written: every chain, a copy of rows, and points that an operator
//! kept. What is checked: [`super::chain_check`]. Tests: `desk/src/store/audit.rs`, which tampers
//! with a store, and `desk/tests/desk/audit.rs`.

use std::collections::BTreeSet;

use crate::engine::audit::chain_check::ChainCheck;
use crate::engine::audit::checkpoint;
use crate::engine::audit::comparing::{CopyCheck, PointCheck, expected};
use crate::engine::authz::permit::{Permit, right};
use crate::engine::desk::Desk;
use crate::engine::doors::Console;
use crate::store::chain::StoredAudit;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::{AuditRow, ChainPoint, ChainReport, Refusal};

/// Rows read at once.
const CHECKED_AT_ONCE: i64 = 1000;

impl Desk {
    /// Reads every chain from its beginning and checks that each row is as it was written, none is
    /// missing and none was added; and where old ones were removed, that a checkpoint says so.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn verify_audit(
        &self,
        _permit: &Permit<right::ReadAudit>,
    ) -> Result<ChainReport, Refusal> {
        self.check_chains().await
    }

    /// As [`Desk::verify_audit`], for whoever needs no permit.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub(crate) async fn check_chains(&self) -> Result<ChainReport, Refusal> {
        let store = &self.inner.store;
        // As whoever reads them: both have the same rows.
        self.inner.unwaited.settled().await;
        // In this order: a chain comes at least as far as was noted before, and has the rows that
        // its end says.
        let marks = store.chain_marks().await?;
        let ends = store.chain_heads().await?;
        let mut nodes: BTreeSet<String> =
            marks.iter().chain(&ends).map(|head| head.node.clone()).collect();
        nodes.extend(nodes_with_rows(store).await?);
        nodes.extend(store.chain_starts().await?.into_iter().map(|start| start.node));
        let mut report = ChainReport::default();
        let mut named = BTreeSet::new();
        for node in &nodes {
            let mark = marks.iter().find(|mark| mark.node == *node);
            let end = ends.iter().find(|end| end.node == *node);
            let mut check =
                ChainCheck::new(node, mark, end, self.inner.settings.audit_key.as_ref());
            // Also what stands before the first row of any chain.
            let mut above = i64::MIN;
            let start = loop {
                // What is old may be removed meanwhile, as far as this has read and further.
                let part = store.chain_part(node, above, CHECKED_AT_ONCE).await?;
                if let Some(start) = &part.start {
                    check.begins(start);
                }
                check.rows(&part.rows, part.end.unwrap_or(0));
                named.extend(part.rows.iter().filter_map(checkpoint::node_named));
                let Some(last) = part.rows.last() else { break part.start };
                above = last.seq;
            };
            if let Some(start) = start {
                let row = store.checkpoint(&start).await?;
                let key = self.inner.settings.audit_key.as_ref();
                match checkpoint::fault(&start, row.as_ref(), key) {
                    Some(fault) => report.faults.push(fault),
                    None => report.notes.push(checkpoint::note(&start, row.as_ref())),
                }
            }
            let found = check.finish();
            report.rows += found.rows;
            report.faults.extend(found.faults);
            report.notes.extend(found.notes);
        }
        let gone = named.difference(&nodes);
        report.faults.extend(gone.map(|node| {
            format!("node {node}: the chain is gone: a checkpoint stands for its first rows")
        }));
        if nodes.is_empty() && store.has_people().await? {
            report.faults.push(
                "there are accounts, and no audit of how they came: every chain is gone".to_owned(),
            );
        }
        store.counts.checked(self.now(), report.faults.is_empty());
        Ok(report)
    }
}

impl Desk {
    /// Whether a chain contains this point.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub(crate) async fn check_point(&self, point: &ChainPoint) -> Result<PointCheck, Refusal> {
        let store = &self.inner.store;
        let row = store.chain_row(&point.node, point.seq).await?;
        // What no checkpoint stands for says nothing of the rows before it.
        let start = match store.chain_start(&point.node).await? {
            Some(start) => {
                let stands = store.checkpoint(&start).await?;
                let key = self.inner.settings.audit_key.as_ref();
                checkpoint::fault(&start, stands.as_ref(), key).is_none().then_some(start)
            }
            None => None,
        };
        Ok(expected(point, row.as_ref(), start.as_ref()))
    }
}

impl Console {
    /// As [`Desk::verify_audit`], for the operator on the command line.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn verify_audit(&self) -> Result<ChainReport, Refusal> {
        self.check_chains().await
    }

    /// How rows of a copy differ from the store's, or from what it says of those that were removed,
    /// one sentence each; `so_far`: the rows of the copy before. For the operator on the command
    /// line.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn compare_audit(
        &self,
        copy: &[AuditRow],
        so_far: &mut CopyCheck,
    ) -> Result<Vec<String>, Refusal> {
        let ids: Vec<String> = copy.iter().map(|row| row.id.clone()).collect();
        let stored = self.inner.store.audit_by_id(&ids).await?;
        // Read after the rows: what is not there any more was removed by then.
        let starts = self.inner.store.chain_starts().await?;
        let of = |id: &str| stored.iter().find(|row| row.uuid == id);
        let start = |node: &str| starts.iter().find(|start| start.node == node);
        let compared = |row: &AuditRow| {
            so_far.row(&StoredAudit::from(row.clone()), of(&row.id), start(&row.link.node))
        };
        Ok(copy.iter().filter_map(compared).collect())
    }

    /// Whether a chain contains this point. For the operator on the command line.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn expect_audit(&self, point: &ChainPoint) -> Result<PointCheck, Refusal> {
        self.check_point(point).await
    }
}

/// Every node that any row names.
async fn nodes_with_rows(store: &Store) -> Result<BTreeSet<String>, StoreError> {
    let mut nodes = BTreeSet::new();
    let mut next = store.next_node_with_rows(None).await?;
    while let Some(node) = next {
        next = store.next_node_with_rows(Some(&node)).await?;
        nodes.insert(node);
    }
    Ok(nodes)
}
