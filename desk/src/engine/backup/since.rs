//! Reads what a store has of the time since a copy: each chain by its numbers, from the copy's last
//! row on. Tests: `server/tests/server/command_line/backup.rs`.

use crate::engine::audit::checkpoint;
use crate::engine::backup::header::BackupHeader;
use crate::engine::backup::undone::Undone;
use crate::engine::doors::Console;
use crate::{AuditRow, Refusal};

/// Rows of a chain that are read at once.
const READ_AT_ONCE: i64 = 500;

impl Console {
    /// Adds everything that this store has of each chain since a copy. For the operator on the
    /// command line.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn read_since(
        &self,
        header: &BackupHeader,
        undone: &mut Undone,
    ) -> Result<(), Refusal> {
        self.inner.unwaited.settled().await;
        let store = &self.inner.store;
        let mut next = store.next_node_with_rows(None).await?;
        while let Some(node) = next {
            // With the copy's last itself.
            let mut above = header.end_of(&node).map_or(0, |end| end.seq - 1).max(0);
            loop {
                let rows = store.chain_rows(&node, above, READ_AT_ONCE).await?;
                let Some(last) = rows.last() else { break };
                above = last.seq;
                for row in rows {
                    undone.add(header, &AuditRow::from(row));
                }
            }
            next = store.next_node_with_rows(Some(&node)).await?;
        }
        let key = self.inner.settings.audit_key.as_ref();
        for start in store.chain_starts().await? {
            let stands = store.checkpoint(&start).await?;
            if checkpoint::fault(&start, stands.as_ref(), key).is_none() {
                undone.source.add_removed(&start.node, start.seq, &start.hash);
            }
        }
        Ok(())
    }
}
