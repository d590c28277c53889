//! How large a campus is, and which.

use crate::Moment;

/// A campus: the same each time for the same of all of these.
#[derive(Clone, Copy, Debug)]
pub struct Campus {
    /// How many people are on it; of tokens there are some five times as many.
    pub people: u32,
    /// How many rows its audit has.
    pub audit_rows: u32,
    /// Which of all such campuses.
    pub seed: u64,
    /// When it is as it is.
    pub now: Moment,
}
