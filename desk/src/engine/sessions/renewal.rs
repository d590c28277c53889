//! A new id for a session that is confirmed, so that an id that was stolen before is soon worth
//! nothing. The old one goes on for a moment, confirms nothing, and is not replaced again. Tests:
//! `desk/tests/desk/confirmation.rs`.

use crate::Refusal;
use crate::engine::desk::Desk;
use crate::engine::secret::Cookie;
use crate::engine::sessions::one_time_reveal::seal;
use crate::engine::sessions::unkept::KEPT_SECONDS;
use crate::engine::sessions::visitor::Visitor;
use crate::store::change::Change;
use crate::store::sessions::{self, Renewal};

/// How long the old id of a session goes on after it was replaced, in seconds: requests under way
/// still end well.
const REPLACED_GRACE: i64 = 10;

impl Desk {
    /// Gives the visitor's session a new id, confirmed for as long as the operator says, by the
    /// local password as it is at that point of the transaction: a change that sets one stands
    /// before this. What waits under the old id, or comes to wait there because it was asked for
    /// under it, is found from the new one.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] where nothing can be sealed.
    pub(crate) fn renewed(&self, visitor: &Visitor) -> Result<(Cookie, Change), Refusal> {
        let (cookie, now) = (Cookie::random(), self.now());
        let renewal = Renewal {
            old: visitor.session_id(),
            new: cookie.id(),
            now,
            confirmed: now.plus_seconds(i64::from(self.settings().confirm_seconds)),
            replaced: now.plus_seconds(REPLACED_GRACE),
            sealed: seal(&cookie, visitor.cookie.expose())?,
            sealed_until: now.plus_seconds(KEPT_SECONDS),
        };
        Ok((cookie, sessions::renew(renewal)))
    }
}
