//! What is over, and is swept out of the store.

use surrealdb::types::Value;

use crate::Moment;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;

/// How many counts one transaction takes out.
const BATCH: i64 = 1000;

/// What is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Over {
    pub(crate) now: Moment,
    /// Sessions that began before.
    pub(crate) sessions: Moment,
    /// Replaced ids of sessions that went on until before.
    pub(crate) replaced: Moment,
    /// Keys of forms sent before.
    pub(crate) forms: Moment,
}

impl Store {
    /// Takes out what is over.
    pub(crate) async fn sweep(&self, over: Over) -> Result<(), StoreError> {
        let values = vars! {
            "sessions" => over.sessions.0, "replaced" => over.replaced.0, "forms" => over.forms.0,
        };
        // NONE sorts below every number: a session that nothing has replaced must be named apart.
        let sweep = "DELETE session WHERE created < $sessions OR (replaced_until IS NOT NONE AND \
            replaced_until < $replaced);
                     DELETE form WHERE at < $forms";
        self.note(sweep, values).await?;
        self.sweep_counts(over.now).await
    }

    /// Takes out counts of wrong passwords that say nothing any more, some at a time: a flood may
    /// have left very many.
    async fn sweep_counts(&self, now: Moment) -> Result<(), StoreError> {
        // A count without an end has none that is above zero.
        let counts = [
            "LET $gone = (SELECT VALUE id FROM throttle WHERE over > 0 AND over <= $now LIMIT \
                $batch); DELETE $gone RETURN BEFORE",
            "LET $gone = (SELECT VALUE id FROM directory_try WHERE over > 0 AND over <= $now LIMIT \
                $batch); DELETE $gone RETURN BEFORE",
        ];
        for sql in counts {
            while self.rows::<Value>(sql, vars! { "now" => now.0, "batch" => BATCH }).await?.len()
                as i64
                == BATCH
            {}
        }
        Ok(())
    }
}
