//! A campus for trying out, loaded in large transactions; and the mark of its store, beside that of
//! a demo's ([`crate::store::demo`]), which it is. Tests: `desk/tests/desk/campus.rs`.

use std::time::{Duration, Instant};

use surrealdb::types::{SurrealValue, Value};

use crate::Moment;
use crate::store::chain::{Chain, StoredAudit};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::retry::{MAX_TRIES, jitter, worst};
use crate::store::rows::TokenRecord;
use crate::store::vars::vars;

/// How long one transaction may take: nobody waits for an answer but whoever loads.
const LOAD_TIMEOUT: Duration = Duration::from_mins(2);

/// How many tokens a server tells of at once, while others are on their way.
const NOTIFIED_AT_ONCE: usize = 25;

/// Somebody on it, as far as it is said of them: with the words by which they are found, which no
/// record that is read has.
#[derive(Clone, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct PersonRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) role: String,
    pub(crate) privileged: bool,
    pub(crate) disabled: bool,
    pub(crate) source: String,
    pub(crate) created: i64,
    pub(crate) terms: Vec<String>,
    pub(crate) last_log_in: Option<i64>,
    pub(crate) departed_at: Option<i64>,
    pub(crate) departed_by: Option<Vec<String>>,
}

/// A word by which somebody is found: the word and the NetID.
#[derive(Clone, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct TermRow {
    pub(crate) id: Vec<String>,
}

/// What one transaction loads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part {
    pub(crate) people: Vec<PersonRow>,
    pub(crate) terms: Vec<TermRow>,
    pub(crate) tokens: Vec<TokenRecord>,
    pub(crate) audit: Vec<StoredAudit>,
}

/// That a store is a campus's, and whether all of it is there.
#[derive(Clone, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct CampusMark {
    pub(crate) people: i64,
    pub(crate) seed: String,
    pub(crate) is_whole: bool,
}

impl Store {
    /// The mark of a campus; none: it is no such store.
    pub(crate) async fn campus(&self) -> Result<Option<CampusMark>, StoreError> {
        let mark: Option<Option<CampusMark>> =
            self.row("SELECT VALUE campus FROM meta:demo", vars! {}).await?;
        Ok(mark.flatten())
    }

    /// Marks a demo's store as that of a campus.
    pub(crate) async fn mark_campus(&self, mark: CampusMark) -> Result<(), StoreError> {
        self.note("UPDATE meta:demo SET campus = $mark RETURN NONE", vars! { "mark" => mark }).await
    }

    /// Writes where the chain of a campus ends, and that there is one.
    pub(crate) async fn end_chain(&self, end: &Chain, now: Moment) -> Result<(), StoreError> {
        if end.seq == 0 {
            return Ok(());
        }
        let sql = "BEGIN;
            CREATE type::record('chain', $node) SET seq = $seq, hash = $hash RETURN NONE;
            CREATE type::record('chain_mark', $node) SET seq = $seq, hash = $hash, at = $at RETURN \
            NONE;
            COMMIT;";
        let values = vars! {
            "node" => end.node.clone(), "seq" => end.seq, "hash" => end.hash.clone(), "at" => now.0,
        };
        self.note(sql, values).await
    }

    /// Writes a part of it. On a server its tokens go some after others: of each it tells whoever
    /// listens, this desk among them, and closes a connection for which more than a hundred wait.
    pub(crate) async fn load_part(&self, mut part: Part) -> Result<(), StoreError> {
        let tokens = if self.is_shared() { std::mem::take(&mut part.tokens) } else { Vec::new() };
        self.load_at_once(part).await?;
        for some in tokens.chunks(NOTIFIED_AT_ONCE) {
            self.load_at_once(Part { tokens: some.to_vec(), ..Part::default() }).await?;
        }
        Ok(())
    }

    /// All of it or nothing.
    async fn load_at_once(&self, part: Part) -> Result<(), StoreError> {
        let sql = "BEGIN;
            INSERT INTO user $people RETURN NONE;
            INSERT INTO term $terms RETURN NONE;
            INSERT INTO token $tokens RETURN NONE;
            INSERT INTO audit $audit RETURN NONE;
            COMMIT;";
        let audit: Vec<Value> = part.audit.into_iter().map(with_id).collect();
        let values = vars! {
            "people" => part.people, "terms" => part.terms, "tokens" => part.tokens,
            "audit" => audit,
        };
        let deadline = Instant::now() + LOAD_TIMEOUT;
        let mut tries = 0;
        loop {
            let mut response = self.ask_until(sql, values.clone(), deadline).await?;
            match worst(response.take_errors().into_values()) {
                Err(StoreError::Conflict) if tries < MAX_TRIES => jitter(tries).await,
                other => return other,
            }
            tries += 1;
        }
    }
}

/// A row of the audit with the id under which it is kept.
fn with_id(row: StoredAudit) -> Value {
    let id = row.uuid.clone();
    let mut value = row.into_value();
    if let Value::Object(object) = &mut value {
        object.insert("id", id);
    }
    value
}
