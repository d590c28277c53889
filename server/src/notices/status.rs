//! How notices go out, for whoever watches: what waits in the store, and what this node has sent.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use desk::{Channel, NoticesWaiting};

/// How it goes; sent and failed since the start of this process.
#[derive(Debug, Default)]
pub(crate) struct NoticesStatus {
    waiting: AtomicU64,
    given_up: AtomicU64,
    /// In seconds since 1970; 0: none waits.
    oldest: AtomicU64,
    mail: OneWay,
    webhook: OneWay,
}

#[derive(Debug, Default)]
struct OneWay {
    sent: AtomicU64,
    failed: AtomicU64,
    is_away: AtomicBool,
}

/// One way at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct WaySnapshot {
    /// Notices that this node has sent.
    pub(crate) sent: u64,
    /// How often one was not taken.
    pub(crate) failed: u64,
    /// The other side took none when it was tried last.
    pub(crate) is_away: bool,
}

impl NoticesStatus {
    fn way(&self, channel: Channel) -> &OneWay {
        match channel {
            Channel::Mail => &self.mail,
            Channel::Webhook => &self.webhook,
        }
    }

    /// One way as it is now.
    pub(crate) fn of(&self, channel: Channel) -> WaySnapshot {
        let way = self.way(channel);
        WaySnapshot {
            sent: way.sent.load(Relaxed),
            failed: way.failed.load(Relaxed),
            is_away: way.is_away.load(Relaxed),
        }
    }

    /// Notices that wait; those that were given up; when the oldest that waits was made, in seconds
    /// since 1970 (0: none waits).
    pub(crate) fn queue(&self) -> (u64, u64, u64) {
        (self.waiting.load(Relaxed), self.given_up.load(Relaxed), self.oldest.load(Relaxed))
    }

    pub(super) fn set_queue(&self, queue: &NoticesWaiting) {
        let oldest = queue.oldest.map_or(0, |at| u64::try_from(at.0 / 1000).unwrap_or_default());
        self.waiting.store(queue.waiting, Relaxed);
        self.given_up.store(queue.given_up, Relaxed);
        self.oldest.store(oldest, Relaxed);
        // What this node could not send another has: it tries no more, and would say so for ever.
        if queue.waiting == 0 {
            for channel in Channel::ALL {
                self.set_away(channel, false);
            }
        }
    }

    pub(super) fn note_sent(&self, channel: Channel) {
        self.way(channel).sent.fetch_add(1, Relaxed);
    }

    pub(super) fn note_failed(&self, channel: Channel) {
        self.way(channel).failed.fetch_add(1, Relaxed);
    }

    /// Whether the other side takes notices; true where that is new.
    pub(super) fn set_away(&self, channel: Channel, is_away: bool) -> bool {
        self.way(channel).is_away.swap(is_away, Relaxed) != is_away
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nothing_waits_nobody_is_away() {
        let status = NoticesStatus::default();
        let queue = |waiting| NoticesWaiting { waiting, ..NoticesWaiting::default() };
        assert!(status.set_away(Channel::Mail, true) && !status.set_away(Channel::Mail, true));
        status.set_queue(&queue(1));
        assert!(status.of(Channel::Mail).is_away, "it is tried again");
        status.set_queue(&queue(0));
        assert!(!status.of(Channel::Mail).is_away, "another node has sent it");
    }
}
