//! How many connections there may be, and how long each may take for what. What holds them to it is
//! `connections/`.

use std::time::Duration;

/// How long connections may take for what, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// The most connections at a time; fewer where the process may not open so many files.
    pub most: usize,
    /// The most of one address that is no trusted proxy's.
    pub each: usize,
    /// The longest from a connection's beginning, or from the first byte of a head that comes when
    /// nothing is asked, to the head's end.
    pub head: Duration,
    /// The longest between two requests. Longer than a proxy keeps its connections open (nginx: 60
    /// s), so that it is the one that closes.
    pub idle: Duration,
    /// The longest that nothing moves while a request is answered: a browser that is gone, a reader
    /// who does not read.
    pub stalled: Duration,
}

/// One in so many may be of one address,
const EACH: usize = 8;

/// and where there are few of them, so many all the same: people behind one address share them.
const EACH_AT_LEAST: usize = 256;

impl ConnectionLimits {
    /// So many at a time, and of one address its part of them.
    #[must_use]
    pub fn at_most(self, most: usize) -> Self {
        Self { most, each: self.each.min((most / EACH).max(EACH_AT_LEAST)), ..self }
    }
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            most: 8192,
            each: 8192 / EACH,
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            stalled: Duration::from_mins(2),
        }
    }
}
