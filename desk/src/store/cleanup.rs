//! What is over, and is removed from the store: found by index, so that nothing else is looked at,
//! and taken out some at a time. Tests: `store/reading_tests.rs`, `desk/tests/desk/sessions.rs`,
//! `wrong_clock.rs`.

use surrealdb::types::Variables;

use crate::Moment;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;

/// How many rows one transaction takes out.
const BATCH: i64 = 500;

/// No count of wrong passwords has its end further away: a local password is closed at a hundred,
/// of which each day takes one.
const LONGEST_COUNT_DAYS: i64 = 101;

/// Up to when each kind of row is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Over {
    pub(crate) now: Moment,
    /// Sessions that began before.
    pub(crate) sessions: Moment,
    /// What was written down from after that was by a clock that was wrong.
    pub(crate) ahead: Moment,
    /// Replaced ids of sessions that went on until before.
    pub(crate) replaced: Moment,
    /// Keys of forms sent before.
    pub(crate) forms: Moment,
    /// Notices made before.
    pub(crate) notices: Moment,
}

/// Takes out some rows of a table, and answers how many. One statement is one transaction: of a row
/// that becomes another meanwhile it is tried anew.
macro_rules! over {
    ($what:literal) => {
        concat!(
            "RETURN { LET $gone = (SELECT VALUE id FROM ",
            $what,
            " LIMIT $batch); DELETE $gone RETURN NONE; RETURN array::len($gone) }"
        )
    };
}

/// What is over by one index: each finds some, and takes them out.
const CLEANUPS: [&str; 11] = [
    over!("session WHERE created < $sessions"),
    over!("session WHERE created > $ahead"),
    // A session that nothing has replaced has no such moment.
    over!("session WHERE replaced_until > 0 AND replaced_until < $replaced"),
    over!("form WHERE at < $forms"),
    over!("form WHERE at > $ahead"),
    // Counts of wrong passwords that say nothing any more, and those that would for longer than any
    // does. One without an end has none that is above zero.
    over!("throttle WHERE over > 0 AND over <= $now"),
    over!("throttle WHERE over > $far"),
    over!("directory_try WHERE over > 0 AND over <= $now"),
    over!("directory_try WHERE over > $far"),
    over!("notice WHERE made < $notices"),
    over!("notice WHERE made > $ahead"),
];

impl Store {
    /// Takes out what is over, some of it in each transaction: a flood, or a desk that was off for
    /// long, may have left very much.
    pub(crate) async fn clean_up(&self, over: Over) -> Result<(), StoreError> {
        let values = || {
            vars! {
                "sessions" => over.sessions.0, "ahead" => over.ahead.0,
                "replaced" => over.replaced.0, "forms" => over.forms.0, "now" => over.now.0,
                "notices" => over.notices.0,
                "far" => over.ahead.plus_days(LONGEST_COUNT_DAYS).0, "batch" => BATCH,
            }
        };
        for cleanup in CLEANUPS {
            while self.note_and_count(cleanup, values()).await? == BATCH {}
        }
        Ok(())
    }

    /// How many rows a statement took out.
    async fn note_and_count(&self, sql: &str, values: Variables) -> Result<i64, StoreError> {
        Ok(self.note_and_read::<i64>(sql, values).await?.unwrap_or(0))
    }
}
