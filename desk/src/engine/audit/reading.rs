//! Reading the audit, and checking that its chains hold.

use surrealdb::types::SurrealValue;

use crate::engine::authz::permit::{Permit, right};
use crate::engine::desk::Desk;
use crate::engine::sessions::visitor::Visitor;
use crate::store::chain::StoredAudit;
use crate::store::vars::vars;
use crate::{AuditPage, AuditQuery, AuditRow, ChainReport, Moment, Refusal};

/// Rows on a page.
const PAGE: usize = 50;

/// Rows read at once when the chains are checked.
const CHECKED_AT_ONCE: i64 = 1000;

#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct ChainEnd {
    node: String,
    seq: i64,
    hash: String,
}

impl Desk {
    /// A page of everybody's audit.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn audit(&self, _permit: &Permit<right::ReadAudit>, query: &AuditQuery) -> Result<AuditPage, Refusal> {
        self.audit_rows(query).await
    }

    /// A page of the audit for the operator on the command line.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn console_audit(&self, query: &AuditQuery) -> Result<AuditPage, Refusal> {
        self.audit_rows(query).await
    }

    /// What happened to the visitor's account.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn own_activity(&self, visitor: &Visitor, before: &str) -> Result<AuditPage, Refusal> {
        self.audit_rows(&AuditQuery { subject: visitor.netid().to_string(), before: before.to_owned(), ..AuditQuery::default() }).await
    }

    pub(crate) async fn audit_rows(&self, query: &AuditQuery) -> Result<AuditPage, Refusal> {
        let mut below = query.before.trim().to_owned();
        if let Some(end) = Moment::end_of_day(query.to.trim()) {
            let end = uuid_from(Moment(end.0 + 1));
            below = if below.is_empty() { end } else { below.min(end) };
        }
        if below.is_empty() {
            "g".clone_into(&mut below); // Above every hex digit.
        }
        let from = Moment::end_of_day(query.from.trim()).map_or_else(String::new, |end| uuid_from(Moment(end.0 + 1).plus_days(-1)));
        // One bound in the query, so that the index is walked from there; the other one below.
        let mut sql = "SELECT * FROM audit WHERE uuid < $below".to_owned();
        let mut values = vars! { "below" => below, "most" => i64::try_from(PAGE + 1).unwrap_or(i64::MAX) };
        for (field, value) in [("subject", &query.subject), ("actor", &query.actor), ("action", &query.action), ("outcome", &query.outcome)]
        {
            if !value.trim().is_empty() {
                sql.push_str(&format!(" AND {field} = ${field}"));
                values.insert(field, value.trim().to_owned());
            }
        }
        sql.push_str(" ORDER BY uuid DESC LIMIT $most");
        let mut rows: Vec<StoredAudit> = self.inner.store.rows(&sql, values).await?;
        rows.retain(|row| row.uuid >= from);
        let more = rows.len() > PAGE;
        let rows: Vec<AuditRow> = rows.into_iter().take(PAGE).map(AuditRow::from).collect();
        let next = rows.last().filter(|_| more).map(|row| row.id.clone());
        Ok(AuditPage { rows, next })
    }

    /// Reads every chain from its beginning and checks that each row is as it was written and none is missing.
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

    async fn check_chains(&self) -> Result<ChainReport, Refusal> {
        let mut report = ChainReport::default();
        let ends: Vec<ChainEnd> = self.inner.store.rows("SELECT record::id(id) AS node, seq, hash FROM chain", vars! {}).await?;
        for end in ends {
            let (mut seq, mut hash) = (0, String::new());
            while seq < end.seq {
                let sql = "SELECT * FROM audit WHERE node = $node AND seq > $above ORDER BY seq LIMIT $most";
                let values = vars! { "node" => end.node.clone(), "above" => seq, "most" => CHECKED_AT_ONCE };
                let rows: Vec<StoredAudit> = self.inner.store.rows(sql, values).await?;
                // Rows written since the end was read are the next check's.
                let rows: Vec<&StoredAudit> = rows.iter().filter(|row| row.seq <= end.seq).collect();
                if rows.is_empty() {
                    report.faults.push(format!("node {}: rows {} to {} are missing", end.node, seq + 1, end.seq));
                    break;
                }
                for row in rows {
                    report.rows += 1;
                    if row.seq != seq + 1 {
                        report.faults.push(format!("node {}: rows {} to {} are missing", end.node, seq + 1, row.seq - 1));
                    } else if row.prev != hash {
                        report.faults.push(format!("node {}: row {} does not follow the one before it", end.node, row.seq));
                    }
                    if row.computed_hash() != row.hash {
                        report.faults.push(format!("node {}: row {} ({}) was changed", end.node, row.seq, row.uuid));
                    }
                    (seq, hash) = (row.seq, row.hash.clone());
                }
            }
            if seq == end.seq && hash != end.hash {
                report.faults.push(format!("node {}: the chain ends otherwise than it was written", end.node));
            }
        }
        Ok(report)
    }
}

/// The smallest UUIDv7 of a moment: its first 48 bits are the milliseconds (RFC 9562 §5.7).
fn uuid_from(moment: Moment) -> String {
    let ms = moment.0.max(0);
    format!("{:08x}-{:04x}", (ms >> 16) & 0xffff_ffff, ms & 0xffff)
}

#[cfg(test)]
mod tests {
    use crate::engine::desk::Desk;
    use crate::engine::origin::Origin;
    use crate::engine::secret::Secret;
    use crate::engine::settings::Settings;
    use crate::store::vars::vars;

    async fn desk() -> Desk {
        let desk = Desk::open(Settings { hash_memory_kib: 64, hash_passes: 1, ..Settings::default() }).await.expect("a desk");
        desk.load_demo().await.expect("the demo");
        for _ in 0..5 {
            desk.log_in("sam", &Secret::new("sam-netid-password".into()), &Origin::console())
                .await
                .expect("a session");
        }
        desk
    }

    async fn faults_after(sql: &'static str) -> Vec<String> {
        let desk = desk().await;
        desk.inner.store.note(sql, vars! {}).await.expect("tampered");
        desk.check_chains().await.expect("a report").faults
    }

    #[tokio::test]
    async fn an_untouched_chain_holds() {
        assert_eq!(faults_after("RETURN 1").await, Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_changed_row_a_missing_row_and_a_cut_end_are_found() {
        for (tampering, word) in [
            ("UPDATE audit SET actor = 'nobody' WHERE seq = 3", "was changed"),
            ("DELETE audit WHERE seq = 3", "missing"),
            ("DELETE audit WHERE seq > 4", "missing"),
            ("DELETE audit", "missing"),
            ("UPDATE audit SET prev = 'x' WHERE seq = 3", "does not follow"),
            ("UPDATE chain SET hash = 'x'", "ends otherwise"),
        ] {
            let faults = faults_after(tampering).await;
            assert!(faults.iter().any(|fault| fault.contains(word)), "{tampering}: {faults:?}");
        }
    }
}
