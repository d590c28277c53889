//! Everybody's tokens, some people's after others': by record ids and by the indexes of each
//! person's tokens and of their ends, so that each part costs the same among millions. Tests:
//! `desk/tests/desk/{everybody,officer}.rs`; below of pages.

use std::time::{Duration, Instant};

use futures::future::try_join_all;
use surrealdb::types::SurrealValue;

use crate::Moment;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::rows::{TokenRecord, key, records};
use crate::store::vars::vars;

/// The tokens of so many people are asked for in one question, each person's by itself: where a
/// condition names more than 32 owners at once the store takes no index, and reads everybody's
/// (`MAX_IN_EXPANSION_SIZE` of SurrealDB's planner, 3.3), and where fewer, what has ended too.
const OWNERS_AT_ONCE: usize = 25;

/// So many such questions are asked side by side.
const SIDE_BY_SIDE: usize = 2;

/// How long it may take to read which tokens end at one moment. A day that many choose for the
/// end of their tokens ends at the same one for all of them, and a million take half a minute;
/// nobody waits for it but who looks for what ends soon.
const ALL_OF_A_MOMENT: Duration = Duration::from_mins(2);

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
    rest: Rest,
}

/// What was not seen yet of those that end at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rest {
    Nothing,
    /// What comes after this id.
    After(String),
    /// These, the last first: they were read once, however many pages they take.
    These(Vec<String>),
}

impl EndsPlace {
    /// Before all that end after that moment.
    pub(crate) const fn after(at: Moment) -> Self {
        Self { at: at.0, rest: Rest::Nothing }
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
        let sql = "SELECT record::id(id) AS netid, role, disabled FROM $users";
        self.rows(sql, vars! { "users" => records("user", netids) }).await
    }

    /// Of each of these people, in their order, what `each` says of the tokens of `$owner` at
    /// `$now`: however many they are, nobody else's is read, nor any that it does not ask for.
    pub(super) async fn of_each<T: SurrealValue>(
        &self,
        each: &str,
        owners: &[String],
        now: Moment,
    ) -> Result<Vec<T>, StoreError> {
        let query = async |some: &[String]| {
            // Written out, since that takes two thirds of what a closure over them does.
            let each: Vec<String> =
                (0..some.len()).map(|n| each.replace("$owner", &format!("$owners[{n}]"))).collect();
            let sql = format!("RETURN [{}]", each.join(", "));
            self.rows::<T>(&sql, vars! { "owners" => some.to_vec(), "now" => now.0 }).await
        };
        let mut all = Vec::with_capacity(owners.len());
        for some in owners.chunks(OWNERS_AT_ONCE * SIDE_BY_SIDE) {
            let found = try_join_all(some.chunks(OWNERS_AT_ONCE).map(query)).await?;
            all.extend(found.into_iter().flatten());
        }
        Ok(all)
    }

    /// All tokens of these people that work at `now`.
    pub(crate) async fn live_tokens_of(
        &self,
        owners: &[String],
        now: Moment,
    ) -> Result<Vec<TokenRecord>, StoreError> {
        let each = "(SELECT * FROM token WITH INDEX token_owner_over WHERE owner = $owner AND \
            over_at > $now)";
        Ok(self.of_each::<Vec<TokenRecord>>(each, owners, now).await?.concat())
    }

    /// All tokens of these people that have expired by `now`, and are still kept.
    pub(crate) async fn expired_tokens_of(
        &self,
        owners: &[String],
        now: Moment,
    ) -> Result<Vec<TokenRecord>, StoreError> {
        let each = "(SELECT * FROM token WITH INDEX token_owner_over WHERE owner = $owner AND \
            over_at <= $now AND revoked_at IS NONE)";
        Ok(self.of_each::<Vec<TokenRecord>>(each, owners, now).await?.concat())
    }

    /// The next tokens after this place that end by `until`, at most `limit` of them, perhaps none;
    /// and where the next begin: none, these were the last.
    pub(crate) async fn tokens_ending(
        &self,
        place: EndsPlace,
        until: Moment,
        limit: i64,
    ) -> Result<(Vec<TokenRecord>, Option<EndsPlace>), StoreError> {
        let most = usize::try_from(limit).unwrap_or_default();
        let at = place.at;
        let mut rest = match place.rest {
            Rest::Nothing => {
                let sql = "SELECT * FROM token WITH INDEX token_over WHERE over_at > $at AND \
                    over_at <= $until LIMIT $limit";
                let values = vars! { "at" => at, "until" => until.0, "limit" => limit };
                let tokens: Vec<TokenRecord> = self.rows(sql, values).await?;
                let last = tokens.last().filter(|_| tokens.len() >= most);
                let next = last
                    .map(|last| EndsPlace { at: over_at(last), rest: Rest::After(key(&last.id)) });
                return Ok((tokens, next));
            }
            // Another question: with an OR the store would read the whole table.
            Rest::After(id) => self.ids_ending_at(at, id).await?,
            Rest::These(ids) => ids,
        };
        let page: Vec<String> = rest.split_off(rest.len().saturating_sub(most));
        let page = page.into_iter().rev().collect();
        let mut tokens = self.tokens_with_ids(page).await?;
        // One that ended meanwhile does so no more at that moment.
        tokens.retain(|token| over_at(token) == at);
        let rest = if rest.is_empty() { Rest::Nothing } else { Rest::These(rest) };
        Ok((tokens, Some(EndsPlace { at, rest })))
    }

    /// The ids after this one of the tokens that end at a moment, the last first.
    async fn ids_ending_at(&self, at: i64, id: String) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT VALUE record::id(id) FROM token WITH INDEX token_over WHERE over_at = \
            $at AND record::id(id) > $id";
        let deadline = Instant::now() + ALL_OF_A_MOMENT;
        let answer = self.ask_until(sql, vars! { "at" => at, "id" => id }, deadline).await?.check();
        let mut ids: Vec<String> = self.counted(answer.map_err(StoreError::from))?.take(0)?;
        ids.sort_unstable();
        ids.reverse();
        Ok(ids)
    }

    /// The tokens with these ids, as far as they are still there.
    async fn tokens_with_ids(&self, ids: Vec<String>) -> Result<Vec<TokenRecord>, StoreError> {
        self.rows("SELECT * FROM $tokens", vars! { "tokens" => records("token", ids) }).await
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
    use crate::engine::lock::lock;
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
        *lock(&store.queries) = Some(Vec::new());
        while let Some(at) = place {
            let (tokens, next) = store.tokens_ending(at, until, 2).await.expect("tokens");
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
        // Once for each moment at which a page ends, and not for each page.
        let queries = lock(&store.queries).take().unwrap_or_default();
        let whole_ends = queries.iter().filter(|(sql, _)| sql.contains("over_at = $at")).count();
        assert_eq!(whole_ends, 2);
    }
}
