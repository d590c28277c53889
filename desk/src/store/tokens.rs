//! Tokens as the store has them.
//!
//! `over_at` is when a token ends, or ended: the earlier of its revocation and its expiry, far away
//! where there is neither. The schema computes it at every write, so that no writer can forget it;
//! what lists, counts and cleans up reads by the indexes over it. Each such question names its
//! index: left to itself the store may take two, and read one of them from end to end. Tests:
//! `desk/tests/desk/tokens.rs`, `token_limits.rs`, and of the column `migrations/filling_tests.rs`.

use surrealdb::types::Variables;

use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::rows::TokenRecord;
use crate::store::vars::vars;
use crate::{Actor, Moment, NetId, Source, TokenId, TokenView};

/// For how long tokens are counted against how many a person may make, in milliseconds.
const RATE_WINDOW: i64 = 60_000;

/// Of how many tokens that ended the owners are looked for at once: of an index of one column the
/// store reads a thousand rows anyway.
const ENDED_AT_ONCE: i64 = 1000;

impl Store {
    /// The token with this id.
    pub(crate) async fn token(&self, id: &TokenId) -> Result<Option<TokenRecord>, StoreError> {
        self.row("SELECT * FROM type::record('token', $id)", vars! { "id" => id.to_string() }).await
    }

    /// Ids of tokens after this one, in their order; empty: from the first.
    pub(crate) async fn token_ids(
        &self,
        after: &str,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        // A range of record ids: each part costs the same.
        let sql = "SELECT VALUE record::id(id) FROM type::record('token', $after>..) LIMIT $limit";
        self.rows(sql, vars! { "after" => after.to_owned(), "limit" => i64::from(limit) }).await
    }

    /// All tokens of a person that work at `now`, and of those that ended after `since` the latest
    /// `limit`.
    pub(crate) async fn tokens_of(
        &self,
        owner: &NetId,
        now: Moment,
        since: Moment,
        limit: u32,
    ) -> Result<Vec<TokenRecord>, StoreError> {
        let sql = "RETURN array::concat(
                (SELECT * FROM token WITH INDEX token_owner_over WHERE owner = $owner AND over_at \
                > $now),
                (SELECT * FROM token WITH INDEX token_owner_over WHERE owner = $owner AND over_at \
                <= $now AND over_at > $since
                    ORDER BY over_at DESC LIMIT $limit))";
        let vars = vars! {
            "owner" => owner.as_str().to_owned(), "now" => now.0, "since" => since.0,
            "limit" => i64::from(limit),
        };
        self.rows(sql, vars).await
    }

    /// Some of those who have a token that ended at `then` or before, each once; nobody: there are
    /// none.
    pub(crate) async fn owners_of_ended(&self, then: Moment) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT VALUE owner FROM token WITH INDEX token_over WHERE over_at <= $then \
            LIMIT $limit";
        let mut owners: Vec<String> =
            self.rows(sql, vars! { "then" => then.0, "limit" => ENDED_AT_ONCE }).await?;
        owners.sort_unstable();
        owners.dedup();
        Ok(owners)
    }

    /// At most `limit` of a person's tokens that ended at `then` or before.
    pub(crate) async fn tokens_ended(
        &self,
        owner: &str,
        then: Moment,
        limit: usize,
    ) -> Result<Vec<TokenRecord>, StoreError> {
        let sql = "SELECT * FROM token WITH INDEX token_owner_over WHERE owner = $owner AND \
            over_at <= $then LIMIT $limit";
        self.rows(
            sql,
            vars! {
                "owner" => owner.to_owned(), "then" => then.0,
                "limit" => i64::try_from(limit).unwrap_or(i64::MAX),
            },
        )
        .await
    }
}

/// Makes a token.
pub(crate) fn create(owner: &NetId, token: &TokenView) -> Change {
    Change::new(
        "CREATE type::record('token', $id) CONTENT {
            owner: $owner, description: $description, access: $access, networks: $networks, \
            created: $created, expires: $expires }",
        vars! {
            "id" => token.id.to_string(), "owner" => owner.as_str().to_owned(),
            "description" => token.description.clone(),
            "access" => token.access.word().to_owned(), "networks" => token.networks.clone(),
            "created" => token.created.0,
            "expires" => token.expires.map(|at| at.0),
        },
    )
}

/// The condition, after what gives a person tokens, that not more than `limit` of theirs work;
/// `old_strings`: strings of Request Tracker do. It is no condition without one that writes their
/// row before it: two changes that each give them one would not meet.
pub(crate) fn at_most(owner: &NetId, limit: u32, old_strings: bool, now: Moment) -> Change {
    let sql = format!(
        "LET $live = (SELECT VALUE id FROM token WITH INDEX token_owner_over
            WHERE owner = $owner AND over_at > $now AND revoked_at IS NONE{});
         IF array::len($live) > $limit {{ THROW 'too-many-tokens' }}",
        but_ended(old_strings)
    );
    Change::new(
        &sql,
        vars! { "owner" => owner.as_str().to_owned(), "now" => now.0, "limit" => i64::from(limit) },
    )
}

/// Leaves out what came from Request Tracker where its strings work no more. By `OR` the store
/// would read everybody's.
pub(super) const fn but_ended(old_strings: bool) -> &'static str {
    if old_strings { "" } else { " AND rt_user IS NONE" }
}

/// The condition that a person makes no more than `limit` tokens in the minute that began with the
/// first of them. It counts in their row, so that every node counts the same.
pub(crate) fn not_too_fast(owner: &NetId, limit: u32, now: Moment) -> Change {
    Change::new(
        "LET $person = type::record('user', $owner);
         LET $before = (SELECT made_since, made_count FROM ONLY $person);
         LET $same = $before.made_since IS NOT NONE AND math::abs($now - $before.made_since) < \
         $window;
         LET $count = IF $same { $before.made_count + 1 } ELSE { 1 };
         IF $count > $limit { THROW 'too-fast' };
         UPDATE $person SET made_since = IF $same { $before.made_since } ELSE { $now }, made_count \
         = $count RETURN NONE",
        vars! {
            "owner" => owner.as_str().to_owned(), "now" => now.0, "window" => RATE_WINDOW,
            "limit" => i64::from(limit),
        },
    )
}

/// The condition that a token still works and is as it was `read`.
pub(crate) fn still_as(owner: &NetId, read: &TokenView, now: Moment) -> Change {
    Change::new(
        "LET $stands = (SELECT owner, description, networks, expires, over_at, revoked_at FROM \
            ONLY type::record('token', $id));
         IF $stands.owner != $owner OR $stands.over_at <= $now OR $stands.revoked_at IS NOT NONE { \
         THROW 'token-over' };
         IF $stands.description != $description OR $stands.networks != $networks OR \
         $stands.expires != $expires { THROW 'stale' }",
        vars! {
            "id" => read.id.to_string(), "owner" => owner.as_str().to_owned(), "now" => now.0,
            "description" => read.description.clone(),
            "networks" => read.networks.clone(), "expires" => read.expires.map(|at| at.0),
        },
    )
}

/// Changes description, networks and expiry of a token that still works and is as it was `read`.
pub(crate) fn edit(owner: &NetId, read: &TokenView, edited: &TokenView, now: Moment) -> Change {
    still_as(owner, read, now).and(
        "UPDATE type::record('token', $id) SET description = $description, networks = $networks, \
            expires = $expires RETURN NONE",
        vars! {
            "id" => edited.id.to_string(), "description" => edited.description.clone(),
            "networks" => edited.networks.clone(),
            "expires" => edited.expires.map(|at| at.0),
        },
    )
}

/// Lets a token that still works and is as it was `read` end then.
pub(crate) fn end(owner: &NetId, read: &TokenView, ends: Moment, now: Moment) -> Change {
    still_as(owner, read, now).and(
        "UPDATE type::record('token', $id) SET expires = $ends RETURN NONE",
        vars! { "id" => read.id.to_string(), "ends" => ends.0 },
    )
}

/// Revokes a token that still works and is as it was `read`.
pub(crate) fn replace(owner: &NetId, read: &TokenView, by: &Actor, now: Moment) -> Change {
    still_as(owner, read, now).with(revoke(owner, by, &read.id, now))
}

/// Revokes one token, expired or not.
pub(crate) fn revoke(owner: &NetId, by: &Actor, id: &TokenId, now: Moment) -> Change {
    Change::new(
        "LET $revoked = (UPDATE type::record('token', $id) SET revoked_at = $now, revoked_by = $by \
            WHERE owner = $owner AND revoked_at IS NONE);
         IF array::len($revoked) = 0 { THROW 'token-over' }",
        vars! {
            "id" => id.to_string(), "owner" => owner.as_str().to_owned(), "now" => now.0,
            "by" => by.code(),
        },
    )
}

/// Revokes every token of a person that works, if they are as many as were counted: nothing where
/// another was made, or ended, since then.
pub(crate) fn revoke_all(owner: &NetId, by: &Actor, counted: usize, now: Moment) -> Change {
    Change::new(
        "LET $live = (SELECT VALUE id FROM token WITH INDEX token_owner_over WHERE owner = $owner \
            AND over_at > $now AND revoked_at IS NONE);
         IF array::len($live) != $counted { THROW 'stale' };
         UPDATE $live SET revoked_at = $now, revoked_by = $by RETURN NONE",
        vars! {
            "owner" => owner.as_str().to_owned(), "now" => now.0, "by" => by.code(),
            "counted" => i64::try_from(counted).unwrap_or(i64::MAX),
        },
    )
}

/// Revokes these tokens of a person, as far as they are not revoked.
pub(crate) fn revoke_each(owner: &NetId, by: &Actor, ids: &[&TokenId], now: Moment) -> Change {
    Change::new(
        "FOR $id IN $ids {
            UPDATE type::record('token', $id) SET revoked_at = $now, revoked_by = $by WHERE owner \
            = $owner AND revoked_at IS NONE RETURN NONE
         }",
        vars! {
            "ids" => texts(ids), "owner" => owner.as_str().to_owned(), "now" => now.0,
            "by" => by.code(),
        },
    )
}

/// Lets these tokens of a person work again, each of which a directory's word had revoked.
pub(crate) fn restore(owner: &NetId, ids: &[&TokenId]) -> Change {
    Change::new(
        "FOR $id IN $ids {
            LET $back = (UPDATE type::record('token', $id) SET revoked_at = NONE, revoked_by = NONE
                WHERE owner = $owner AND revoked_by IN $directories);
            IF array::len($back) = 0 { THROW 'stale' }
         }",
        vars! {
            "ids" => texts(ids), "owner" => owner.as_str().to_owned(),
            "directories" => Source::ACTING.map(|source| Actor::Source(source).code()).to_vec(),
        },
    )
}

/// Deletes these tokens, each of which ended at `then` or before, and from which networks they were
/// used: all of them, or nothing where another node was there first. Of what came from Request
/// Tracker it stays that it was brought.
pub(crate) fn clean_up(ids: &[&TokenId], then: Moment) -> Change {
    removal("over_at <= $then", vars! { "ids" => texts(ids), "then" => then.0 })
}

/// The same of tokens from Request Tracker, which have ended with their strings.
pub(crate) fn clean_up_old_strings(ids: &[&TokenId]) -> Change {
    removal("rt_user IS NOT NONE", vars! { "ids" => texts(ids) })
}

fn removal(condition: &str, values: Variables) -> Change {
    let sql = format!(
        "FOR $id IN $ids {{
            LET $gone = (DELETE type::record('token', $id) WHERE {condition} RETURN BEFORE);
            IF array::len($gone) = 0 {{ THROW 'stale' }};
            DELETE type::record('token_network', $id) RETURN NONE;
            LET $old = $gone[0];
            IF $old.rt_user IS NOT NONE {{
                UPDATE type::record('rt_token', [$old.rt_user, $old.rt_id, $id]) SET hash = NONE \
            RETURN NONE;
                IF $old.rt_pin IS NOT NONE {{ DELETE type::record('rt_pin', $old.rt_pin) }};
            }}
         }}"
    );
    Change::new(&sql, values)
}

fn texts(ids: &[&TokenId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}
