//! Counts of wrong passwords as the store has them, and how many of them the campus directory has
//! heard.
//!
//! A count is moved only from what was read: two nodes that count at one moment both count.

use surrealdb::types::SurrealValue;

use crate::Moment;
use crate::store::change::Change;
use crate::store::error::{Condition, StoreError};
use crate::store::handle::Store;
use crate::store::rows::records;
use crate::store::vars::vars;

/// Wrong passwords.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Failures {
    pub(crate) failures: i64,
    /// When the last of them was.
    pub(crate) last: i64,
}

/// A count that becomes another.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    pub(crate) key: String,
    /// As it was read; none: there was none.
    pub(crate) from: Option<Failures>,
    pub(crate) to: Option<Failures>,
    /// When what it becomes says nothing any more; none: never by itself.
    pub(crate) over: Option<Moment>,
}

/// How many wrong passwords of a person the campus directory may hear.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DirectoryTry<'a> {
    pub(crate) key: &'a str,
    /// From a browser that has logged in as that person before.
    pub(crate) by_device: bool,
    /// So many from such, and as many from others.
    pub(crate) most: i64,
    /// Until the last of them is so many seconds away: also one that is still to come.
    pub(crate) quiet_seconds: i64,
    pub(crate) now: Moment,
    pub(crate) over: Moment,
}

impl DirectoryTry<'_> {
    /// Whether the last of these is near enough to count.
    pub(crate) fn is_recent(&self, tries: Tries) -> bool {
        Moment(tries.last).seconds_apart(self.now) < self.quiet_seconds
    }
}

/// How many wrong passwords of a person the campus directory has heard.
#[derive(Clone, Copy, Debug, Default, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct Tries {
    pub(crate) strangers: i64,
    pub(crate) devices: i64,
    /// When the last of them was.
    pub(crate) last: i64,
}

#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct FailuresRow {
    name: String,
    failures: i64,
    last: i64,
}

impl Store {
    /// The counts under these keys, each in its place.
    pub(crate) async fn failures(
        &self,
        keys: &[String],
    ) -> Result<Vec<Option<Failures>>, StoreError> {
        let sql = "SELECT record::id(id) AS name, failures, last FROM $counts";
        let counts = records("throttle", keys);
        let rows: Vec<FailuresRow> = self.rows(sql, vars! { "counts" => counts }).await?;
        let count = |key: &String| {
            let row = rows.iter().find(|row| row.name == *key)?;
            Some(Failures { failures: row.failures, last: row.last })
        };
        Ok(keys.iter().map(count).collect())
    }

    /// Moves counts, all or none; answers whether they were still what was read.
    pub(crate) async fn move_failures(
        &self,
        moves: &[Move],
        now: Moment,
    ) -> Result<bool, StoreError> {
        let change = moves.iter().map(moved).fold(Change::default(), Change::with);
        match self.commit(change, now).await {
            Ok(()) => Ok(true),
            Err(StoreError::Condition(Condition::Moved) | StoreError::Exists) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes one of the wrong passwords that the directory may hear, before it hears it; answers
    /// whether there was one left.
    pub(crate) async fn take_directory_try(
        &self,
        new: DirectoryTry<'_>,
    ) -> Result<bool, StoreError> {
        let change = Change::new(
            "LET $heard = (SELECT * FROM ONLY type::record('directory_try', $key));
             LET $quiet = IF $heard IS NONE { true } ELSE { math::abs($now - $heard.last) >= \
             $quiet_for };
             LET $strangers = IF $quiet { 0 } ELSE { $heard.strangers };
             LET $devices = IF $quiet { 0 } ELSE { $heard.devices };
             IF (IF $by_device { $devices } ELSE { $strangers }) >= $most { THROW 'not-due' };
             UPSERT type::record('directory_try', $key) SET last = $now, over = $over,
                strangers = IF $by_device { $strangers } ELSE { $strangers + 1 },
                devices = IF $by_device { $devices + 1 } ELSE { $devices } RETURN NONE",
            vars! {
                "key" => new.key.to_owned(), "by_device" => new.by_device, "most" => new.most,
                "quiet_for" => new.quiet_seconds.saturating_mul(1000),
                "now" => new.now.0, "over" => new.over.0,
            },
        );
        match self.commit(change, new.now).await {
            Ok(()) => Ok(true),
            Err(StoreError::Condition(Condition::NotDue)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// How many it has heard.
    pub(crate) async fn directory_tries(&self, key: &str) -> Result<Option<Tries>, StoreError> {
        let sql = "SELECT strangers, devices, last FROM type::record('directory_try', $key)";
        self.row(sql, vars! { "key" => key.to_owned() }).await
    }

    /// Gives one back that the directory has not heard.
    pub(crate) async fn give_directory_try_back(
        &self,
        key: &str,
        by_device: bool,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE type::record('directory_try', $key) SET
            strangers = IF $by_device { strangers } ELSE { math::max([strangers - 1, 0]) },
            devices = IF $by_device { math::max([devices - 1, 0]) } ELSE { devices }";
        self.note(sql, vars! { "key" => key.to_owned(), "by_device" => by_device }).await
    }

    /// It has heard the right one: by its own count nothing was wrong before.
    pub(crate) async fn forget_directory_tries(&self, key: &str) -> Result<(), StoreError> {
        self.note("DELETE type::record('directory_try', $key)", vars! { "key" => key.to_owned() })
            .await
    }
}

/// The change of one count.
pub(crate) fn moved(one: &Move) -> Change {
    let Move { key, from, to, over } = one;
    let (seen, to) = (from.unwrap_or_default(), to.map(|to| (to.failures, to.last)));
    let sql = match (from, to) {
        (None, None) => return Change::default(),
        (None, Some(_)) => {
            "CREATE type::record('throttle', $key) CONTENT { failures: $failures, \
            last: $last, over: $over } RETURN NONE"
        }
        (Some(_), Some(_)) => {
            "LET $set = (UPDATE type::record('throttle', $key) SET failures = $failures, last = \
                $last, over = $over
                WHERE failures = $seen AND last = $seen_last);
             IF array::len($set) = 0 { THROW 'moved' }"
        }
        (Some(_), None) => {
            "LET $set = (DELETE type::record('throttle', $key) WHERE failures = $seen AND last = \
                $seen_last RETURN BEFORE);
             IF array::len($set) = 0 { THROW 'moved' }"
        }
    };
    let (failures, last) = to.unwrap_or_default();
    Change::new(
        sql,
        vars! {
            "key" => key.clone(), "failures" => failures, "last" => last,
            "over" => over.map(|over| over.0),
            "seen" => seen.failures, "seen_last" => seen.last,
        },
    )
}

/// Forgets a count, whatever it is.
pub(crate) fn forget_failures(key: &str) -> Change {
    Change::new("DELETE type::record('throttle', $key)", vars! { "key" => key.to_owned() })
}
