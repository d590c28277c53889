//! What the store's clock said when it was last read.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// The store's clock as it was last read: when that was by this node, and what it said, in
/// milliseconds.
#[derive(Debug, Default)]
pub(super) struct StoreClock(Mutex<Option<(Instant, i64)>>);

impl StoreClock {
    pub(super) fn read(&self) -> Option<(Instant, i64)> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, reading: Option<(Instant, i64)>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = reading;
    }
}
