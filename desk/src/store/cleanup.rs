//! What is over, and is swept out of the store.

use crate::Moment;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;

/// What is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Over {
    pub(crate) now: Moment,
    /// Sessions that began before.
    pub(crate) sessions: Moment,
    /// Keys of forms sent before.
    pub(crate) forms: Moment,
    /// Counts of wrong passwords whose last was before; those of accounts that are closed by at least so many stay.
    pub(crate) failures: Moment,
    pub(crate) closed: i64,
}

impl Store {
    /// Takes out what is over.
    pub(crate) async fn sweep(&self, over: Over) -> Result<(), StoreError> {
        let values = vars! {
            "sessions" => over.sessions.0, "now" => over.now.0, "forms" => over.forms.0, "failures" => over.failures.0,
            "closed" => over.closed,
        };
        // NONE sorts below every number: a session that nothing has replaced must be named apart.
        let sweep = "DELETE session WHERE created < $sessions OR (replaced_until IS NOT NONE AND replaced_until < $now);
                     DELETE form WHERE at < $forms;
                     DELETE throttle WHERE last < $failures AND failures < $closed";
        self.note(sweep, values).await
    }
}
