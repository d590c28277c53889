//! How far the last reader of a long list has come: the next page costs what is on it, and not what
//! is before it. Tests: `desk/tests/desk/directory/pushed.rs`.

use std::time::{Duration, Instant};

/// How long a count of all people is good for whoever reads them page by page.
const COUNT_AGE: Duration = Duration::from_mins(1);

/// Fewer people are counted each time.
const MANY: u64 = 1000;

/// How far the last reader of the list has come.
#[derive(Clone, Debug)]
pub(crate) struct PageCursor {
    /// When the people were counted.
    pub(crate) at: Instant,
    pub(crate) total: u64,
    /// The identity system has made or deleted somebody since they were counted.
    pub(crate) is_outdated: bool,
    /// How many were read.
    pub(crate) next: u32,
    /// The last one of them.
    pub(crate) last: String,
}

impl PageCursor {
    /// Whether a page that begins after `skipped` people is the next one.
    pub(crate) fn goes_on_at(&self, skipped: u32) -> bool {
        skipped > 0 && skipped == self.next && self.at.elapsed() < COUNT_AGE
    }

    /// Whether the count is good for whoever begins anew: there are so many that counting them
    /// takes a moment.
    pub(crate) fn is_count_good(&self) -> bool {
        self.total >= MANY && !self.is_outdated && self.at.elapsed() < COUNT_AGE
    }
}
