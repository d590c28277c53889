//! A log that a flood cannot drown.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

/// A log that a flood cannot drown: lets so many lines a second through, and counts those it does
/// not.
#[derive(Debug)]
pub struct LogLimiter {
    most: u64,
    second: AtomicU64,
    spoken: AtomicU64,
    left_out: AtomicU64,
}

impl LogLimiter {
    /// At most `most` lines a second.
    #[must_use]
    pub const fn new(most: u64) -> Self {
        Self {
            most,
            second: AtomicU64::new(0),
            spoken: AtomicU64::new(0),
            left_out: AtomicU64::new(0),
        }
    }

    /// Whether a line may be written now; then with how many were left out since the last one.
    pub fn may_speak(&self) -> Option<u64> {
        self.may_speak_at(
            SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
        )
    }

    // Two threads at the turn of a second may let one line more through; that is no harm.
    fn may_speak_at(&self, second: u64) -> Option<u64> {
        if self.second.swap(second, Relaxed) != second {
            self.spoken.store(0, Relaxed);
        }
        if self.spoken.fetch_add(1, Relaxed) < self.most {
            Some(self.left_out.swap(0, Relaxed))
        } else {
            self.left_out.fetch_add(1, Relaxed);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_counted_and_the_next_second_tells_of_it() {
        let quiet = LogLimiter::new(2);
        let spoken: Vec<_> = (0..5).map(|_| quiet.may_speak_at(1)).collect();
        assert_eq!(spoken, [Some(0), Some(0), None, None, None]);
        assert_eq!(quiet.may_speak_at(2), Some(3));
        assert_eq!(quiet.may_speak_at(2), Some(0));
    }
}
