//! Old strings that are looked at: each once, however many present it at once, and all of them on
//! threads of their own, one hash at a time and the networks in turn ([`FairLine`]): a flood of
//! invented ones, each of somebody with many hashes, keeps nobody else out. Whoever does not get in
//! waits as strangers do. What was begun goes on where whoever asked for it is gone, and is there
//! when they come again. Tests: here, and `desk/tests/desk/request_tracker/floods.rs`.

use std::collections::HashMap;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::vec;

use tokio::sync::{oneshot, watch};

use crate::engine::figures::counter::Counters;
use crate::engine::figures::kinds::OldStringFigures;
use crate::engine::lock::lock;
use crate::engine::nested::sharing_network;
use crate::engine::passwords::workers::Workers;
use crate::engine::request_tracker::fair_line::{FairLine, Turn};
use crate::engine::request_tracker::hashes;
use crate::engine::secret::Secret;
use crate::engine::verify::cached_token::Id;
use crate::{Refusal, TokenId};

/// How many seconds whoever is turned away is to wait before they come again.
pub(crate) const COME_AGAIN: u32 = 5;

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
    looking: Arc<Looking>,
    workers: Workers,
    threads: usize,
    flights: Arc<Mutex<HashMap<Id, Waiting>>>,
}

/// What the threads do, and what was counted.
#[derive(Debug, Default)]
struct Looking {
    line: Mutex<Line>,
    counts: Counters<4>,
}

/// The strings that wait for their next hash, and how many threads are at work.
#[derive(Debug, Default)]
struct Line {
    strings: FairLine<Job>,
    at_work: usize,
}

/// A string, the hashes that it was not compared with yet, and who waits for the token.
#[derive(Debug)]
struct Job {
    secret: Secret,
    hashes: vec::IntoIter<WaitingHash>,
    tell: oneshot::Sender<Found>,
}

/// The token whose string it is; none: nobody's.
type Found = Result<Option<TokenId>, Refusal>;

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
        Self::with_threads(std::thread::available_parallelism().map_or(2, usize::from))
    }
}

impl Looking {
    /// Computes one hash: the next of the string whose turn it is. False once none waits.
    fn look_once(&self) -> bool {
        let Some(mut turn) = self.next_turn() else { return false };
        // A panic is this string's alone.
        let looked = catch_unwind(AssertUnwindSafe(|| self.compare(&mut turn.what)));
        match looked.unwrap_or(Some(Err(Refusal::Unavailable))) {
            None => lock(&self.line).strings.back(turn),
            Some(found) => {
                let job = lock(&self.line).strings.leave(turn);
                // Whoever has asked may be gone.
                let _ = job.tell.send(found);
            }
        }
        true
    }

    fn next_turn(&self) -> Option<Turn<Job>> {
        let mut line = lock(&self.line);
        let turn = line.strings.next();
        if turn.is_none() {
            // Under the same lock: whoever comes after this starts a thread again.
            line.at_work = line.at_work.saturating_sub(1);
        }
        turn
    }

    /// Compares a string with its next hash; none: it is another's, and there are more.
    fn compare(&self, job: &mut Job) -> Option<Found> {
        let Some(waiting) = job.hashes.next() else { return Some(Ok(None)) };
        self.counts.add(HASHED);
        if hashes::is_of_token(waiting.hash.expose(), job.secret.expose()) {
            return Some(Ok(Some(waiting.token)));
        }
        job.hashes.as_slice().is_empty().then_some(Ok(None))
    }
}

impl OldStrings {
    fn with_threads(threads: usize) -> Self {
        Self {
            looking: Arc::default(),
            workers: Workers::new(threads),
            threads,
            flights: Arc::default(),
        }
    }

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

    /// Which of these the string is of, one after the other, each when it is its network's turn.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] while too many wait.
    pub(crate) async fn find(
        &self,
        secret: Secret,
        hashes: Vec<WaitingHash>,
        from: Option<IpAddr>,
    ) -> Result<Option<TokenId>, Refusal> {
        let (tell, found) = oneshot::channel();
        self.enter(from, Job { secret, hashes: hashes.into_iter(), tell });
        found.await.unwrap_or(Err(Refusal::Unavailable))
    }

    fn enter(&self, from: Option<IpAddr>, job: Job) {
        let mut line = lock(&self.looking.line);
        let turned_away = line.strings.enter(from.map(sharing_network), job);
        let starts = line.at_work < self.threads;
        line.at_work += usize::from(starts);
        drop(line);
        if let Some(job) = turned_away {
            let _ = job.tell.send(Err(Refusal::TooManyAttempts { seconds: COME_AGAIN }));
        }
        if starts {
            let looking = self.looking.clone();
            self.workers.start(move || while looking.look_once() {});
        }
    }

    /// Counts what was found.
    pub(crate) fn count(&self, landing: &Landing) {
        match landing {
            Landing::Moved(_) => self.looking.counts.add(MOVED),
            Landing::Unknown => self.looking.counts.add(UNKNOWN),
            Landing::TurnedAway(_) => self.looking.counts.add(TURNED_AWAY),
            Landing::Away => {}
        }
    }

    /// What was counted.
    pub(crate) fn figures(&self) -> OldStringFigures {
        OldStringFigures {
            hashed: self.looking.counts.get(HASHED),
            moved: self.looking.counts.get(MOVED),
            unknown: self.looking.counts.get(UNKNOWN),
            turned_away: self.looking.counts.get(TURNED_AWAY),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use super::*;
    use crate::engine::request_tracker::fair_line::MAX_OF_NETWORK;

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

    /// So many hashes that no string here is of.
    fn others(many: usize) -> Vec<WaitingHash> {
        let hash = "!bcrypt!04!KBCwKxOzLha2MUDgW0PjXeM9B/WgoLu/j4OLMiydmZodfd0sJPnci";
        let waiting = |n: usize| WaitingHash {
            token: TokenId::of(n.to_string()),
            hash: Secret::new(hash.to_owned()),
        };
        (0..many).map(waiting).collect()
    }

    #[tokio::test]
    async fn a_flood_is_turned_away() {
        let strings = OldStrings::with_threads(0);
        let from = "203.0.113.5".parse().ok();
        let mut flood: Vec<_> =
            (0..200).map(|_| Box::pin(strings.find(Secret::default(), Vec::new(), from))).collect();
        let mut refused = 0;
        for one in &mut flood {
            refused += usize::from(futures::poll!(one.as_mut()).is_ready());
        }
        assert_eq!(refused, 200 - MAX_OF_NETWORK);
        let mut another = Box::pin(strings.find(Secret::default(), Vec::new(), None));
        assert!(futures::poll!(another.as_mut()).is_pending());
        assert_eq!(strings.figures().hashed, 0);
    }

    #[tokio::test]
    async fn nine_networks_with_twenty_hashes_each_keep_a_tenth_out_for_one_turn_of_each() {
        let strings = OldStrings::with_threads(0);
        let mut flood: Vec<_> = (0..9 * 10)
            .map(|n| {
                let from = format!("10.0.{}.1", n % 9).parse().ok();
                Box::pin(strings.find(Secret::default(), others(20), from))
            })
            .collect();
        for one in &mut flood {
            assert!(futures::poll!(one.as_mut()).is_pending());
        }
        let mut good = Box::pin(strings.find(
            Secret::new("9f6dc64c75a4535b6d4aee6484a05ba7".to_owned()),
            others(1),
            "192.0.2.7".parse().ok(),
        ));
        let found = loop {
            if let Poll::Ready(found) = futures::poll!(good.as_mut()) {
                break found;
            }
            assert!(strings.looking.look_once(), "somebody waits");
        };
        assert_eq!(found, Ok(Some(TokenId::of("0".to_owned()))));
        assert_eq!(strings.figures().hashed, 10, "one of each network before, and its own");
    }

    #[tokio::test]
    async fn one_panic_is_one_strings_and_no_threads() {
        let strings = OldStrings::with_threads(1);
        strings.workers.start(|| panic!("of this work alone"));
        assert_eq!(strings.find(Secret::default(), others(2), None).await, Ok(None));
    }
}
