//! What verify has said at which door, and why. On verify's way: an addition to memory that no
//! other core holds. Tests: here.

use desk::{Counters, Reason, Verdict};

/// Where tokens are presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// `/auth/verify`.
    Verify,
    /// `/oauth2/introspect`.
    Introspect,
    /// `/api/v1`.
    Api,
}

impl Door {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Verify, Self::Introspect, Self::Api];

    /// As the log calls it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Introspect => "introspect",
            Self::Api => "api",
        }
    }
}

/// How many reasons there are.
const REASONS: usize = Reason::ALL.len();

/// What verify has said.
#[derive(Debug, Default)]
pub(crate) struct Verdicts(Counters<{ Door::ALL.len() * REASONS }>);

/// How often that was said there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VerdictCount {
    pub(crate) door: Door,
    pub(crate) reason: Reason,
    pub(crate) many: u64,
}

impl Verdicts {
    /// A verdict, at this door.
    pub(crate) fn count(&self, door: Door, verdict: &Verdict) {
        self.0.add(door as usize * REASONS + Reason::of(verdict));
    }

    /// Something was presented that no token can be read from.
    pub(crate) fn count_unreadable(&self, door: Door) {
        self.0.add(door as usize * REASONS + Reason::unreadable());
    }

    /// All of them, those that never came too.
    pub(crate) fn all(&self) -> impl Iterator<Item = VerdictCount> {
        Door::ALL.iter().flat_map(move |door| {
            Reason::ALL.iter().enumerate().map(move |(at, reason)| VerdictCount {
                door: *door,
                reason: *reason,
                many: self.0.get(*door as usize * REASONS + at),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_verdict_is_counted_once_at_its_door_with_its_reason() {
        let verdicts = Verdicts::default();
        verdicts.count(Door::Verify, &Verdict::Refused("revoked"));
        verdicts.count(Door::Introspect, &Verdict::Forbidden("network"));
        verdicts.count(Door::Api, &Verdict::TooMany { seconds: 1 });
        verdicts.count_unreadable(Door::Api);
        let counted: Vec<_> = verdicts
            .all()
            .filter(|one| one.many > 0)
            .map(|one| (one.door, one.reason.outcome, one.reason.why, one.many))
            .collect();
        assert_eq!(
            counted,
            [
                (Door::Verify, "refused", "revoked", 1),
                (Door::Introspect, "forbidden", "network", 1),
                (Door::Api, "refused", "no readable credential", 1),
                (Door::Api, "too_many", "too_many", 1),
            ]
        );
        assert_eq!(verdicts.all().count(), 3 * REASONS);
    }
}
