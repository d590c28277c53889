//! Listening to what changes, for pages that are open. Tests: `server/tests/server/people/live.rs`.

use tokio::sync::broadcast;

use crate::Moment;
use crate::engine::desk::Desk;
use crate::engine::events::Event;

/// How far the clocks of nodes may be apart, in milliseconds: one of them may have made a page, and
/// another have heard of the change.
const SKEW: i64 = 2_000;

impl Desk {
    /// What changes from now on. A receiver that lags behind should take it as
    /// [`Event::Everything`].
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Event> {
        self.inner.events.subscribe()
    }

    /// What has changed of this person since then, or may have: it is not remembered for ever.
    /// Subscribe to [`Desk::changes`] first, and nothing is missed in between.
    #[must_use]
    pub fn changed_since(&self, netid: &str, since: Moment) -> Vec<Event> {
        let skew = if self.inner.store.is_shared() { SKEW } else { 0 };
        self.inner.events.since(netid, Moment(since.0.saturating_sub(skew)))
    }
}
