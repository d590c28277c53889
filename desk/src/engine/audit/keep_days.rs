//! For how long the audit is kept. Tests: `desk/tests/desk/retention.rs`.

use crate::Moment;

/// For how many days rows of the audit are kept: not so few that what happened is gone before
/// anybody has looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepDays(u32);

/// Fewer days than [`KeepDays::LEAST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the audit is kept for at least {} days: what was done would be gone before anybody has looked",
    KeepDays::LEAST
)]
pub struct TooFewDays;

impl KeepDays {
    /// The fewest.
    pub const LEAST: u32 = 30;

    /// So many days.
    ///
    /// # Errors
    /// [`TooFewDays`].
    pub fn new(days: u32) -> Result<Self, TooFewDays> {
        if days < Self::LEAST { Err(TooFewDays) } else { Ok(Self(days)) }
    }

    /// Rows written before this go: whole days (UTC), so that they go once a day and not one by
    /// one.
    pub(crate) fn beginning(self, now: Moment) -> Moment {
        Moment(0).plus_days(now.days() - i64::from(self.0))
    }
}
