//! Everybody's tokens, some people's after others': by record ids and by the indexes of each
//! person's tokens and of their ends, so that each part costs the same among millions. Tests:
//! `desk/tests/desk/{everybody,officer}.rs`; below of pages.

use surrealdb::types::SurrealValue;

use crate::Moment;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::rows::{TokenRecord, key};
use crate::store::vars::vars;

/// What is looked at of whose tokens are listed.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct OwnerRecord {
    pub(crate) netid: String,
    pub(crate) role: String,
    pub(crate) disabled: bool,
}

/// Where looking through tokens by when they end has come to. What is seen is told apart by itself
/// and not by how many they were: one that ends meanwhile moves none out of sight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EndsPlace {
    at: i64,
    /// The last that was seen of those that end at that moment; none: they are all seen.
    id: Option<String>,
}

impl EndsPlace {
    /// Before all that end after that moment.
    pub(crate) const fn after(at: Moment) -> Self {
        Self { at: at.0, id: None }
    }
}

impl Store {
    /// The next people after one of them, in the order of their NetIDs; empty: the first.
    pub(crate) async fn owners_after(
        &self,
        after: &str,
        limit: u32,
    ) -> Result<Vec<OwnerRecord>, StoreError> {
        let sql = "SELECT record::id(id) AS netid, role, disabled
            FROM type::record('user', $after>..) LIMIT $limit";
        // A record id cannot be empty; every NetID comes after a hyphen.
        let after = if after.is_empty() { "-" } else { after };
        self.rows(sql, vars! { "after" => after.to_owned(), "limit" => i64::from(limit) }).await
    }

    /// These people, as far as there are such.
    pub(crate) async fn owners_named(
        &self,
        netids: &[String],
    ) -> Result<Vec<OwnerRecord>, StoreError> {
        let sql = "SELECT record::id(id) AS netid, role, disabled
            FROM $netids.map(|$netid| type::record('user', $netid))";
        self.rows(sql, vars! { "netids" => netids.to_vec() }).await
    }

    /// All tokens of these people that work at `now`.
    pub(crate) async fn live_tokens_of(
        &self,
        owners: &[String],
        now: Moment,
    ) -> Result<Vec<TokenRecord>, StoreError> {
        let sql = "SELECT * FROM token WITH INDEX token_owner_over WHERE owner IN $owners AND \
            over_at > $now";
        self.rows(sql, vars! { "owners" => owners.to_vec(), "now" => now.0 }).await
    }

    /// All tokens of these people that have expired by `now`, and are still kept.
    pub(crate) async fn expired_tokens_of(
        &self,
        owners: &[String],
        now: Moment,
    ) -> Result<Vec<TokenRecord>, StoreError> {
        let sql = "SELECT * FROM token WITH INDEX token_owner_over WHERE owner IN $owners AND \
            over_at <= $now AND revoked_at IS NONE";
        self.rows(sql, vars! { "owners" => owners.to_vec(), "now" => now.0 }).await
    }

    /// The next tokens after this place that end by `until`, at most `limit` of them, perhaps none;
    /// and where the next begin: none, these were the last.
    pub(crate) async fn tokens_ending(
        &self,
        place: &EndsPlace,
        until: Moment,
        limit: i64,
    ) -> Result<(Vec<TokenRecord>, Option<EndsPlace>), StoreError> {
        // Two questions: with an OR the store would read the whole table.
        let (later, same_end) = (
            "SELECT * FROM token WITH INDEX token_over WHERE over_at > $at AND over_at <= $until
                LIMIT $limit",
            "SELECT * FROM token WITH INDEX token_over WHERE over_at = $at AND record::id(id) > $id
                LIMIT $limit",
        );
        let at = place.at;
        let tokens: Vec<TokenRecord> = match place.id.clone() {
            None => {
                let values = vars! { "at" => at, "until" => until.0, "limit" => limit };
                self.rows(later, values).await?
            }
            Some(id) => {
                self.rows(same_end, vars! { "at" => at, "id" => id, "limit" => limit }).await?
            }
        };
        let is_full = tokens.len() >= usize::try_from(limit).unwrap_or_default();
        let next = match tokens.last() {
            Some(last) if is_full => Some(EndsPlace { at: over_at(last), id: Some(key(&last.id)) }),
            _ => place.id.is_some().then_some(EndsPlace { at: place.at, id: None }),
        };
        Ok((tokens, next))
    }
}

/// When a token ends, or ended, as the store reckons it.
fn over_at(token: &TokenRecord) -> i64 {
    [token.expires, token.revoked_at].into_iter().flatten().min().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::desk_for_tests::demo_desk;
    use crate::store::tokens::{create, revoke};
    use crate::{Access, Actor, NetId, TokenId, TokenView};

    fn id(nth: u32) -> TokenId {
        TokenId::of(format!("{nth:064x}"))
    }

    /// Five that end at one moment and two at the next, in pages of two, of which one is revoked
    /// once it was seen.
    #[tokio::test]
    async fn each_that_ends_is_read_once_whatever_ends_meanwhile() {
        let (desk, _) = demo_desk().await;
        let (store, now) = (&desk.inner.store, desk.now());
        let tia = NetId::parse("tia").expect("a NetID");
        let (from, until) = (now.plus_days(1000), now.plus_days(1002));
        for nth in 1..=7 {
            let ends = if nth <= 5 { now.plus_days(1001) } else { until };
            let mut token = TokenView::made(id(nth), "backup".to_owned(), Access::Read, now);
            token.expires = Some(ends);
            store.commit(create(&tia, &token), now).await.expect("made");
        }
        let (mut seen, mut place) = (Vec::new(), Some(EndsPlace::after(from)));
        while let Some(at) = place {
            let (tokens, next) = store.tokens_ending(&at, until, 2).await.expect("tokens");
            assert!(tokens.len() <= 2, "{tokens:?}");
            if seen.is_empty() {
                let gone = revoke(&tia, &Actor::Console, &id(1), now);
                store.commit(gone, now).await.expect("revoked");
            }
            seen.extend(tokens.iter().map(|token| key(&token.id)));
            place = next;
        }
        let expected: Vec<String> = (1..=7).map(|nth| id(nth).to_string()).collect();
        assert_eq!(seen, expected);
    }
}
