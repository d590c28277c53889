//! What is over, and is swept out of the store.

use surrealdb::types::Value;

use crate::Moment;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;

/// How many counts one transaction takes out.
const BATCH: i64 = 1000;

/// No count of wrong passwords has its end further away: a local password is closed at a hundred,
/// of which each day takes one.
const LONGEST_COUNT_DAYS: i64 = 101;

/// What is over.
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
}

impl Store {
    /// Takes out what is over.
    pub(crate) async fn sweep(&self, over: Over) -> Result<(), StoreError> {
        let values = vars! {
            "sessions" => over.sessions.0, "ahead" => over.ahead.0,
            "replaced" => over.replaced.0, "forms" => over.forms.0,
        };
        // NONE sorts below every number: a session that nothing has replaced must be named apart.
        let sweep = "DELETE session WHERE created < $sessions OR created > $ahead OR \
            (replaced_until IS NOT NONE AND replaced_until < $replaced);
                     DELETE form WHERE at < $forms OR at > $ahead";
        self.note(sweep, values).await?;
        self.sweep_counts(over).await
    }

    /// Takes out counts of wrong passwords that say nothing any more, and those that would for
    /// longer than any does; some at a time: a flood may have left very many.
    async fn sweep_counts(&self, over: Over) -> Result<(), StoreError> {
        // A count without an end has none that is above zero.
        let counts = [
            "LET $gone = (SELECT VALUE id FROM throttle WHERE over > 0 AND over <= $now LIMIT \
                $batch); DELETE $gone RETURN BEFORE",
            "LET $gone = (SELECT VALUE id FROM throttle WHERE over > $far LIMIT $batch); DELETE \
                $gone RETURN BEFORE",
            "LET $gone = (SELECT VALUE id FROM directory_try WHERE over > 0 AND over <= $now LIMIT \
                $batch); DELETE $gone RETURN BEFORE",
            "LET $gone = (SELECT VALUE id FROM directory_try WHERE over > $far LIMIT $batch); \
                DELETE $gone RETURN BEFORE",
        ];
        let far = over.ahead.plus_days(LONGEST_COUNT_DAYS);
        for sql in counts {
            let values = || vars! { "now" => over.now.0, "far" => far.0, "batch" => BATCH };
            while i64::try_from(self.rows::<Value>(sql, values()).await?.len()) == Ok(BATCH) {}
        }
        Ok(())
    }
}
