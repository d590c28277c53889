//! What is counted of connections: those that were not served, and why. Tests: with
//! [`super::house`], and `server/tests/server/metrics.rs`.

use desk::Counters;

/// Why a connection, or what came on it, was not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotServed {
    /// Its network has its share.
    Share,
    /// It wants something else than verify, for which the last are; or a stream of HTTP/2 where all
    /// are taken.
    Crowded,
    /// It does not name one host.
    Host,
    /// The system wants something: descriptors, memory.
    System,
    /// It waited for nothing of ours, and others wanted its place.
    SentAway,
}

impl NotServed {
    /// All of them, by their places.
    const ALL: [(Self, &'static str); 5] = [
        (Self::Share, "share"),
        (Self::Crowded, "crowded"),
        (Self::Host, "host"),
        (Self::System, "system"),
        (Self::SentAway, "sent_away"),
    ];
}

/// How many of each there were.
#[derive(Debug, Default)]
pub(super) struct NotServedCounts(Counters<{ NotServed::ALL.len() }>);

impl NotServedCounts {
    /// One more.
    pub(super) fn add(&self, why: NotServed) {
        self.0.add(why as usize);
    }

    /// A word, and how many.
    pub(super) fn all(&self) -> Vec<(&'static str, u64)> {
        NotServed::ALL.iter().map(|(why, word)| (*word, self.0.get(*why as usize))).collect()
    }
}

/// How many connections there are, and how many were not served.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionFigures {
    /// Now.
    pub(crate) open: usize,
    /// As many as may be.
    pub(crate) limit: usize,
    /// A word, and how many.
    pub(crate) not_served: Vec<(&'static str, u64)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_counted_at_its_own_place() {
        let counts = NotServedCounts::default();
        for (many, (why, _)) in NotServed::ALL.iter().enumerate() {
            (0..=many).for_each(|_| counts.add(*why));
        }
        let many: Vec<u64> = counts.all().into_iter().map(|(_, many)| many).collect();
        assert_eq!(many, [1, 2, 3, 4, 5]);
    }
}
