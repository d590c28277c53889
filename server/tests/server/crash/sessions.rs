//! A client who logs in and out.

use std::net::SocketAddr;

use super::client::Person;
use super::journal::{Journal, Outcome};
use super::random::Random;
use super::round::Round;
use crate::support::Request;

/// How many sessions are open at a time.
const OPEN: usize = 6;

/// Of how many older ones it is asked after each start.
const OLDER: usize = 10;

/// What is known of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    In,
    Out,
    Unknown,
}

/// One's sessions, by their cookies.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    all: Vec<(String, State)>,
    /// How many there were when the round began.
    before: usize,
}

impl Sessions {
    /// Logs in or out; none: the server is gone.
    pub(super) async fn step(
        &mut self,
        person: &mut Person,
        round: &Round,
        journal: &mut Journal,
    ) -> Option<()> {
        let open: Vec<usize> =
            (0..self.all.len()).filter(|at| self.all[*at].1 == State::In).collect();
        if open.len() < 2 || (open.len() < OPEN && person.random.below(2) == 0) {
            person.log_in(round, journal).await?;
            self.all.push((person.session().to_owned(), State::In));
            return Some(());
        }
        let which = open[person.random.below(open.len())];
        let (cookie, state) = &mut self.all[which];
        let log_out = Request::form("/fn/log_out", &[]).header("cookie", cookie);
        let answer = round.send(log_out).await;
        let outcome = Outcome::of(answer.as_ref());
        journal.note("log-out", String::new(), outcome);
        *state = match outcome {
            Outcome::Done => State::Out,
            Outcome::Refused => panic!("a log-out is refused: {answer:?}"),
            Outcome::Unknown => State::Unknown,
        };
        answer.map(drop)
    }

    /// After a start: who was logged out stays out, who is in is in.
    ///
    /// # Panics
    /// It is otherwise.
    pub(super) async fn check(&mut self, address: SocketAddr, random: &mut Random) {
        let older = self.before;
        let mut wanted: Vec<usize> = (older..self.all.len()).collect();
        wanted.extend((0..older).filter(|at| self.all[*at].1 == State::In));
        if older > 0 {
            wanted.extend((0..OLDER).map(|_| random.below(older)));
        }
        for at in wanted {
            let (cookie, state) = &mut self.all[at];
            let page = Request::get("/settings/about-me").page().header("cookie", cookie);
            let answer = page.try_send(address).await.expect("an answer after a start");
            let is_in = match answer.status {
                200 => true,
                303 => false,
                _ => panic!("{answer:?}"),
            };
            match state {
                State::In => assert!(is_in, "somebody is logged out who was in"),
                State::Out => assert!(!is_in, "somebody is in who was logged out"),
                State::Unknown => *state = if is_in { State::In } else { State::Out },
            }
        }
        self.before = self.all.len();
    }
}
