//! Somebody of whom one thing is said with one request and another with the next: two browsers
//! behind proxies that know different groups of theirs. Each request has the rights that are said
//! with it; what is given more often than [`MAX_GIVEN`] in a minute is given to that request
//! alone, so that they do not fill the audit between them. What is taken is always taken for good.
//! This node's count, in bounded memory. Tests: below, and
//! `server/tests/server/people/following.rs`.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::engine::lock::lock;
use crate::{Moment, NetId};

/// How often rights are given for good in a minute to one person, by what is said with requests.
const MAX_GIVEN: u32 = 3;

const MINUTE: i64 = 60;

/// How many people are counted at a time. To those beyond nothing is given for good until there is
/// room: a minute at the most.
const MAX_PEOPLE: usize = 4096;

/// How often people were given rights in the last minute.
#[derive(Debug, Default)]
pub(crate) struct Alternating(Mutex<HashMap<NetId, (Moment, u32)>>);

impl Alternating {
    /// Counts that rights are given to somebody; whether it may be for good.
    pub(crate) fn may_give(&self, netid: &NetId, now: Moment) -> bool {
        let mut counts = lock(&self.0);
        let is_over = |since: Moment| since.plus_seconds(MINUTE) <= now || since > now;
        if !counts.contains_key(netid) && counts.len() >= MAX_PEOPLE {
            counts.retain(|_, (since, _)| !is_over(*since));
            if counts.len() >= MAX_PEOPLE {
                return false;
            }
        }
        let (since, given) = counts.entry(netid.clone()).or_insert((now, 0));
        if is_over(*since) {
            (*since, *given) = (now, 0);
        }
        let may = *given < MAX_GIVEN;
        *given += u32::from(may);
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_795_511_101_234);

    fn netid(n: usize) -> NetId {
        NetId::parse(&format!("n{n}")).expect("a NetID")
    }

    #[test]
    fn so_often_in_a_minute_and_then_again() {
        let counts = Alternating::default();
        let given =
            |n: usize, at: Moment| (0..50).filter(|_| counts.may_give(&netid(n), at)).count();
        let most = MAX_GIVEN as usize;
        assert_eq!((given(1, NOW), given(2, NOW)), (most, most), "each by themselves");
        assert_eq!(given(1, NOW.plus_seconds(59)), 0);
        assert_eq!(given(1, NOW.plus_seconds(60)), most);
        assert_eq!(
            given(1, NOW.plus_seconds(-5)),
            most,
            "a clock that was set back holds up nobody"
        );
    }

    #[test]
    fn memory_is_bounded_and_there_is_room_again() {
        let counts = Alternating::default();
        for n in 0..MAX_PEOPLE * 2 {
            assert_eq!(counts.may_give(&netid(n), NOW), n < MAX_PEOPLE);
        }
        assert_eq!(lock(&counts.0).len(), MAX_PEOPLE);
        assert!(counts.may_give(&netid(MAX_PEOPLE * 2), NOW.plus_seconds(60)));
    }
}
