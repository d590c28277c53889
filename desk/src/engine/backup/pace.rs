//! How fast a backup is made: so many bytes a second and no more, so that whoever verifies tokens
//! does not feel it. Tests: below.

use std::time::{Duration, Instant};

/// How many bytes a second are read where nobody says: what a backup of a large campus takes some
/// minutes at.
pub const BACKUP_RATE: u64 = 32 << 20;

/// How far behind a backup may fall and catch up again: what it waits for longer, for a pipe that
/// nobody reads say, is not made up for.
const MAX_BEHIND: Duration = Duration::from_secs(1);

/// The pace of one backup.
#[derive(Debug)]
pub(crate) struct Pace {
    bytes_per_second: u64,
    /// When all bytes so far were due.
    due: Instant,
}

impl Pace {
    /// From now on, so many bytes a second.
    pub(crate) fn new(bytes_per_second: u64) -> Self {
        Self { bytes_per_second, due: Instant::now() }
    }

    /// Waits until these bytes more were due.
    pub(crate) fn wait_for(&mut self, bytes: usize) {
        let now = Instant::now();
        self.due = next_due(self.due, now, takes(bytes as u64, self.bytes_per_second));
        let ahead = self.due.saturating_duration_since(now);
        if !ahead.is_zero() {
            std::thread::sleep(ahead);
        }
    }
}

/// When the next bytes are due, which take so long.
fn next_due(due: Instant, now: Instant, takes: Duration) -> Instant {
    let begins = now.checked_sub(MAX_BEHIND).map_or(due, |earliest| due.max(earliest));
    begins.checked_add(takes).unwrap_or(begins)
}

/// How long so many bytes take.
fn takes(bytes: u64, bytes_per_second: u64) -> Duration {
    let per_second = u128::from(bytes_per_second.max(1));
    let nanoseconds = u128::from(bytes) * 1_000_000_000 / per_second;
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_take_as_long_as_their_rate_says() {
        assert_eq!(takes(0, 10), Duration::ZERO);
        assert_eq!(takes(25, 10), Duration::from_millis(2500));
        assert_eq!(takes(64 << 20, BACKUP_RATE), Duration::from_secs(2));
        assert_eq!(takes(3, 0), Duration::from_secs(3), "none at all is as slow as it goes");
        assert_eq!(takes(u64::MAX, 1), Duration::from_nanos(u64::MAX));
    }

    #[test]
    fn a_little_is_made_up_for_and_an_hour_is_not() {
        let began = Instant::now();
        let after = |seconds: u64| began + Duration::from_secs(seconds);
        let second = Duration::from_secs(1);
        assert_eq!(next_due(began, began, second), after(1), "ahead of it");
        assert_eq!(next_due(after(5), after(2), second), after(6));
        assert_eq!(next_due(after(5), after(6), second), after(6), "a second behind");
        assert_eq!(next_due(began, after(3600), second), after(3600), "an hour behind");
    }
}
