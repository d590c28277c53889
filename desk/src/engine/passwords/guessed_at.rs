//! Says in the log that an account is guessed at: once an hour for each, by how many wrong
//! passwords this node has seen. In bounded memory. Tests: here.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::engine::lock::lock;
use crate::{Moment, NetId};

/// So many wrong passwords at log-in within an hour are no slips.
const MANY: u32 = 50;

const HOUR: i64 = 3600;

/// How many accounts are counted at a time.
const MAX_ACCOUNTS: usize = 4096;

/// Wrong passwords of an hour, by account.
#[derive(Debug, Default)]
pub(crate) struct GuessedAt(Mutex<HashMap<NetId, (Moment, u32)>>);

impl GuessedAt {
    /// Notes a wrong password of somebody who exists, and says so in the log where it is one too
    /// many.
    pub(crate) fn note(&self, netid: &NetId, now: Moment) {
        if self.is_one_too_many(netid, now) {
            tracing::warn!(
                %netid, wrong = MANY,
                "somebody guesses this person’s NetID password; nobody is kept out, the audit has \
                    the addresses"
            );
        }
    }

    fn is_one_too_many(&self, netid: &NetId, now: Moment) -> bool {
        let mut counts = lock(&self.0);
        if !counts.contains_key(netid) && counts.len() >= MAX_ACCOUNTS {
            counts.retain(|_, (since, _)| since.seconds_apart(now) < HOUR);
            if counts.len() >= MAX_ACCOUNTS {
                // Those with the fewest make room: whoever is guessed at the most is still told of.
                let mut fewest: Vec<u32> = counts.values().map(|(_, count)| *count).collect();
                let half = fewest.len() / 2;
                let middle = *fewest.select_nth_unstable(half).1;
                counts.retain(|_, (_, count)| *count > middle);
            }
        }
        let (since, count) = counts.entry(netid.clone()).or_insert((now, 0));
        if since.seconds_apart(now) >= HOUR {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count == MANY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn netid(n: usize) -> NetId {
        NetId::parse(&format!("n{n}")).expect("a NetID")
    }

    #[test]
    fn an_account_is_told_of_once_an_hour() {
        let guessed = GuessedAt::default();
        let warned =
            |at: i64| (0..500).filter(|_| guessed.is_one_too_many(&netid(1), Moment(at))).count();
        assert_eq!((warned(0), warned(1), warned(HOUR * 1000)), (1, 0, 1));
    }

    #[test]
    fn memory_is_bounded_and_the_most_guessed_at_is_told_of() {
        let guessed = GuessedAt::default();
        let victim = netid(0);
        let mut warned = 0;
        for n in 1..=20_000 {
            let _ = guessed.is_one_too_many(&netid(n), Moment(0));
            warned += usize::from(n % 100 == 0 && guessed.is_one_too_many(&victim, Moment(0)));
        }
        assert_eq!(warned, 1);
        assert!(lock(&guessed.0).len() <= MAX_ACCOUNTS);
    }
}
