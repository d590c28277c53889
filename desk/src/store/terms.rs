//! What people are found by: `term` is [word, NetID], so that looking for one is a range of record
//! ids. And making these words anew for everybody, where another program made them
//! ([`crate::engine::background::terms`]). Tests: `desk/tests/desk/people.rs`,
//! `old_stores/found.rs`.

use surrealdb::types::SurrealValue;

use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::rows::{User, UserRecord};
use crate::store::users::after_prefix;
use crate::store::vars::vars;

/// What somebody's words are made of.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct NamedRow {
    pub(crate) netid: String,
    pub(crate) name: String,
    pub(crate) email: String,
}

/// Somebody's words, and what they are made of.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct TermsRow {
    pub(crate) netid: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) terms: Vec<String>,
}

impl Store {
    /// The NetIDs of those of whose terms one begins like this, some of them twice; of very many
    /// the first.
    pub(crate) async fn netids_by_term(
        &self,
        start: &str,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        // Written so, no more is read than is answered: of a range that stands there as a record's
        // name all is read first.
        let sql = "SELECT VALUE record::id(id)[1] FROM type::record('term', [$from]..[$below]) \
            LIMIT $limit";
        let vars = vars! {
            "from" => start.to_owned(), "below" => after_prefix(start), "limit" => i64::from(limit),
        };
        self.rows(sql, vars).await
    }

    /// Those who have this very term, of very many the first.
    pub(crate) async fn users_of_term(
        &self,
        term: &str,
        limit: u32,
    ) -> Result<Vec<User>, StoreError> {
        let sql = "LET $netids = (SELECT VALUE record::id(id)[1] FROM \
            type::record('term', [$term]..[$term, $last]) LIMIT $limit);
            SELECT * FROM $netids.map(|$netid| type::record('user', $netid))";
        let vars = vars! {
            "term" => term.to_owned(), "last" => after_prefix(""), "limit" => i64::from(limit),
        };
        self.rows::<UserRecord>(sql, vars).await?.into_iter().map(User::try_from).collect()
    }

    /// Says that words are spelt in this way from now on: where they were in an earlier one,
    /// everybody's are to be made anew.
    pub(crate) async fn spell_terms(&self, spelling: i64) -> Result<(), StoreError> {
        let sql = "BEGIN;
            LET $there = (SELECT VALUE spelling FROM ONLY meta:terms);
            IF ($there ?? 0) < $spelling {
                UPSERT meta:terms SET filled = '', spelling = $spelling RETURN NONE;
            };
            COMMIT;";
        self.note(sql, vars! { "spelling" => spelling }).await
    }

    /// Up to whom the words are made anew; none: everybody's are.
    pub(crate) async fn terms_renewed_to(&self) -> Result<Option<String>, StoreError> {
        let row: Option<Option<String>> =
            self.row("SELECT VALUE filled FROM meta:terms", vars! {}).await?;
        Ok(row.flatten())
    }

    /// The next people, in the order of their NetIDs.
    pub(crate) async fn names_after(
        &self,
        after: &str,
        limit: u32,
    ) -> Result<Vec<NamedRow>, StoreError> {
        // A record id cannot be empty; every NetID comes after a hyphen.
        let after = if after.is_empty() { "-" } else { after };
        let sql = "SELECT record::id(id) AS netid, name, email FROM type::record('user', \
            $after>..) LIMIT $limit";
        self.rows(sql, vars! { "after" => after.to_owned(), "limit" => i64::from(limit) }).await
    }

    /// Writes the words of these people, who come after `above`, and up to whom they are all made
    /// anew; none: everybody's are. Whoever has another name or address meanwhile has other words
    /// already, and where another node was faster, nothing is done.
    pub(crate) async fn renew_terms(
        &self,
        above: &str,
        rows: Vec<TermsRow>,
        next: Option<String>,
    ) -> Result<(), StoreError> {
        let sql = "BEGIN;
            LET $there = (SELECT VALUE filled FROM ONLY meta:terms);
            IF $there = $above {
                FOR $row IN $rows {
                    LET $user = type::record('user', $row.netid);
                    LET $old = (SELECT name, email, terms FROM ONLY $user);
                    IF $old.name = $row.name AND $old.email = $row.email AND $old.terms != \
                    $row.terms {
                        FOR $term IN $old.terms { DELETE type::record('term', [$term, $row.netid]) \
                        };
                        FOR $term IN $row.terms { UPSERT type::record('term', [$term, $row.netid]) \
                        };
                        UPDATE $user SET terms = $row.terms RETURN NONE;
                    };
                };
                UPDATE meta:terms SET filled = $next RETURN NONE;
            };
            COMMIT;";
        self.note(sql, vars! { "above" => above.to_owned(), "rows" => rows, "next" => next }).await
    }
}
