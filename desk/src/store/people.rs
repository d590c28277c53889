//! People as synchronising and identity systems read them: many at once, page by page, in the order
//! of their NetIDs. Tests: `desk/tests/desk/directory/sync.rs`, `pushed.rs`.

use std::collections::HashMap;

use surrealdb::types::SurrealValue;

use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::rows::{User, UserRecord, records};
use crate::store::vars::vars;
use crate::{Moment, NetId, Role, Source};

/// People read at once where everybody is looked at.
const PAGE: i64 = 1000;

/// Somebody at the desk, as far as it matters to whether a directory still has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) netid: NetId,
    pub(crate) source: Source,
    pub(crate) role: Role,
    pub(crate) privileged: bool,
    pub(crate) disabled: bool,
    /// They are kept at the desk itself ([`User::is_kept_here`]).
    pub(crate) is_kept_here: bool,
    /// It is written down already that the directory no longer has them.
    pub(crate) has_departed: bool,
}

/// Some of all people.
pub(crate) struct MemberPage {
    pub(crate) members: Vec<Member>,
    /// After whom the next page begins; none: this one was the last.
    pub(crate) next: Option<String>,
}

#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct MemberRecord {
    netid: String,
    source: String,
    role: String,
    privileged: bool,
    disabled: bool,
    is_kept_here: bool,
    has_departed: bool,
}

impl MemberRecord {
    fn member(&self) -> Option<Member> {
        Some(Member {
            netid: NetId::parse(&self.netid).ok()?,
            source: Source::parse(&self.source)?,
            role: Role::parse(&self.role).ok()?,
            privileged: self.privileged,
            disabled: self.disabled,
            is_kept_here: self.is_kept_here,
            has_departed: self.has_departed,
        })
    }
}

/// Before the first person: no NetID begins before a hyphen, and a record id cannot be empty.
const FIRST: &str = "-";

/// Where many people have to be gone through, so many are in one question, and no fewer.
const WALKED_AT_ONCE: u32 = 5000;
const WALKED_AT_LEAST: u32 = 100;

#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct Walked {
    netid: String,
    is_counted: bool,
}

#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct Count {
    n: i64,
}

impl Store {
    /// The people with these NetIDs: those of them who are at the desk.
    pub(crate) async fn users(&self, netids: &[NetId]) -> Result<HashMap<NetId, User>, StoreError> {
        let users = records("user", netids.iter().map(NetId::as_str));
        let rows: Vec<UserRecord> =
            self.rows("SELECT * FROM $users", vars! { "users" => users }).await?;
        let users = rows
            .into_iter()
            .map(|row| User::try_from(row).map(|user| (user.person.netid.clone(), user)));
        users.collect()
    }

    /// The next of all people after `after` (as [`MemberPage::next`] said; empty: the first), as
    /// `source` has to know of them.
    pub(crate) async fn members(
        &self,
        after: &str,
        source: Source,
    ) -> Result<MemberPage, StoreError> {
        // A range of record ids: each page costs the same.
        let sql = "SELECT record::id(id) AS netid, source, role, privileged, disabled, 
                (netid_hash IS NOT NONE OR (source = 'built-in' AND role != 'staff' AND linked != \
                true)) AS is_kept_here,
                (departed_by ?? []) CONTAINS $source AS has_departed
            FROM type::record('user', $after>..) LIMIT $limit";
        let after = if after.is_empty() { FIRST } else { after };
        let values = vars! {
            "after" => after.to_owned(), "limit" => PAGE, "source" => source.code().to_owned(),
        };
        let rows: Vec<MemberRecord> = self.rows(sql, values).await?;
        Ok(MemberPage {
            members: rows.iter().filter_map(MemberRecord::member).collect(),
            next: rows.last().map(|row| row.netid.clone()),
        })
    }

    /// Those of `netids` who are this directory's, and of whom it is not yet written that it no
    /// longer has them.
    pub(crate) async fn not_yet_departed(
        &self,
        netids: &[NetId],
        source: Source,
    ) -> Result<Vec<User>, StoreError> {
        let sql = "SELECT * FROM $users WHERE source = $source AND netid_hash IS NONE AND \
            (departed_by ?? []) CONTAINSNOT $source";
        let users = records("user", netids.iter().map(NetId::as_str));
        let values = vars! { "users" => users, "source" => source.code().to_owned() };
        self.rows::<UserRecord>(sql, values).await?.into_iter().map(User::try_from).collect()
    }

    /// Those whom an identity system calls so; it may have been another one each time.
    pub(crate) async fn users_by_external_id(
        &self,
        id: &str,
        limit: u32,
    ) -> Result<Vec<User>, StoreError> {
        let sql =
            "SELECT * FROM user WITH INDEX user_external_id WHERE external_id = $id LIMIT $limit";
        let values = vars! { "id" => id.to_owned(), "limit" => i64::from(limit) };
        self.rows::<UserRecord>(sql, values).await?.into_iter().map(User::try_from).collect()
    }

    /// How many people there are whom an identity system may see.
    pub(crate) async fn count_not_deleted(&self) -> Result<u64, StoreError> {
        // Word for word what the index counts (user_seen): otherwise everybody is read.
        let sql = "SELECT count() AS n FROM user WHERE source != 'none' GROUP ALL";
        let count: Option<Count> = self.row(sql, vars! {}).await?;
        Ok(count.map_or(0, |count| u64::try_from(count.n).unwrap_or(0)))
    }

    /// How many of them were here at `before`. Everybody is gone through, in parts of which each
    /// takes a moment: all at once would take longer than a question may.
    pub(crate) async fn count_not_deleted_of(&self, before: Moment) -> Result<u64, StoreError> {
        let (mut after, mut count) = (FIRST.to_owned(), 0);
        loop {
            let some = self.walk(&after, before, WALKED_AT_ONCE).await?;
            count += some.iter().map(|person| u64::from(person.is_counted)).sum::<u64>();
            match some.into_iter().next_back() {
                Some(last) => after = last.netid,
                None => return Ok(count),
            }
        }
    }

    /// `limit` of the people whom an identity system may see, from the one after the first
    /// `skipped`: costs what was skipped, in parts.
    pub(crate) async fn not_deleted_from(
        &self,
        skipped: u32,
        limit: u32,
    ) -> Result<Vec<User>, StoreError> {
        let (mut after, mut left) = (FIRST.to_owned(), skipped);
        while left > 0 {
            let many = left.clamp(WALKED_AT_LEAST, WALKED_AT_ONCE);
            let some = self.walk(&after, Moment(i64::MAX), many).await?;
            if some.is_empty() {
                return Ok(Vec::new());
            }
            for person in some {
                after = person.netid;
                left -= u32::from(person.is_counted);
                if left == 0 {
                    break;
                }
            }
        }
        self.not_deleted_after(&after, limit).await
    }

    /// The next people after one of them, and whether each is counted: whom an identity system may
    /// see and who was here at `before`.
    async fn walk(
        &self,
        after: &str,
        before: Moment,
        limit: u32,
    ) -> Result<Vec<Walked>, StoreError> {
        let sql = "SELECT record::id(id) AS netid, source != $deleted AND created <= $before AS \
            is_counted FROM type::record('user', $after>..) LIMIT $limit";
        let values = vars! {
            "deleted" => Source::None.code().to_owned(), "before" => before.0,
            "after" => after.to_owned(), "limit" => i64::from(limit),
        };
        self.rows(sql, values).await
    }

    /// `limit` of the people whom an identity system may see, after the one with the NetID `after`:
    /// costs the same wherever that is.
    pub(crate) async fn not_deleted_after(
        &self,
        after: &str,
        limit: u32,
    ) -> Result<Vec<User>, StoreError> {
        let sql =
            "SELECT * FROM type::record('user', $after>..) WHERE source != $deleted LIMIT $limit";
        let values = vars! {
            "deleted" => Source::None.code().to_owned(), "limit" => i64::from(limit),
            "after" => after.to_owned(),
        };
        self.rows::<UserRecord>(sql, values).await?.into_iter().map(User::try_from).collect()
    }
}
