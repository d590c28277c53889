//! A token as the desk shows it: in lists, on cards, to the command line. Never the token itself.
//! Tests: below.

use serde::{Deserialize, Serialize};

use crate::{Access, Actor, Moment, TokenId, UsedNetwork};

/// One auth token in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenView {
    /// Its record id (SHA-256 of the token, hex): names it in forms.
    pub id: TokenId,
    /// What it is for.
    pub description: String,
    /// Full or read only.
    pub access: Access,
    /// Allowed networks parted by `, `; empty: from anywhere.
    pub networks: String,
    /// When it was made.
    pub created: Moment,
    /// When it expires; none: never.
    pub expires: Option<Moment>,
    /// Its last use; none: never used.
    pub used: Option<Used>,
    /// How often it was used lately.
    pub days: UseDays,
    /// Its revocation, if any.
    pub revoked: Option<Revoked>,
    /// It is refused until its owner logs in again: nobody else would say that they have left.
    pub waits: bool,
    /// From which networks it was used, the latest first, at most [`crate::NETWORKS_KEPT`]; empty
    /// where they were not asked for. They stay with the server: pages are told in words.
    #[serde(skip)]
    pub networks_used: Vec<UsedNetwork>,
    /// What a page says of them, and of an end that comes with Request Tracker's strings, as it
    /// shows it. Whoever makes the page fills it in.
    pub used_from: String,
    /// It is one of Request Tracker's, presented by its old string.
    pub from_rt: bool,
}

impl TokenView {
    /// A token as it is made: good for ever and from anywhere, and never used.
    #[must_use]
    pub fn made(id: TokenId, description: String, access: Access, created: Moment) -> Self {
        Self {
            id,
            description,
            access,
            networks: String::new(),
            created,
            expires: None,
            used: None,
            days: UseDays::default(),
            revoked: None,
            waits: false,
            networks_used: Vec::new(),
            used_from: String::new(),
            from_rt: false,
        }
    }

    /// Whether it would work, had no directory's word revoked it: an administrator may let it.
    #[must_use]
    pub fn is_restorable(&self, now: Moment) -> bool {
        self.revoked.as_ref().is_some_and(Revoked::by_directory)
            && self.expires.is_none_or(|at| at > now)
    }

    /// Whether a clock made it that was ahead: it is refused until its making can have been.
    #[must_use]
    pub const fn is_ahead(&self, now: Moment) -> bool {
        !self.created.can_have_been(now)
    }

    /// Whether it works at `now`, its owner's account and the clock that made it aside.
    #[must_use]
    pub fn is_live(&self, now: Moment) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|at| now < at)
    }

    /// Whether it works and nobody has used it for [`IDLE_DAYS`]: it is likely to be forgotten.
    #[must_use]
    pub fn is_idle(&self, now: Moment) -> bool {
        let last = self.used.as_ref().map_or(self.created, |used| used.at);
        self.is_live(now) && last.plus_days(IDLE_DAYS) <= now
    }

    /// Whether it works and ends within [`SOON_DAYS`]: the application that uses it should get
    /// another.
    #[must_use]
    pub fn ends_soon(&self, now: Moment) -> bool {
        self.is_live(now) && self.expires.is_some_and(|at| at <= now.plus_days(SOON_DAYS))
    }
}

/// A token unused for this many days is marked.
pub const IDLE_DAYS: i64 = 90;

/// A token that ends within this many days is marked.
pub const SOON_DAYS: i64 = 7;

/// How often a token was used on each of the last [`USE_DAYS`] days (UTC).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseDays {
    /// One count a day, the earliest first; nothing where there was no use at all.
    counts: Vec<u32>,
    /// The last of the days, in days since 1970 UTC.
    last: i64,
}

/// For how many days uses are counted.
pub const USE_DAYS: usize = 30;

impl UseDays {
    /// Counts of days that end with the day `last`, in days since 1970 UTC.
    #[must_use]
    pub fn new(counts: Vec<u32>, last: i64) -> Self {
        Self { counts, last }
    }

    /// The same for the days that end now.
    #[must_use]
    pub fn at(mut self, now: Moment) -> Self {
        self.go_to(now.days());
        if self.counts.iter().all(|count| *count == 0) {
            self.counts.clear();
        }
        self
    }

    fn go_to(&mut self, day: i64) {
        let past = usize::try_from(day - self.last).unwrap_or_default().min(self.counts.len());
        self.counts.drain(..past);
        self.counts.resize(self.counts.len() + past, 0);
        self.last = self.last.max(day);
    }

    /// Adds uses of the day `day`, in days since 1970 UTC, unless it is too long ago.
    pub fn add(&mut self, day: i64, uses: u32) {
        if self.counts.is_empty() {
            self.counts = vec![0; USE_DAYS];
        }
        self.go_to(day);
        let past = usize::try_from(self.last - day)
            .ok()
            .and_then(|past| self.counts.len().checked_sub(past + 1));
        if let Some(count) = past.and_then(|place| self.counts.get_mut(place)) {
            *count = count.saturating_add(uses);
        }
    }

    /// One count a day, the earliest first; nothing where there was no use at all.
    #[must_use]
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// All uses of these days.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.counts.iter().map(|count| u64::from(*count)).sum()
    }
}

/// A token's last use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// When.
    pub at: Moment,
    /// From which address.
    pub address: String,
}

/// A token's revocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// When.
    pub at: Moment,
    /// By whom.
    pub by: Actor,
}

impl Revoked {
    /// Whether it was a directory's word that its owner left, or may have none: an administrator
    /// may let it work again.
    #[must_use]
    pub fn by_directory(&self) -> bool {
        self.by.is_source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(used: Option<i64>, expires: Option<i64>) -> TokenView {
        let id = TokenId::parse(&"0".repeat(64)).expect("an id");
        TokenView {
            expires: expires.map(|day| Moment(0).plus_days(day)),
            used: used.map(|day| Used { at: Moment(0).plus_days(day), address: String::new() }),
            ..TokenView::made(id, String::new(), Access::Full, Moment(0))
        }
    }

    fn on(day: i64) -> Moment {
        Moment(0).plus_days(day)
    }

    #[test]
    fn a_token_that_nobody_uses_is_idle_while_it_works() {
        assert!(!token(None, None).is_idle(on(89)) && token(None, None).is_idle(on(90)));
        assert!(!token(Some(10), None).is_idle(on(99)) && token(Some(10), None).is_idle(on(100)));
        assert!(!token(None, Some(80)).is_idle(on(90)), "it has expired");
    }

    #[test]
    fn a_token_ends_soon_in_its_last_week() {
        assert!(
            !token(None, Some(30)).ends_soon(on(22)) && token(None, Some(30)).ends_soon(on(23))
        );
        assert!(!token(None, Some(30)).ends_soon(on(30)), "it has ended");
        assert!(!token(None, None).ends_soon(on(1000)));
    }

    #[test]
    fn uses_are_counted_by_day_and_move_with_the_days() {
        let mut days = UseDays::default().at(on(100));
        assert_eq!(days.counts(), [0; 0]);
        days.add(100, 2);
        days.add(99, 1);
        days.add(70, 5);
        assert_eq!(
            (days.counts().len(), days.sum()),
            (USE_DAYS, 3),
            "a day that is over by then is not counted"
        );
        assert_eq!(days.counts()[28..], [1, 2]);
        assert_eq!(days.clone().at(on(103)).counts()[25..], [1, 2, 0, 0, 0]);
        assert_eq!(days.clone().at(on(129)).counts()[..2], [2, 0]);
        assert_eq!(days.at(on(130)).counts(), [0; 0], "nothing is left of it");
    }
}
