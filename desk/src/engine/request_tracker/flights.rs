//! Old strings that are looked at: each once, however many present it at once, and all of them on
//! few threads with few who wait, so that a flood of invented ones costs what it may and no more.
//! Whoever does not get in waits as strangers do. What was begun goes on where whoever asked for it
//! is gone, and is there when they come again. Tests: here, and
//! `desk/tests/desk/request_tracker/floods.rs`.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use crate::engine::figures::counter::Counters;
use crate::engine::figures::kinds::OldStringFigures;
use crate::engine::lock::lock;
use crate::engine::nested::sharing_network;
use crate::engine::passwords::pool::Pool;
use crate::engine::request_tracker::hashes;
use crate::engine::secret::Secret;
use crate::engine::verify::cached_token::Id;
use crate::{Refusal, TokenId};

/// How many may wait for a thread before more are turned away.
const MAX_WAITING: usize = 64;

/// Where things are counted.
const HASHED: usize = 0;
const MOVED: usize = 1;
const UNKNOWN: usize = 2;
const TURNED_AWAY: usize = 3;

/// A hash that waits for its string, and the token whose it is.
#[derive(Debug)]
pub(crate) struct WaitingHash {
    pub(crate) token: TokenId,
    pub(crate) hash: Secret,
}

/// What looking at a string has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Landing {
    /// It is this token's, and pinned.
    Moved(TokenId),
    /// It is nobody's.
    Unknown,
    /// Too many wait: not before so many seconds are over.
    TurnedAway(u32),
    /// The store does not answer.
    Away,
}

/// Who waits for what is found of a string.
pub(crate) type Waiting = watch::Receiver<Option<Landing>>;

/// The strings that are looked at, and by whom.
#[derive(Debug)]
pub(crate) struct OldStrings {
    pool: Pool,
    flights: Arc<Mutex<HashMap<Id, Waiting>>>,
    counts: Arc<Counters<4>>,
}

/// Whoever looks at a string, for all who present it. Dropped without an end, somebody else of them
/// looks.
#[derive(Debug)]
pub(crate) struct Flight {
    pin: Id,
    flights: Arc<Mutex<HashMap<Id, Waiting>>>,
    end: watch::Sender<Option<Landing>>,
}

impl Drop for Flight {
    fn drop(&mut self) {
        lock(&self.flights).remove(&self.pin);
    }
}

impl Flight {
    /// Ends it, and says what was found.
    pub(crate) fn land(self, landing: Landing) {
        self.end.send_replace(Some(landing));
    }
}

impl Default for OldStrings {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            pool: Pool::new((cores / 2).max(1), MAX_WAITING),
            flights: Arc::default(),
            counts: Arc::default(),
        }
    }
}

impl OldStrings {
    /// Where to hear of it; and, for the first who presents it, that it is theirs to look.
    pub(crate) fn join(&self, pin: Id) -> (Waiting, Option<Flight>) {
        let mut flights = lock(&self.flights);
        if let Some(waiting) = flights.get(&pin) {
            return (waiting.clone(), None);
        }
        let (end, waiting) = watch::channel(None);
        flights.insert(pin, waiting.clone());
        (waiting, Some(Flight { pin, flights: self.flights.clone(), end }))
    }

    /// Which of these the string is of, one after the other: on a thread, once one is free.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] while too many wait.
    pub(crate) async fn find(
        &self,
        secret: Secret,
        hashes: Vec<WaitingHash>,
        from: Option<IpAddr>,
    ) -> Result<Option<TokenId>, Refusal> {
        let counts = self.counts.clone();
        let work = move || {
            let is_it = |waiting: &WaitingHash| {
                counts.add(HASHED);
                hashes::is_of_token(waiting.hash.expose(), secret.expose())
            };
            hashes.into_iter().find(is_it).map(|waiting| waiting.token)
        };
        self.pool.run_for(from.map(sharing_network), work).await
    }

    /// Counts what was found.
    pub(crate) fn count(&self, landing: &Landing) {
        match landing {
            Landing::Moved(_) => self.counts.add(MOVED),
            Landing::Unknown => self.counts.add(UNKNOWN),
            Landing::TurnedAway(_) => self.counts.add(TURNED_AWAY),
            Landing::Away => {}
        }
    }

    /// What was counted.
    pub(crate) fn figures(&self) -> OldStringFigures {
        OldStringFigures {
            hashed: self.counts.get(HASHED),
            moved: self.counts.get(MOVED),
            unknown: self.counts.get(UNKNOWN),
            turned_away: self.counts.get(TURNED_AWAY),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIN: Id = [7; 32];

    #[tokio::test]
    async fn one_looks_and_all_hear_of_it() {
        let strings = OldStrings::default();
        let (mut first, flight) = strings.join(PIN);
        let (mut second, none) = strings.join(PIN);
        assert!(none.is_none(), "somebody looks already");
        flight.expect("the first").land(Landing::Unknown);
        for waiting in [&mut first, &mut second] {
            let landing = waiting.wait_for(Option::is_some).await.expect("landed").clone();
            assert_eq!(landing, Some(Landing::Unknown));
        }
        assert!(strings.join(PIN).1.is_some(), "nothing is left of it");
    }

    #[tokio::test]
    async fn who_goes_away_before_they_have_looked_leaves_it_to_another() {
        let strings = OldStrings::default();
        let (_, flight) = strings.join(PIN);
        let (mut second, _) = strings.join(PIN);
        drop(flight);
        assert!(second.wait_for(Option::is_some).await.is_err());
        assert!(strings.join(PIN).1.is_some());
    }

    #[tokio::test]
    async fn they_are_looked_at_in_their_order_until_one_is_it() {
        let strings = OldStrings::default();
        let hash = "!bcrypt!04!KBCwKxOzLha2MUDgW0PjXeOFXDzW4EQy1wzwicdgINX2hhEY/gyBC";
        let other = "!bcrypt!04!KBCwKxOzLha2MUDgW0PjXeM9B/WgoLu/j4OLMiydmZodfd0sJPnci";
        let waiting = || {
            [other, hash, hash].into_iter().enumerate().map(|(n, hash)| WaitingHash {
                token: TokenId::of(n.to_string()),
                hash: Secret::new(hash.to_owned()),
            })
        };
        let secret = |text: &str| Secret::new(text.to_owned());
        let right = secret("ac7938d40cfc2307e2bf325d28e7884e");
        let found = strings.find(right, waiting().collect(), None).await;
        assert_eq!(found, Ok(Some(TokenId::of("1".to_owned()))));
        assert_eq!(strings.figures().hashed, 2);
        let wrong = secret("00000000000000000000000000000000");
        assert_eq!(strings.find(wrong, waiting().collect(), None).await, Ok(None));
        assert_eq!(strings.figures().hashed, 5);
    }

    #[tokio::test]
    async fn a_flood_is_turned_away() {
        let strings = OldStrings::default();
        let held = strings.pool.held().await;
        let from = "203.0.113.5".parse().ok();
        let mut flood: Vec<_> =
            (0..100).map(|_| Box::pin(strings.find(Secret::default(), Vec::new(), from))).collect();
        let mut refused = 0;
        for one in &mut flood {
            refused += usize::from(futures::poll!(one.as_mut()).is_ready());
        }
        assert!(refused >= 100 - MAX_WAITING, "{refused}");
        drop((flood, held));
        assert_eq!(strings.figures().hashed, 0);
    }
}
