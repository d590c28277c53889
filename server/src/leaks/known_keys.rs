//! Which keys GitHub has published, and when it is asked again: pure, by whatever clock. Tests:
//! here.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long the list is believed. An older one counts for a while yet where GitHub does not answer.
const BELIEVED: Duration = Duration::from_hours(1);
const BELIEVED_AT_WORST: Duration = Duration::from_hours(24);

/// How soon it is asked again, whatever anybody sends here: GitHub answers sixty such questions of
/// one address an hour.
const AGAIN: Duration = Duration::from_mins(2);

/// Public keys by their names: points on the curve P-256.
pub(super) type Keys = HashMap<String, Vec<u8>>;

/// The keys as they were last read, and when that was tried last.
#[derive(Debug, Default)]
pub(super) struct KnownKeys {
    good: Option<(Instant, Keys)>,
    tried: Option<Instant>,
}

/// What is to be done about a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It is this one.
    Known(Vec<u8>),
    /// There is none of this name.
    Unknown,
    /// GitHub is to be asked.
    Ask,
    /// GitHub did not answer a moment ago.
    Wait,
}

impl KnownKeys {
    /// What is to be done about the key of this name.
    pub(super) fn step(&self, name: &str, now: Instant) -> Step {
        if let Some(key) = self.believed(BELIEVED, now).and_then(|keys| keys.get(name)) {
            return Step::Known(key.clone());
        }
        if self.tried.is_none_or(|at| now.saturating_duration_since(at) >= AGAIN) {
            return Step::Ask;
        }
        self.at_worst(name, now)
    }

    /// The same where GitHub cannot be asked.
    pub(super) fn at_worst(&self, name: &str, now: Instant) -> Step {
        match self.believed(BELIEVED_AT_WORST, now) {
            Some(keys) => keys.get(name).map_or(Step::Unknown, |key| Step::Known(key.clone())),
            None => Step::Wait,
        }
    }

    /// The list, where it is not too old.
    fn believed(&self, most: Duration, now: Instant) -> Option<&Keys> {
        let (at, keys) = self.good.as_ref()?;
        (now.saturating_duration_since(*at) < most).then_some(keys)
    }

    /// GitHub is asked now.
    pub(super) fn begin(&mut self, now: Instant) {
        self.tried = Some(now);
    }

    /// It has answered so.
    pub(super) fn put(&mut self, keys: Keys, now: Instant) {
        self.good = Some((now, keys));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(names: &[&str]) -> Keys {
        names.iter().map(|name| ((*name).to_owned(), name.as_bytes().to_vec())).collect()
    }

    #[test]
    fn an_unknown_key_has_github_asked_again_and_not_at_once() {
        let (mut known, now) = (KnownKeys::default(), Instant::now());
        assert_eq!(known.step("one", now), Step::Ask);
        known.begin(now);
        known.put(keys(&["one"]), now);
        assert_eq!(known.step("one", now), Step::Known(b"one".to_vec()));
        for name in ["two", "three", ""] {
            assert_eq!(known.step(name, now), Step::Unknown, "{name}");
        }
        let later = now + AGAIN;
        assert_eq!(known.step("two", later), Step::Ask, "the keys may have changed");
        assert_eq!(known.step("one", later), Step::Known(b"one".to_vec()));
        known.begin(later);
        known.put(keys(&["two"]), later);
        assert_eq!(known.step("one", later), Step::Unknown, "one that is withdrawn is no key");
    }

    #[test]
    fn a_list_is_believed_for_an_hour_and_for_a_day_where_github_is_away() {
        let (mut known, now) = (KnownKeys::default(), Instant::now());
        known.begin(now);
        assert_eq!(known.step("one", now), Step::Wait, "it did not answer");
        known.put(keys(&["one"]), now);
        let old = now + BELIEVED;
        assert_eq!(known.step("one", old), Step::Ask);
        known.begin(old);
        assert_eq!(known.step("one", old), Step::Known(b"one".to_vec()));
        assert_eq!(known.at_worst("two", old), Step::Unknown);
        let too_old = now + BELIEVED_AT_WORST;
        known.begin(too_old);
        assert_eq!(known.step("one", too_old), Step::Wait);
    }
}
