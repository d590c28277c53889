//! A client who changes their local password again and again.

use super::client::Person;
use super::journal::{Journal, Outcome};
use super::round::Round;

/// What may be their password now: one, or two where what became of a change is not known.
#[derive(Debug)]
pub(super) struct Password {
    candidates: Vec<String>,
    made: u32,
}

impl Password {
    pub(super) fn new(first: &str) -> Self {
        Self { candidates: vec![first.to_owned()], made: 0 }
    }

    /// Changes it; none: the server is gone. One of the candidates must be the right one.
    pub(super) async fn step(
        &mut self,
        person: &mut Person,
        round: &Round,
        journal: &mut Journal,
    ) -> Option<()> {
        self.made += 1;
        let new = format!("plain copper teapot garden {}", self.made);
        // The newest first: a wrong one is one wrong try.
        let current = self.candidates.last().cloned().expect("a password");
        let fields = [("current", current.as_str()), ("new", &*new), ("retype", &*new)];
        let answer = person.post(round, "/fn/change_password", &fields).await;
        let outcome = Outcome::of(answer.as_ref());
        journal.note("password.change", String::new(), outcome);
        // Wrong ones in a row, of rounds that ended early, make the next one wait.
        if answer.as_ref().is_some_and(|answer| answer.status == 429) {
            return None;
        }
        match outcome {
            Outcome::Done => self.candidates = vec![new],
            Outcome::Refused => {
                self.candidates.pop();
                assert!(!self.candidates.is_empty(), "neither password is theirs: {answer:?}");
            }
            Outcome::Unknown if self.candidates.contains(&new) => {}
            Outcome::Unknown => self.candidates.push(new),
        }
        answer.map(drop)
    }
}
