//! Why verify has said what, as a place in a list that is no longer than this file: what is counted
//! by it has so many counts, whatever comes. Tests: here.

use crate::engine::verify::verdict::Verdict;

/// What became of a token that was presented, and why, in the log's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// `good`, `refused`, `forbidden`, `unavailable` or `too_many`.
    pub outcome: &'static str,
    /// Of what is refused or forbidden, why; else the outcome again.
    pub why: &'static str,
}

/// What is presented that no token can be read from: counted by whoever reads it.
const UNREADABLE: &str = "no readable credential";

/// Of a reason that has no place of its own.
const OTHER: &str = "other";

const fn reason(outcome: &'static str, why: &'static str) -> Reason {
    Reason { outcome, why }
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 19] = [
        reason("good", "good"),
        reason("refused", UNREADABLE),
        reason("refused", "malformed"),
        reason("refused", "unknown"),
        reason("refused", "not the owner's name"),
        reason("refused", "owner disabled"),
        reason("refused", "owner not privileged"),
        reason("refused", "revoked"),
        reason("refused", "expired"),
        reason("refused", "old string ended"),
        reason("refused", "made by a clock that was ahead"),
        reason("refused", "owner has not logged in"),
        reason("refused", OTHER),
        reason("forbidden", "networks unreadable"),
        reason("forbidden", "network"),
        reason("forbidden", "read only"),
        reason("forbidden", OTHER),
        reason("unavailable", "unavailable"),
        reason("too_many", "too_many"),
    ];

    /// The place of what could not be read at all.
    #[must_use]
    pub fn unreadable() -> usize {
        place("refused", UNREADABLE)
    }

    /// The verdict's place among all.
    #[must_use]
    pub fn of(verdict: &Verdict) -> usize {
        match verdict {
            // By far the most.
            Verdict::Good(_) => 0,
            Verdict::Refused(why) => place("refused", why),
            Verdict::Forbidden(why) => place("forbidden", why),
            Verdict::Unavailable => place("unavailable", "unavailable"),
            Verdict::TooMany { .. } => place("too_many", "too_many"),
        }
    }
}

fn place(outcome: &str, why: &str) -> usize {
    let at = |why: &str| {
        Reason::ALL.iter().position(|reason| reason.outcome == outcome && reason.why == why)
    };
    at(why).or_else(|| at(OTHER)).unwrap_or(Reason::ALL.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts within `what("…")` in a source.
    fn named<'a>(source: &'a str, what: &str) -> Vec<&'a str> {
        source.split(what).skip(1).filter_map(|rest| rest.split('"').next()).collect()
    }

    #[test]
    fn every_reason_that_verify_gives_has_a_place_of_its_own() {
        let sources = [include_str!("../verify/judge.rs"), include_str!("../verify/answer.rs")];
        let mut seen = 0;
        for source in sources {
            for why in named(source, "Refused(\"") {
                let at = Reason::of(&Verdict::Refused(Box::leak(why.to_owned().into_boxed_str())));
                assert_eq!((Reason::ALL[at].outcome, Reason::ALL[at].why), ("refused", why));
                seen += 1;
            }
            for why in named(source, "Forbidden(\"") {
                let at =
                    Reason::of(&Verdict::Forbidden(Box::leak(why.to_owned().into_boxed_str())));
                assert_eq!((Reason::ALL[at].outcome, Reason::ALL[at].why), ("forbidden", why));
                seen += 1;
            }
        }
        assert!(seen >= 12, "{seen}");
    }

    #[test]
    fn what_has_none_is_counted_as_other_and_no_two_are_the_same() {
        let of = |verdict| Reason::ALL[Reason::of(&verdict)];
        assert_eq!(of(Verdict::Refused("something new")), reason("refused", OTHER));
        assert_eq!(of(Verdict::Forbidden("something new")), reason("forbidden", OTHER));
        assert_eq!(of(Verdict::Unavailable).outcome, "unavailable");
        assert_eq!(of(Verdict::TooMany { seconds: 1 }).outcome, "too_many");
        assert_eq!(Reason::ALL[Reason::unreadable()].why, UNREADABLE);
        for (at, one) in Reason::ALL.iter().enumerate() {
            assert!(!Reason::ALL[..at].contains(one), "{one:?}");
        }
    }
}
