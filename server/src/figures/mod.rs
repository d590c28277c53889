//! What the doors count: requests by route, what verify has said at which door, log-ins by the
//! OpenID provider. Each count is one of a fixed list, whatever is sent. What becomes of them:
//! [`crate::metrics`]. Tests: in these files, and `server/tests/server/metrics.rs`.

mod requests;
mod verdicts;

use desk::Counters;

pub(crate) use requests::Requests;
pub(crate) use verdicts::{Door, VerdictCount, Verdicts};

/// How a return from the OpenID provider ends, each with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignOnOutcome {
    /// Somebody is logged in by it.
    LoggedIn,
    /// The desk lets them in no further: disabled, or too often.
    NotLetIn,
    /// The provider does not answer.
    Away,
    /// It fits nothing that was begun in that browser.
    NotStarted,
    /// The provider says no, or what cannot be believed.
    Refused,
    /// They did not want to.
    Cancelled,
    /// Something is set up so that nobody can be logged in.
    Misconfigured,
}

impl SignOnOutcome {
    /// All of them, by their places.
    pub(crate) const ALL: [(Self, &'static str); 7] = [
        (Self::LoggedIn, "logged_in"),
        (Self::NotLetIn, "not_let_in"),
        (Self::Away, "away"),
        (Self::NotStarted, "not_started"),
        (Self::Refused, "refused"),
        (Self::Cancelled, "cancelled"),
        (Self::Misconfigured, "misconfigured"),
    ];
}

/// What the doors count.
#[derive(Debug, Default)]
pub(crate) struct DoorFigures {
    pub(crate) requests: Requests,
    pub(crate) verdicts: Verdicts,
    sign_on: Counters<{ SignOnOutcome::ALL.len() }>,
}

impl DoorFigures {
    /// A return from the OpenID provider has ended so.
    pub(crate) fn signed_on(&self, outcome: SignOnOutcome) {
        self.sign_on.add(outcome as usize);
    }

    /// How those have ended: a word, and how often.
    pub(crate) fn sign_on(&self) -> impl Iterator<Item = (&'static str, u64)> {
        SignOnOutcome::ALL
            .iter()
            .map(|(outcome, word)| (*word, self.sign_on.get(*outcome as usize)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_of_a_sign_on_is_counted_at_its_own_place() {
        let figures = DoorFigures::default();
        for (many, (outcome, _)) in SignOnOutcome::ALL.iter().enumerate() {
            (0..=many).for_each(|_| figures.signed_on(*outcome));
        }
        let counts: Vec<u64> = figures.sign_on().map(|(_, many)| many).collect();
        assert_eq!(counts, [1, 2, 3, 4, 5, 6, 7]);
    }
}
