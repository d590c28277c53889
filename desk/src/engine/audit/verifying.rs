//! Whether the audit is as it was written: every chain, a copy of rows, and points that an operator kept. What is checked:
//! [`super::chain_check`]. Tests: `desk/src/store/audit.rs`, which tampers with a store, and `desk/tests/desk/audit.rs`.

use std::collections::BTreeSet;

use crate::engine::audit::chain_check::{ChainCheck, compared, expected};
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
    /// Reads every chain from its beginning and checks that each row is as it was written, none is missing and none was added.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn verify_audit(&self, _permit: &Permit<right::ReadAudit>) -> Result<ChainReport, Refusal> {
        self.check_chains().await
    }

    async fn check_chains(&self) -> Result<ChainReport, Refusal> {
        let store = &self.inner.store;
        // In this order: a chain comes at least as far as was noted before, and has the rows that its end says.
        let marks = store.chain_marks().await?;
        let ends = store.chain_heads().await?;
        let mut nodes: BTreeSet<String> = marks.iter().chain(&ends).map(|head| head.node.clone()).collect();
        nodes.extend(nodes_with_rows(store).await?);
        let mut report = ChainReport::default();
        for node in &nodes {
            let mark = marks.iter().find(|mark| mark.node == *node);
            let end = ends.iter().find(|end| end.node == *node);
            let mut check = ChainCheck::new(node, mark, end, self.inner.settings.audit_key.as_ref());
            // Also what stands before the first row of any chain.
            let mut above = i64::MIN;
            loop {
                let rows = store.chain_rows(node, above, CHECKED_AT_ONCE).await?;
                let end_after = store.chain_head(node).await?.map_or(0, |end| end.seq);
                let Some(last) = rows.last() else { break };
                above = last.seq;
                check.rows(&rows, end_after);
            }
            let found = check.finish();
            report.rows += found.rows;
            report.faults.extend(found.faults);
            report.notes.extend(found.notes);
        }
        if nodes.is_empty() && store.has_people().await? {
            report.faults.push("there are accounts, and no audit of how they came: every chain is gone".to_owned());
        }
        Ok(report)
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

    /// How rows of a copy differ from the store's, one sentence each; for the operator on the command line.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn compare_audit(&self, copy: &[AuditRow]) -> Result<Vec<String>, Refusal> {
        let ids: Vec<String> = copy.iter().map(|row| row.id.clone()).collect();
        let stored = self.inner.store.audit_by_id(&ids).await?;
        let of = |id: &str| stored.iter().find(|row| row.uuid == id);
        Ok(copy.iter().filter_map(|row| compared(&StoredAudit::from(row.clone()), of(&row.id))).collect())
    }

    /// Why a chain does not contain this point; nothing where it does. For the operator on the command line.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn expect_audit(&self, point: &ChainPoint) -> Result<Option<String>, Refusal> {
        Ok(expected(point, self.inner.store.chain_row(&point.node, point.seq).await?.as_ref()))
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
