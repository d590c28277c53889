//! Uses of a token that are noted in memory only.

use std::net::IpAddr;

use crate::Moment;

/// Uses of a token that are not written yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Noted {
    /// The latest.
    pub(crate) at: Moment,
    pub(crate) address: Option<IpAddr>,
    /// How many there were on its day, and on the day before.
    pub(crate) today: u32,
    pub(crate) yesterday: u32,
    /// One of them may have changed something: its method was not one that only reads, or is not
    /// known.
    pub(crate) wrote: bool,
}

impl Noted {
    pub(crate) fn new(at: Moment, address: Option<IpAddr>, wrote: bool) -> Self {
        Self { at, address, today: 1, yesterday: 0, wrote }
    }

    /// Both together. The counts of days before yesterday are left: what is noted is written in
    /// seconds.
    pub(crate) fn and(self, other: Self) -> Self {
        let (mut later, earlier) = if self.at < other.at { (other, self) } else { (self, other) };
        let [today, yesterday] = earlier.counts_at(later.at);
        later.today = later.today.saturating_add(today);
        later.yesterday = later.yesterday.saturating_add(yesterday);
        later.wrote |= earlier.wrote;
        later
    }

    /// What is left to be written of it once `written` is; none: nothing.
    pub(crate) fn without(self, written: Self) -> Option<Self> {
        let [today, yesterday] = written.counts_at(self.at);
        (self != written).then(|| Self {
            today: self.today.saturating_sub(today),
            yesterday: self.yesterday.saturating_sub(yesterday),
            ..self
        })
    }

    /// Its counts for the day of `at` and the day before.
    pub(crate) fn counts_at(self, at: Moment) -> [u32; 2] {
        match at.days() - self.at.days() {
            0 => [self.today, self.yesterday],
            1 => [0, self.today],
            _ => [0, 0],
        }
    }

    /// Its counts with their days.
    pub(crate) fn days(self) -> [(i64, u32); 2] {
        [(self.at.days() - 1, self.yesterday), (self.at.days(), self.today)]
    }
}
