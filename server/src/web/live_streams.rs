//! How many streams of `/live` a session has open: each costs a connection and looks at the session
//! now and then. Where one more is opened than a session may have, its oldest ends. Tests: here,
//! and `server/tests/server/people/live.rs`.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use desk::SessionId;
use tokio::sync::Notify;

/// The most of one session: what a browser opens of one host at a time (HTTP/1.1).
const MAX_STREAMS: usize = 6;

/// The open streams, by the id under which their session began.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streams(Arc<Mutex<HashMap<SessionId, VecDeque<Arc<Notify>>>>>);

/// One stream is open for as long as this is.
#[derive(Debug)]
pub(crate) struct OpenStream {
    streams: Streams,
    session: SessionId,
    ending: Arc<Notify>,
}

impl Streams {
    fn all(&self) -> MutexGuard<'_, HashMap<SessionId, VecDeque<Arc<Notify>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens one, and ends the session's oldest where there are too many.
    pub(crate) fn open(&self, session: SessionId) -> OpenStream {
        let ending = Arc::new(Notify::new());
        let mut all = self.all();
        let of_session = all.entry(session.clone()).or_default();
        of_session.push_back(ending.clone());
        while of_session.len() > MAX_STREAMS {
            of_session.pop_front().into_iter().for_each(|oldest| oldest.notify_one());
        }
        OpenStream { streams: self.clone(), session, ending }
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
        if let Some(of_session) = all.get_mut(&self.session) {
            of_session.retain(|ending| !Arc::ptr_eq(ending, &self.ending));
            if of_session.is_empty() {
                all.remove(&self.session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn the_oldest_ends_and_nothing_is_kept_of_what_is_over() {
        let streams = Streams::default();
        let mut open: Vec<_> =
            (0..MAX_STREAMS).map(|_| streams.open(SessionId::sample())).collect();
        assert!(open.iter().all(|stream| stream.replaced().now_or_never().is_none()));
        open.push(streams.open(SessionId::sample()));
        let replaced: Vec<bool> =
            open.iter().map(|stream| stream.replaced().now_or_never().is_some()).collect();
        assert_eq!(replaced.iter().position(|replaced| *replaced), Some(0));
        assert_eq!(replaced.iter().filter(|replaced| **replaced).count(), 1);
        drop(open);
        assert!(streams.all().is_empty());
    }
}
