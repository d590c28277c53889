//! How far behind the stream is. Every node knows it, whoever's turn it is to send.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// How it goes, counted since the start of this process.
#[derive(Debug, Default)]
pub struct StreamStatus {
    behind: AtomicU64,
    sent: AtomicU64,
    missing: AtomicU64,
    failures: AtomicU64,
    is_away: AtomicBool,
}

/// The same at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamSnapshot {
    /// Rows that the target lacks.
    pub behind: u64,
    /// Rows that this node has sent.
    pub sent: u64,
    /// Rows that were gone from the store before they could be sent.
    pub missing: u64,
    /// How often the target did not take what this node sent.
    pub failures: u64,
    /// It did not take them when it was tried last.
    pub is_away: bool,
}

impl StreamStatus {
    /// As it is now.
    #[must_use]
    pub fn snapshot(&self) -> StreamSnapshot {
        StreamSnapshot {
            behind: self.behind.load(Relaxed),
            sent: self.sent.load(Relaxed),
            missing: self.missing.load(Relaxed),
            failures: self.failures.load(Relaxed),
            is_away: self.is_away.load(Relaxed),
        }
    }

    pub(super) fn set_behind(&self, rows: u64) {
        self.behind.store(rows, Relaxed);
    }

    pub(super) fn note_sent(&self, rows: u64, missing: u64) {
        self.sent.fetch_add(rows, Relaxed);
        self.missing.fetch_add(missing, Relaxed);
    }

    /// The target did not take them; whether that is new.
    pub(super) fn note_failure(&self) -> bool {
        self.failures.fetch_add(1, Relaxed);
        !self.is_away.swap(true, Relaxed)
    }

    /// The target took them; whether that is new.
    pub(super) fn note_reached(&self) -> bool {
        self.is_away.swap(false, Relaxed)
    }
}
