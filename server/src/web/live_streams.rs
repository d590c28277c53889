//! How many streams of `/live` a person has open: each costs a connection and looks at its session
//! now and then. Where one more is opened than a session or a person may have, the oldest ends.
//! Tests: here, and `server/tests/server/people/live.rs`.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use desk::SessionId;
use tokio::sync::Notify;

/// The most of one session: what a browser opens of one host at a time (HTTP/1.1).
const MAX_OF_SESSION: usize = 6;

/// The most of one person, in all their sessions on this node: four browsers full of pages. A
/// person may have fifty sessions, and connections are everybody's.
const MAX_OF_PERSON: usize = 4 * MAX_OF_SESSION;

/// The open streams of each person, by NetID, the oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streams(Arc<Mutex<HashMap<String, VecDeque<Open>>>>);

/// One of them.
#[derive(Debug)]
struct Open {
    /// The id under which the session began.
    session: SessionId,
    ending: Arc<Notify>,
}

/// One stream is open for as long as this is.
#[derive(Debug)]
pub(crate) struct OpenStream {
    streams: Streams,
    person: String,
    ending: Arc<Notify>,
}

impl Streams {
    fn all(&self) -> MutexGuard<'_, HashMap<String, VecDeque<Open>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many are open.
    pub(crate) fn count(&self) -> usize {
        self.all().values().map(VecDeque::len).sum()
    }

    /// Opens one, and ends the oldest of the session or the person where there are too many.
    pub(crate) fn open(&self, session: SessionId, person: &str) -> OpenStream {
        let ending = Arc::new(Notify::new());
        let mut all = self.all();
        let open = all.entry(person.to_owned()).or_default();
        let of_session = |open: &&Open| open.session == session;
        let oldest = if open.iter().filter(of_session).count() >= MAX_OF_SESSION {
            open.iter().position(|open| of_session(&open))
        } else {
            (open.len() >= MAX_OF_PERSON).then_some(0)
        };
        if let Some(oldest) = oldest.and_then(|oldest| open.remove(oldest)) {
            oldest.ending.notify_one();
        }
        open.push_back(Open { session, ending: ending.clone() });
        OpenStream { streams: self.clone(), person: person.to_owned(), ending }
    }
}

impl OpenStream {
    /// Waits until newer ones have taken its place.
    pub(crate) async fn replaced(&self) {
        self.ending.notified().await;
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut all = self.streams.all();
        if let Some(open) = all.get_mut(&self.person) {
            open.retain(|open| !Arc::ptr_eq(&open.ending, &self.ending));
            if open.is_empty() {
                all.remove(&self.person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    /// Which of them have ended, by number.
    fn replaced(open: &[OpenStream]) -> Vec<usize> {
        let is_replaced = |n: &usize| open[*n].replaced().now_or_never().is_some();
        (0..open.len()).filter(is_replaced).collect()
    }

    #[test]
    fn the_oldest_of_a_session_ends_and_nothing_is_kept_of_what_is_over() {
        let streams = Streams::default();
        let [session, other] = [SessionId::sample(), SessionId::sample_of(1)];
        let mut open = vec![streams.open(other, "tia")];
        for _ in 0..MAX_OF_SESSION {
            open.push(streams.open(session.clone(), "tia"));
        }
        assert!(replaced(&open).is_empty());
        open.push(streams.open(session, "tia"));
        assert_eq!(streams.count(), MAX_OF_SESSION + 1);
        assert_eq!(replaced(&open), [1], "the session's, not the person's");
        drop(open);
        assert_eq!(streams.count(), 0);
        assert!(streams.all().is_empty());
    }

    #[test]
    fn the_oldest_of_a_person_ends_in_however_many_sessions_and_nobody_elses() {
        let streams = Streams::default();
        let mut open = vec![streams.open(SessionId::sample(), "helen")];
        for number in 0..=MAX_OF_PERSON {
            open.push(streams.open(SessionId::sample_of(number), "tia"));
        }
        assert_eq!(replaced(&open), [1]);
        assert_eq!(streams.all()["tia"].len(), MAX_OF_PERSON);
    }
}
