//! How fast a body has to come that is kept until it is whole, where others wait for its place.
//! Tests: with whoever reads one, `web/body_limit.rs` and `scim/body.rs`.

use std::time::Duration;

use tokio::time::Instant;

/// So much time, and more for what is there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) at_first: Duration,
    pub(crate) bytes_a_second: u64,
}

impl Pace {
    /// Waits for nothing that is not there.
    #[cfg(test)]
    pub(crate) const AT_ONCE: Self = Self { at_first: Duration::ZERO, bytes_a_second: u64::MAX };

    /// Until when more is waited for, where so many bytes are there since it began.
    pub(crate) fn deadline(self, began: Instant, bytes: usize) -> Instant {
        let millis = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(1000);
        began + self.at_first + Duration::from_millis(millis / self.bytes_a_second)
    }
}
