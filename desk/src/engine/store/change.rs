use std::sync::atomic::Ordering;
use std::time::Duration;

use rand::Rng;
use surrealdb::types::{Error, QueryError, SurrealValue, Variables};
use uuid::Uuid;

use super::{Store, StoreError, vars};
use crate::engine::secret::sha256_hex;
use crate::engine::verify::Cache;
use crate::{AuditRow, Moment};

/// How often a transaction in conflict is tried before the person is told to try again.
pub(super) const TRIES: u32 = 10;

/// What happened, for the audit.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct AuditEntry {
    pub(in crate::engine) actor: String,
    pub(in crate::engine) subject: String,
    pub(in crate::engine) action: &'static str,
    pub(in crate::engine) outcome: &'static str,
    pub(in crate::engine) address: String,
    pub(in crate::engine) agent: String,
    pub(in crate::engine) detail: String,
}

/// Statements of one transaction and their variables. A statement that finds its condition broken THROWs a word.
#[derive(Debug, Default)]
pub(in crate::engine) struct Change {
    sql: String,
    vars: Variables,
    audit: Vec<AuditEntry>,
}

impl Change {
    /// A change with its first statement.
    pub(in crate::engine) fn new(sql: &str, vars: Variables) -> Self {
        Self { sql: format!("{sql};\n"), vars, audit: Vec::new() }
    }

    /// Another statement in the same transaction.
    pub(in crate::engine) fn and(mut self, sql: &str, vars: Variables) -> Self {
        self.sql.push_str(sql);
        self.sql.push_str(";\n");
        self.vars.extend(vars);
        self
    }

    /// Another change's statements in the same transaction. Variables of one name are one.
    pub(in crate::engine) fn with(mut self, other: Self) -> Self {
        self.sql.push_str(&other.sql);
        self.vars.extend(other.vars);
        self.audit.extend(other.audit);
        self
    }

    /// Its audit row.
    pub(in crate::engine) fn audited(mut self, entry: AuditEntry) -> Self {
        self.audit.push(entry);
        self
    }
}

/// Outdates what verify has read of those whom a change is about, when it is dropped.
struct Outdating<'a> {
    cache: &'a Cache,
    audit: &'a [AuditEntry],
}

impl Drop for Outdating<'_> {
    fn drop(&mut self) {
        for entry in self.audit {
            outdate(self.cache, entry.action, entry.outcome, &entry.subject);
        }
    }
}

/// Outdates what this audit row may have changed for verify. There is no change without its row, so that rows are all that
/// need to be looked at, this node's and those of others alike. What is not known to be harmless is taken for a change.
pub(in crate::engine) fn outdate(cache: &Cache, action: &str, outcome: &str, subject: &str) {
    // A log-in that also changes who somebody is (role, name, disabled) must write a `user.` row for that.
    let harmless = ["log-in", "log-out", "session.", "password.", "audit."].iter().any(|harmless| action.starts_with(harmless));
    if harmless || outcome == "refused" {
        return;
    }
    if subject.is_empty() { cache.outdate_all() } else { cache.outdate(subject) }
}

/// The end of this node's chain of audit rows: each row holds the hash of the row before.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    node: String,
    seq: i64,
    hash: String,
}

#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct ChainRow {
    seq: i64,
    hash: String,
}

/// An audit row as stored. The hash covers every other field.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(in crate::engine) struct StoredAudit {
    pub(in crate::engine) uuid: String,
    pub(in crate::engine) at: i64,
    pub(in crate::engine) actor: String,
    pub(in crate::engine) subject: String,
    pub(in crate::engine) action: String,
    pub(in crate::engine) outcome: String,
    pub(in crate::engine) address: String,
    pub(in crate::engine) agent: String,
    pub(in crate::engine) detail: String,
    pub(in crate::engine) node: String,
    pub(in crate::engine) seq: i64,
    pub(in crate::engine) prev: String,
    pub(in crate::engine) hash: String,
}

impl StoredAudit {
    /// SHA-256 over the row's fields, each with its length in front, so that no two rows read the same.
    pub(in crate::engine) fn computed_hash(&self) -> String {
        let (at, seq) = (self.at.to_string(), self.seq.to_string());
        let fields = [
            &self.uuid,
            &at,
            &self.actor,
            &self.subject,
            &self.action,
            &self.outcome,
            &self.address,
            &self.agent,
            &self.detail,
            &self.node,
            &seq,
            &self.prev,
        ];
        let mut text = String::with_capacity(256);
        for field in fields {
            text.push_str(&field.len().to_string());
            text.push(':');
            text.push_str(field);
        }
        sha256_hex(text.as_bytes())
    }
}

impl From<StoredAudit> for AuditRow {
    fn from(row: StoredAudit) -> Self {
        Self {
            id: row.uuid,
            at: Moment(row.at),
            actor: row.actor,
            subject: row.subject,
            action: row.action,
            outcome: row.outcome,
            address: row.address,
            agent: row.agent,
            detail: row.detail,
        }
    }
}

impl Store {
    /// Reads the end of this node's chain.
    pub(super) async fn chain(db: &surrealdb::Surreal<surrealdb::engine::any::Any>, node: &str) -> Result<Chain, Error> {
        let mut found =
            db.query("SELECT seq, hash FROM type::record('chain', $node)").bind(vars! { "node" => node.to_owned() }).await?.check()?;
        let row: Option<ChainRow> = found.take(0)?;
        Ok(row.map_or_else(
            || Chain { node: node.to_owned(), ..Chain::default() },
            |row| Chain { node: node.to_owned(), seq: row.seq, hash: row.hash },
        ))
    }

    /// Commits a change and its audit rows in one transaction: all of it or nothing. Conflicts are retried with jitter.
    ///
    /// # Errors
    /// [`StoreError::Condition`] with the word that a statement threw, [`StoreError::Exists`], [`StoreError::Failed`].
    pub(in crate::engine) async fn commit(&self, change: Change, now: Moment) -> Result<(), StoreError> {
        // Dropped before this returns, and also where it is cut off: whether the change went through is not known then.
        let _outdating = Outdating { cache: &self.cache, audit: &change.audit };
        // One writer at a time on this node: its rows form one chain. Other nodes have chains of their own.
        let mut chain = self.chain.lock().await;
        let mut tries = 0;
        loop {
            let (end, result) = self.commit_once(&change, &chain, now).await;
            self.failing.store(matches!(result, Err(StoreError::Failed(_))), Ordering::Relaxed);
            match result {
                Ok(()) => {
                    *chain = end;
                    return Ok(());
                }
                // Another process wrote to this node's chain, or we do not know whether the last commit went through.
                Err(StoreError::Condition(word)) if word == "chain-moved" && tries < TRIES => {
                    *chain = Self::chain(&self.db, &chain.node).await?
                }
                Err(StoreError::Conflict) if tries < TRIES => jitter(tries).await,
                Err(error) => return Err(error),
            }
            tries += 1;
        }
    }

    /// Writes facts that are nobody's action and have no audit row: when something was last seen or used, and what is
    /// swept out. Conflicts are retried as in [`Store::commit`].
    ///
    /// # Errors
    /// [`StoreError::Failed`], [`StoreError::Conflict`] after many tries.
    pub(in crate::engine) async fn note(&self, sql: &'static str, vars: Variables) -> Result<(), StoreError> {
        let mut tries = 0;
        loop {
            match self.run(sql.to_owned(), vars.clone()).await {
                Err(StoreError::Conflict) if tries < TRIES => jitter(tries).await,
                other => return other,
            }
            tries += 1;
        }
    }

    /// Whether the store can be read, and written where the last change could not be.
    pub(in crate::engine) async fn is_ready(&self, now: Moment) -> bool {
        if self.failing.load(Ordering::Relaxed) {
            let write = "UPSERT meta:written SET at = $at";
            let written = self.note(write, vars! { "at" => now.0 }).await.is_ok();
            self.failing.store(!written, Ordering::Relaxed);
            return written;
        }
        self.db.health().await.is_ok()
    }

    async fn commit_once(&self, change: &Change, chain: &Chain, now: Moment) -> (Chain, Result<(), StoreError>) {
        let mut end = chain.clone();
        let mut rows = Vec::with_capacity(change.audit.len());
        for entry in &change.audit {
            let mut row = StoredAudit {
                uuid: Uuid::now_v7().to_string(),
                at: now.0,
                actor: entry.actor.clone(),
                subject: entry.subject.clone(),
                action: entry.action.to_owned(),
                outcome: entry.outcome.to_owned(),
                address: entry.address.clone(),
                agent: entry.agent.clone(),
                detail: entry.detail.clone(),
                node: end.node.clone(),
                seq: end.seq + 1,
                prev: end.hash.clone(),
                hash: String::new(),
            };
            row.hash = row.computed_hash();
            end = Chain { node: end.node, seq: row.seq, hash: row.hash.clone() };
            rows.push(row);
        }
        let mut vars = change.vars.clone();
        let mut sql = format!("BEGIN;\n{}", change.sql);
        if !rows.is_empty() {
            sql.push_str(
                "LET $chain_now = (SELECT VALUE seq FROM ONLY type::record('chain', $chain_node)) ?? 0;
                 IF $chain_now != $chain_was { THROW 'chain-moved' };
                 UPSERT type::record('chain', $chain_node) CONTENT { seq: $chain_seq, hash: $chain_hash };
                 FOR $row IN $audit_rows { CREATE type::record('audit', $row.uuid) CONTENT $row };\n",
            );
            vars.extend(vars! { "chain_node" => end.node.clone(), "chain_was" => chain.seq, "chain_seq" => end.seq, "chain_hash" => end.hash.clone(), "audit_rows" => rows });
        }
        sql.push_str("COMMIT;");
        (end, self.run(sql, vars).await)
    }

    async fn run(&self, sql: String, vars: Variables) -> Result<(), StoreError> {
        let mut response = self.db.query(sql).bind(vars).await?;
        let errors = response.take_errors();
        // Every statement of a failed transaction has an error; only one of them says why.
        let mut worst = None;
        for error in errors.into_values() {
            let says_nothing = matches!(error.query_details(), Some(QueryError::NotExecuted));
            let error = StoreError::from(error);
            match (&worst, &error) {
                (_, StoreError::Condition(_) | StoreError::Exists) => return Err(error),
                (None, _) => worst = Some(error),
                (Some(StoreError::Failed(_)), _) if !says_nothing => worst = Some(error),
                _ => {}
            }
        }
        worst.map_or(Ok(()), Err)
    }
}

/// Waits before another try: a random time that may double with each.
pub(super) async fn jitter(tries: u32) {
    let wait = rand::rng().random_range(1..=4_u64 << tries.min(6));
    tokio::time::sleep(Duration::from_millis(wait)).await;
}
