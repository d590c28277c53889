//! Waits until somebody has stopped typing.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

/// Does a thing once nothing more has been asked of it for a while. A timer and no stored closure:
/// what the server draws with one thread it drops with another, and that is no place for what only
/// the browser has.
#[derive(Clone, Copy)]
pub(crate) struct Pause {
    length: Duration,
    timer: StoredValue<Option<TimeoutHandle>>,
}

impl Pause {
    pub(crate) fn new(length: Duration) -> Self {
        Self { length, timer: StoredValue::new(None) }
    }

    /// Forgets what was to be done.
    pub(crate) fn forget(self) {
        if let Some(timer) = self.timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    }

    /// Does this after the pause, in place of what was to be done.
    pub(crate) fn then(self, act: impl FnOnce() + 'static) {
        self.forget();
        self.timer.set_value(set_timeout_with_handle(act, self.length).ok());
    }
}
