//! The audit as the store has it: rows of a chain, the ends of the chains, and how far each chain
//! is known to have come; rows by what is looked for: [`crate::store::audit_page`]. Rows are
//! written by [`crate::store::commit`] alone. Tests: below, by tampering with a store, and
//! `desk/tests/desk/audit.rs`.

use std::time::Duration;

use surrealdb::types::{RecordId, SurrealValue};

use crate::store::chain::StoredAudit;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;
use crate::{ChainPoint, Moment};

/// How long whoever only wants to know the end of this node's chain waits for those who write to
/// it.
const CHAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// A node's chain: its end as the store has it, or how far it is known to have come.
#[derive(Clone, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct ChainHead {
    pub(crate) node: String,
    pub(crate) seq: i64,
    pub(crate) hash: String,
}

impl From<&ChainHead> for ChainPoint {
    fn from(head: &ChainHead) -> Self {
        Self { node: head.node.clone(), seq: head.seq, hash: head.hash.clone() }
    }
}

impl Store {
    /// The ends of all chains.
    pub(crate) async fn chain_heads(&self) -> Result<Vec<ChainHead>, StoreError> {
        self.rows("SELECT record::id(id) AS node, seq, hash FROM chain", vars! {}).await
    }

    /// How far each chain is known to have come, whatever became of it since.
    pub(crate) async fn chain_marks(&self) -> Result<Vec<ChainHead>, StoreError> {
        self.rows("SELECT record::id(id) AS node, seq, hash FROM chain_mark", vars! {}).await
    }

    /// Rows that name this node, by their number, above one of them.
    pub(crate) async fn chain_rows(
        &self,
        node: &str,
        above: i64,
        limit: i64,
    ) -> Result<Vec<StoredAudit>, StoreError> {
        let sql =
            "SELECT * FROM audit WHERE node = $node AND seq > $above ORDER BY seq LIMIT $limit";
        self.rows(sql, vars! { "node" => node.to_owned(), "above" => above, "limit" => limit })
            .await
    }

    /// The rows of a chain with this number: one, unless somebody has been at the store.
    pub(crate) async fn chain_row(
        &self,
        node: &str,
        seq: i64,
    ) -> Result<Option<StoredAudit>, StoreError> {
        let sql = "SELECT * FROM audit WHERE node = $node AND seq = $seq LIMIT 1";
        self.row(sql, vars! { "node" => node.to_owned(), "seq" => seq }).await
    }

    /// The rows with these ids, as far as they are there.
    pub(crate) async fn audit_by_id(&self, ids: &[String]) -> Result<Vec<StoredAudit>, StoreError> {
        let ids: Vec<RecordId> = ids.iter().map(|id| RecordId::new("audit", id.as_str())).collect();
        self.rows("SELECT * FROM $ids", vars! { "ids" => ids }).await
    }

    /// The first node, in the order of their names, that any row names: of all, or of those after
    /// this one.
    pub(crate) async fn next_node_with_rows(
        &self,
        after: Option<&str>,
    ) -> Result<Option<String>, StoreError> {
        match after {
            None => {
                self.row("SELECT VALUE node FROM audit ORDER BY node, seq LIMIT 1", vars! {}).await
            }
            Some(after) => {
                // The least text that comes after this name. By `node > 'main'` the index would be
                // walked through all of main's rows.
                let next = format!("{after}\u{1}");
                self.row(
                    "SELECT VALUE node FROM audit WHERE node >= $next ORDER BY node LIMIT 1",
                    vars! { "next" => next },
                )
                .await
            }
        }
    }

    /// Whether anybody has an account.
    pub(crate) async fn has_people(&self) -> Result<bool, StoreError> {
        let first: Option<RecordId> =
            self.row("SELECT VALUE id FROM user LIMIT 1", vars! {}).await?;
        Ok(first.is_some())
    }

    /// Where this node's chain ends, as far as this process has written it; none while it is being
    /// written to for long.
    pub(crate) async fn own_chain_end(&self) -> Option<ChainPoint> {
        let chain = tokio::time::timeout(CHAIN_TIMEOUT, self.chain.lock()).await.ok()?;
        Some(ChainPoint { node: chain.node.clone(), seq: chain.seq, hash: chain.hash.clone() })
    }

    /// Remembers how far a chain has come. Not where it contradicts what was remembered before:
    /// that stays, for whoever checks. Answers whether it agrees.
    pub(crate) async fn mark_chain(
        &self,
        point: &ChainPoint,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let mark: Option<ChainHead> = self
            .row(
                "SELECT record::id(id) AS node, seq, hash FROM type::record('chain_mark', $node)",
                vars! { "node" => point.node.clone() },
            )
            .await?;
        if let Some(mark) = mark {
            // Somebody may have noted a later end since this one was read: only what the chain is
            // now contradicts a note.
            let sql = "SELECT VALUE seq FROM type::record('chain', $node)";
            let end: Option<i64> = self.row(sql, vars! { "node" => point.node.clone() }).await?;
            if end.is_none_or(|end| end < mark.seq) {
                return Ok(false);
            }
            let row = self.chain_row(&mark.node, mark.seq).await?;
            let was_removed =
                self.chain_start(&mark.node).await?.is_some_and(|start| start.seq >= mark.seq);
            if row.map_or(!was_removed, |row| row.hash != mark.hash) {
                return Ok(false);
            }
        }
        // Never set back, whoever else notes an end at this moment.
        let sql =
            "IF ((SELECT VALUE seq FROM ONLY type::record('chain_mark', $node)) ?? 0) < $seq {
            UPSERT type::record('chain_mark', $node) SET seq = $seq, hash = $hash, at = $at
        }";
        let values = vars! {
            "node" => point.node.clone(), "seq" => point.seq, "hash" => point.hash.clone(),
            "at" => now.0,
        };
        if point.seq > 0 {
            self.note(sql, values).await?;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::desk::Desk;
    use crate::engine::desk_for_tests::{demo_desk_with, log_in_sam};
    use crate::engine::secret::Secret;
    use crate::store::vars::vars;

    const ADDED: &str = "CREATE audit CONTENT { uuid: '0', at: 0, actor: 'ada', subject: '', \
        action: 'log-in', outcome: 'done', address: '', \
                         agent: '', detail: '', prev: '', hash: '', node: ";

    async fn desk_with(audit_key: Option<Secret>) -> Desk {
        let (desk, _) = demo_desk_with(None, |settings| settings.audit_key = audit_key).await;
        log_in_sam(&desk, 5).await;
        desk
    }

    async fn faults(desk: &Desk) -> Vec<String> {
        desk.console().verify_audit().await.expect("a report").faults
    }

    async fn faults_after(sql: &str) -> Vec<String> {
        let desk = desk_with(None).await;
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
            (&added("'', seq: 1"), "there is no such chain"),
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
        let desk = desk_with(None).await;
        desk.note_chain_ends().await;
        let cut = "LET $row = (SELECT seq, hash FROM ONLY audit WHERE seq = 4 LIMIT 1);
                   DELETE audit WHERE seq > 4; UPDATE chain:main SET seq = $row.seq, hash = \
                   $row.hash";
        desk.inner.store.note(cut, vars! {}).await.expect("cut off");
        let found = faults(&desk).await;
        assert!(
            found.iter().any(|fault| fault.contains("was cut off: it ends with row 4")),
            "{found:?}"
        );
        // It grows past where it was: the row in that place is another, and what was noted stays.
        log_in_sam(&desk, 20).await;
        desk.note_chain_ends().await;
        let found = faults(&desk).await;
        assert!(
            found.iter().any(|fault| fault.contains("is not the one that was the chain's end")),
            "{found:?}"
        );
    }

    #[tokio::test]
    async fn a_chain_written_anew_without_the_key_is_found_with_it() {
        let key = Some(Secret::new("a key that is not in the store, of 44 letters".into()));
        let desk = desk_with(key).await;
        assert_eq!(faults(&desk).await, Vec::<String>::new());
        desk.inner
            .store
            .note("UPDATE audit SET mac = NONE WHERE seq = 3", vars! {})
            .await
            .expect("tampered");
        let found = faults(&desk).await;
        assert!(
            found.len() == 1 && found[0].contains("row 3") && found[0].contains("has no mark"),
            "{found:?}"
        );
    }
}
