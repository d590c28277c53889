//! Whether the audit is as it was written: every chain, a copy of rows, and points that an operator kept. What is checked: [`super::chain_check`]. Tests: below, and `desk/tests/desk/audit.rs`.

use std::collections::BTreeSet;

use crate::engine::audit::chain_check::{ChainCheck, compared, expected};
use crate::engine::authz::permit::{Permit, right};
use crate::engine::desk::Desk;
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

    /// As [`Desk::verify_audit`], for the operator on the command line.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn console_verify_audit(&self) -> Result<ChainReport, Refusal> {
        self.check_chains().await
    }

    /// How rows of a copy differ from the store's, one sentence each; for the operator on the command line.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn console_compare_audit(&self, copy: &[AuditRow]) -> Result<Vec<String>, Refusal> {
        let ids: Vec<String> = copy.iter().map(|row| row.id.clone()).collect();
        let stored = self.inner.store.audit_by_id(&ids).await?;
        let of = |id: &str| stored.iter().find(|row| row.uuid == id);
        Ok(copy.iter().filter_map(|row| compared(&StoredAudit::from(row.clone()), of(&row.id))).collect())
    }

    /// Why a chain does not contain this point; nothing where it does. For the operator on the command line.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn console_expect_audit(&self, point: &ChainPoint) -> Result<Option<String>, Refusal> {
        Ok(expected(point, self.inner.store.chain_row(&point.node, point.seq).await?.as_ref()))
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

#[cfg(test)]
mod tests {
    use crate::engine::audit::chain_end::note_chain_end;
    use crate::engine::origin::Origin;
    use crate::engine::secret::Secret;
    use crate::engine::settings::Settings;
    use crate::store::vars::vars;

    use super::*;

    const ADDED: &str = "CREATE audit CONTENT { uuid: '0', at: 0, actor: 'ada', subject: '', action: 'log-in', outcome: 'done', address: '', \
                         agent: '', detail: '', prev: '', hash: '', node: ";

    async fn desk(settings: Settings) -> Desk {
        let desk = Desk::open(Settings { hash_memory_kib: 64, hash_passes: 1, ..settings }).await.expect("a desk");
        desk.load_demo().await.expect("the demo");
        for _ in 0..5 {
            desk.log_in("sam", &Secret::new("sam-netid-password".into()), &Origin::console()).await.expect("a session");
        }
        desk
    }

    async fn faults(desk: &Desk) -> Vec<String> {
        desk.check_chains().await.expect("a report").faults
    }

    async fn faults_after(sql: &str) -> Vec<String> {
        let desk = desk(Settings::default()).await;
        desk.inner.store.note(sql, vars! {}).await.expect("tampered");
        faults(&desk).await
    }

    #[tokio::test]
    async fn an_untouched_chain_holds() {
        assert_eq!(faults_after("RETURN 1").await, Vec::<String>::new());
    }

    #[tokio::test]
    async fn whatever_is_changed_taken_out_or_added_is_found() {
        let added = |place: &str| format!("{ADDED}{place} }}");
        for (tampering, word) in [
            ("UPDATE audit SET actor = 'nobody' WHERE seq = 3", "row 3"),
            ("UPDATE audit SET actor = 'nobody' WHERE seq = 3", "was changed"),
            ("DELETE audit WHERE seq = 3", "row 3 is missing"),
            ("DELETE audit WHERE seq > 4", "are missing"),
            ("DELETE audit", "are missing"),
            ("UPDATE audit SET prev = 'x' WHERE seq = 3", "does not follow"),
            ("UPDATE chain SET hash = 'x'", "ends otherwise"),
            (&added("'main', seq: 9999"), "row 9999 (0) was added: the chain ends with"),
            (&added("'ghost', seq: 1"), "node ghost: row 1 (0) was added: there is no such chain"),
            (&added("'main', seq: -5"), "row -5 (0) was added: a chain begins with row 1"),
            ("DELETE chain:main; DELETE audit", "node main: the chain is gone"),
            ("DELETE chain:main", "there is no such chain"),
            ("DELETE chain; DELETE audit; DELETE chain_mark", "every chain is gone"),
        ] {
            let faults = faults_after(tampering).await;
            assert!(faults.iter().any(|fault| fault.contains(word)), "{tampering}: {faults:?}");
        }
    }

    #[tokio::test]
    async fn an_end_that_was_cut_off_or_written_anew_is_found_by_what_was_noted() {
        let desk = desk(Settings::default()).await;
        note_chain_end(&desk.inner.store, desk.now()).await;
        let cut = "LET $row = (SELECT seq, hash FROM ONLY audit WHERE seq = 4 LIMIT 1);
                   DELETE audit WHERE seq > 4; UPDATE chain:main SET seq = $row.seq, hash = $row.hash";
        desk.inner.store.note(cut, vars! {}).await.expect("cut off");
        let found = faults(&desk).await;
        assert!(found.iter().any(|fault| fault.contains("was cut off: it ends with row 4")), "{found:?}");
        // It grows past where it was: the row in that place is another, and what was noted stays.
        for _ in 0..8 {
            desk.log_in("sam", &Secret::new("sam-netid-password".into()), &Origin::console()).await.expect("a session");
        }
        note_chain_end(&desk.inner.store, desk.now()).await;
        let found = faults(&desk).await;
        assert!(found.iter().any(|fault| fault.contains("is not the one that was the chain's end")), "{found:?}");
    }

    #[tokio::test]
    async fn a_chain_written_anew_without_the_key_is_found_with_it() {
        let key = Some(Secret::new("a key that is not in the store, of 44 letters".into()));
        let desk = desk(Settings { audit_key: key, ..Settings::default() }).await;
        assert_eq!(faults(&desk).await, Vec::<String>::new());
        desk.inner.store.note("UPDATE audit SET mac = NONE WHERE seq = 3", vars! {}).await.expect("tampered");
        let found = faults(&desk).await;
        assert!(found.len() == 1 && found[0].contains("row 3") && found[0].contains("has no mark"), "{found:?}");
    }
}
