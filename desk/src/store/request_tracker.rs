//! What came from Request Tracker, as the store has it: by record id, and by a range of those for
//! the hashes of one person. Tests: `desk/tests/desk/request_tracker/`.

use surrealdb::types::SurrealValue;

use crate::engine::request_tracker::flights::WaitingHash;
use crate::engine::secret::Secret;
use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::password_hash::PasswordHash;
use crate::store::vars::vars;
use crate::{Moment, TokenId};

/// A token that is brought.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct RtTokenRow {
    pub(crate) id: String,
    pub(crate) owner: String,
    pub(crate) rt_user: i64,
    pub(crate) rt_id: i64,
    pub(crate) hash: PasswordHash,
    pub(crate) description: String,
    pub(crate) created: i64,
    pub(crate) expires: Option<i64>,
    pub(crate) used_at: Option<i64>,
}

/// By which a token that is brought is known for good.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct RtKey {
    pub(crate) id: String,
    pub(crate) rt_user: i64,
    pub(crate) rt_id: i64,
}

/// A hash that waits for its string.
#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct WaitingRow {
    token: String,
    hash: PasswordHash,
}

/// What became of a token that was brought, so far.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct BroughtRow {
    rt_user: i64,
    rt_id: i64,
    pub(crate) token: String,
    pub(crate) waits: bool,
    pub(crate) moved: bool,
}

/// A token that was brought, as it is now.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct BroughtToken {
    pub(crate) id: String,
    pub(crate) owner: String,
    pub(crate) over_at: i64,
    pub(crate) revoked: bool,
}

impl Store {
    /// The token that the string with this SHA-256 is pinned to.
    pub(crate) async fn rt_pinned(&self, pin: &str) -> Result<Option<TokenId>, StoreError> {
        let sql = "SELECT VALUE token FROM type::record('rt_pin', $pin)";
        let token: Option<String> = self.row(sql, vars! { "pin" => pin.to_owned() }).await?;
        Ok(token.map(TokenId::of))
    }

    /// The SHA-256 of strings that are pinned, after this one in their order; empty: from the
    /// first.
    pub(crate) async fn rt_pins(&self, after: &str, limit: u32) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT VALUE record::id(id) FROM type::record('rt_pin', $after>..) LIMIT $limit";
        self.rows(sql, vars! { "after" => after.to_owned(), "limit" => i64::from(limit) }).await
    }

    /// The hashes that wait for a string of this person's, in the order in which Request Tracker
    /// made them.
    pub(crate) async fn rt_waiting(&self, user: i64) -> Result<Vec<WaitingHash>, StoreError> {
        // A range of record ids, which is in their order.
        let sql = "SELECT token, hash FROM type::record('rt_token', [$user]..[$next]) WHERE hash \
            IS NOT NONE";
        let rows: Vec<WaitingRow> =
            self.rows(sql, vars! { "user" => user, "next" => user + 1 }).await?;
        let waiting = |row: WaitingRow| WaitingHash {
            token: TokenId::of(row.token),
            hash: Secret::new(row.hash.into_text()),
        };
        Ok(rows.into_iter().map(waiting).collect())
    }

    /// Pins a string to the token that it is of, whose old hash is gone with that. It is nobody's
    /// action, and changes what nobody may.
    pub(crate) async fn pin_rt(
        &self,
        user: i64,
        token: &TokenId,
        pin: &str,
        now: Moment,
    ) -> Result<(), StoreError> {
        let sql = "BEGIN;
            LET $number = (SELECT VALUE rt_id FROM ONLY type::record('token', $id));
            IF $number IS NOT NONE {
                UPDATE type::record('rt_token', [$user, $number, $id]) SET hash = NONE, moved_at = \
            moved_at ?? $now RETURN NONE;
                UPSERT type::record('rt_pin', $pin) SET token = $id RETURN NONE;
                UPDATE type::record('token', $id) SET rt_pin = $pin RETURN NONE;
            };
            COMMIT;";
        let values = vars! {
            "user" => user, "id" => token.as_str().to_owned(), "pin" => pin.to_owned(),
            "now" => now.0,
        };
        self.note(sql, values).await
    }

    /// Those of these tokens that were brought before, whatever became of them.
    pub(crate) async fn rt_brought(&self, keys: Vec<RtKey>) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT VALUE token FROM $keys.map(|$key| type::record('rt_token', \
            [$key.rt_user, $key.rt_id, $key.id]))";
        self.rows(sql, vars! { "keys" => keys }).await
    }

    /// Tokens that were brought, after this one in their order; none: from the first.
    pub(crate) async fn rt_brought_after(
        &self,
        after: Option<&BroughtRow>,
        limit: u32,
    ) -> Result<Vec<BroughtRow>, StoreError> {
        let sql =
            "SELECT record::id(id)[0] AS rt_user, record::id(id)[1] AS rt_id, token, hash IS \
            NOT NONE AS waits, moved_at IS NOT NONE AS moved
            FROM type::record('rt_token', [$user, $number, $id]>..) LIMIT $limit";
        // No number there is below zero.
        let (user, number, id) = after
            .map_or((-1, -1, String::new()), |row| (row.rt_user, row.rt_id, row.token.clone()));
        let values = vars! {
            "user" => user, "number" => number, "id" => id, "limit" => i64::from(limit),
        };
        self.rows(sql, values).await
    }

    /// These tokens as they are now; who was cleaned up is not among them.
    pub(crate) async fn rt_tokens_now(
        &self,
        ids: Vec<String>,
    ) -> Result<Vec<BroughtToken>, StoreError> {
        let sql = "SELECT record::id(id) AS id, owner, over_at, revoked_at IS NOT NONE AS revoked \
            FROM $ids.map(|$id| type::record('token', $id))";
        self.rows(sql, vars! { "ids" => ids }).await
    }

    /// When something was last brought; none: never.
    pub(crate) async fn last_rt_import(&self) -> Result<Option<Moment>, StoreError> {
        let at: Option<i64> = self.row("SELECT VALUE at FROM meta:rt_import", vars! {}).await?;
        Ok(at.map(Moment))
    }
}

/// Brings tokens, each of which was not brought before.
pub(crate) fn bring(rows: Vec<RtTokenRow>) -> Change {
    Change::new(
        "FOR $row IN $rows {
            CREATE type::record('rt_token', [$row.rt_user, $row.rt_id, $row.id]) SET token = \
            $row.id, hash = $row.hash RETURN NONE;
            CREATE type::record('token', $row.id) CONTENT {
                owner: $row.owner, description: $row.description, access: 'full', networks: '', \
            created: $row.created, expires: $row.expires, used_at: $row.used_at, rt_user: \
            $row.rt_user, rt_id: $row.rt_id } RETURN NONE
         }",
        vars! { "rows" => rows },
    )
}

/// Notes that something was brought.
pub(crate) fn note_import(now: Moment) -> Change {
    Change::new("UPSERT meta:rt_import SET at = $at RETURN NONE", vars! { "at" => now.0 })
}
