//! How fast a backup is made: so many bytes a second and no more, so that whoever verifies tokens
//! does not feel it. Tests: below.

use std::time::{Duration, Instant};

/// How many bytes a second are read where nobody says: what a backup of a large campus takes some
/// minutes at.
pub const BACKUP_RATE: u64 = 32 << 20;

/// The pace of one backup.
#[derive(Debug)]
pub(crate) struct Pace {
    bytes_per_second: u64,
    started: Instant,
    bytes: u64,
}

impl Pace {
    /// From now on, so many bytes a second.
    pub(crate) fn new(bytes_per_second: u64) -> Self {
        Self { bytes_per_second, started: Instant::now(), bytes: 0 }
    }

    /// Waits until these bytes more were due.
    pub(crate) fn wait_for(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        let due = due(self.bytes, self.bytes_per_second);
        let ahead = due.saturating_sub(self.started.elapsed());
        if !ahead.is_zero() {
            std::thread::sleep(ahead);
        }
    }
}

/// After how long so many bytes are due.
fn due(bytes: u64, bytes_per_second: u64) -> Duration {
    let per_second = u128::from(bytes_per_second.max(1));
    let nanoseconds = u128::from(bytes) * 1_000_000_000 / per_second;
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_due_when_their_rate_says_so() {
        assert_eq!(due(0, 10), Duration::ZERO);
        assert_eq!(due(25, 10), Duration::from_millis(2500));
        assert_eq!(due(64 << 20, BACKUP_RATE), Duration::from_secs(2));
        assert_eq!(due(3, 0), Duration::from_secs(3), "none at all is as slow as it goes");
        assert_eq!(due(u64::MAX, 1), Duration::from_nanos(u64::MAX));
    }
}
