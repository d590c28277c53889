//! Judging new passwords: on a thread of its own, so that no number of questions about them keeps
//! anybody from logging in; and for one session one at a time, the latest that it asked. Tests:
//! here, and `passwords/tests.rs`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use crate::engine::lock::lock;
use crate::engine::passwords::pool::Pool;
use crate::{Refusal, SessionId};

/// How many judge at once: each takes some milliseconds, and none of it is urgent.
const THREADS: usize = 1;

/// How many may wait before more are turned away: at some milliseconds each, about half a second of
/// one thread.
const MAX_WAITING: usize = 64;

/// Judges new passwords.
#[derive(Clone, Debug)]
pub(crate) struct Judging {
    pub(crate) pool: Pool,
    lines: Lines,
}

impl Default for Judging {
    fn default() -> Self {
        Self { pool: Pool::new(THREADS, MAX_WAITING), lines: Lines::default() }
    }
}

/// The sessions that ask at this moment.
type Lines = Arc<Mutex<HashMap<SessionId, Line>>>;

/// Who asks of one session.
#[derive(Clone, Debug)]
struct Line {
    /// How many are there, the one who is served included.
    there: usize,
    /// The number of the latest.
    latest: watch::Sender<u64>,
    /// Held by the one who is served.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// A place in a session's line. The last one takes the line away.
struct Place {
    session: SessionId,
    lines: Lines,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut lines = lock(&self.lines);
        if let Some(line) = lines.get_mut(&self.session) {
            line.there -= 1;
            if line.there == 0 {
                lines.remove(&self.session);
            }
        }
    }
}

impl Judging {
    /// Does the work for a change that is under way.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] while too many wait.
    pub(crate) async fn for_change<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        self.pool.run(work).await
    }

    /// Does the work for a question of this session, unless it asks another meanwhile: that one is
    /// answered in its place.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] while too many wait, and where the session has asked another.
    pub(crate) async fn latest<T: Send + 'static>(
        &self,
        session: &SessionId,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let (place, line, mine) = self.stand_in_line(session);
        let mut newer = line.latest.subscribe();
        let judged = async {
            let turn = line.turn.clone().lock_owned().await;
            let done = move || {
                let done = work();
                // Not before it is done, also where nobody waits for it any more.
                drop((turn, place));
                done
            };
            self.pool.run(done).await
        };
        tokio::select! {
            biased;
            _ = newer.wait_for(|latest| *latest != mine) => {
                Err(Refusal::TooManyAttempts { seconds: 1 })
            }
            done = judged => done,
        }
    }

    /// A place in the session's line, and its number: the latest.
    fn stand_in_line(&self, session: &SessionId) -> (Place, Line, u64) {
        let mut lines = lock(&self.lines);
        let line = lines.entry(session.clone()).or_insert_with(|| Line {
            there: 0,
            latest: watch::Sender::new(0),
            turn: Arc::default(),
        });
        line.there += 1;
        line.latest.send_modify(|latest| *latest += 1);
        let number = *line.latest.borrow();
        (Place { session: session.clone(), lines: self.lines.clone() }, line.clone(), number)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use std::time::Duration;

    use super::*;

    fn session(id: &str) -> SessionId {
        SessionId::parse(&id.repeat(64)).expect("an id")
    }

    const REPLACED: Refusal = Refusal::TooManyAttempts { seconds: 1 };

    #[tokio::test]
    async fn of_what_a_session_asks_while_it_waits_the_latest_is_answered() {
        let judging = Judging::default();
        let held = judging.pool.held().await;
        let mut tasks = Vec::new();
        for (of, answer) in [("a", 1), ("b", 2), ("a", 3), ("a", 4)] {
            let judging = judging.clone();
            tasks.push(tokio::spawn(
                async move { judging.latest(&session(of), move || answer).await },
            ));
            // One after the other.
            tokio::task::yield_now().await;
        }
        drop(held);
        let mut answers = Vec::new();
        for tasks in tasks {
            answers.push(tasks.await.expect("no panic"));
        }
        assert_eq!(
            answers,
            [Err(REPLACED), Ok(2), Err(REPLACED), Ok(4)],
            "another session's is its own"
        );
        assert!(lock(&judging.lines).is_empty());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_has_begun_ends_before_the_next_of_its_session_begins() {
        // Threads for more than one, so that only the session's turn keeps them apart.
        let judging = Judging { pool: Pool::new(4, 8), lines: Lines::default() };
        let (started, has_started) = tokio::sync::oneshot::channel();
        let (go_on, resumed) = mpsc::channel::<()>();
        let first = {
            let judging = judging.clone();
            let work = move || {
                started.send(()).expect("somebody waits");
                resumed.recv().expect("told");
            };
            tokio::spawn(async move { judging.latest(&session("a"), work).await })
        };
        has_started.await.expect("begun");
        let (done, mut is_done) = tokio::sync::oneshot::channel();
        let second = {
            let judging = judging.clone();
            tokio::spawn(async move {
                judging.latest(&session("a"), move || done.send(()).expect("somebody waits")).await
            })
        };
        assert_eq!(first.await.expect("no panic"), Err(REPLACED), "it is told at once");
        assert!(is_done.try_recv().is_err(), "the work itself cannot be broken off");
        go_on.send(()).expect("somebody waits");
        assert_eq!(second.await.expect("no panic"), Ok(()));
        is_done.await.expect("done");
        // Its line is taken down by whoever has done it, a moment after it was answered.
        let taken_down = async {
            while !lock(&judging.lines).is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), taken_down)
            .await
            .expect("nothing is left behind");
    }

    #[tokio::test]
    async fn who_goes_away_leaves_nothing_behind() {
        let judging = Judging::default();
        let held = judging.pool.held().await;
        let tasks = {
            let judging = judging.clone();
            tokio::spawn(async move { judging.latest(&session("a"), || ()).await })
        };
        while judging.pool.there() == 0 {
            tokio::task::yield_now().await;
        }
        tasks.abort();
        assert!(tasks.await.is_err());
        drop(held);
        assert_eq!((judging.pool.there(), lock(&judging.lines).len()), (0, 0));
    }
}
