//! A local password from Request Tracker that has become an initial one is told from others that
//! are initial. Tests: `desk/tests/desk/request_tracker/passwords.rs`.

use crate::{LocalPassword, LocalState};

impl LocalPassword {
    /// Who has set one that was brought from Request Tracker.
    pub(crate) const REQUEST_TRACKER: &str = "Request Tracker";

    /// Whether it came from Request Tracker, and is too weak to go on with.
    #[must_use]
    pub fn is_weak_import(&self) -> bool {
        self.state == LocalState::Initial && self.set_by == Self::REQUEST_TRACKER
    }
}
