//! Changes that wait for their turn on this node's chain, and who is told what became of them.
//! Tests: with [`super::group_commit`].

use std::collections::VecDeque;
use std::sync::Mutex;

use tokio::sync::oneshot;

use crate::Moment;
use crate::engine::lock::lock;
use crate::store::change::Change;
use crate::store::error::StoreError;

/// How many changes are written in one transaction. More would save little, and a conflict would
/// cost more.
const MAX_GROUP: usize = 16;

/// How many audit rows the changes of a group have: one that is large for itself is written alone.
const MAX_ROWS: usize = 64;

/// Changes that wait, and whether somebody is writing.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Waiting>,
    is_writing: bool,
    /// Tells those who wait apart.
    count: u64,
}

/// A change and who asked for it.
#[derive(Debug)]
pub(super) struct Waiting {
    number: u64,
    pub(super) change: Change,
    pub(super) now: Moment,
    tell: oneshot::Sender<Result<(), StoreError>>,
}

impl Queue {
    /// Adds a change; answers its number, where to hear of it, and whether a writer must be
    /// started.
    pub(super) fn push(
        &self,
        change: Change,
        now: Moment,
    ) -> (u64, oneshot::Receiver<Result<(), StoreError>>, bool) {
        let (tell, outcome) = oneshot::channel();
        let mut state = lock(&self.state);
        state.count += 1;
        let number = state.count;
        state.waiting.push_back(Waiting { number, change, now, tell });
        let start = !std::mem::replace(&mut state.is_writing, true);
        (number, outcome, start)
    }

    /// Takes a change out again; answers whether it was still waiting.
    pub(super) fn withdraw(&self, number: u64) -> bool {
        let mut state = lock(&self.state);
        let before = state.waiting.len();
        state.waiting.retain(|waiting| waiting.number != number);
        state.waiting.len() < before
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        lock(&self.state).waiting.len()
    }

    /// The next group, in the order in which they came, without those whose asker has gone; none:
    /// the writer's work is over.
    pub(super) fn next_group(&self) -> Option<Vec<Waiting>> {
        let mut state = lock(&self.state);
        state.waiting.retain(|waiting| !waiting.tell.is_closed());
        let mut rows = 0;
        let fits = |waiting: &&Waiting| {
            rows += waiting.change.audit().len();
            rows <= MAX_ROWS
        };
        // The first in any case: an import has as many rows as people.
        let many = state
            .waiting
            .iter()
            .take(MAX_GROUP)
            .take_while(fits)
            .count()
            .max(usize::from(!state.waiting.is_empty()));
        state.is_writing = many > 0;
        (many > 0).then(|| state.waiting.drain(..many).collect())
    }
}

/// Lets the next change start a writer where this one ended before its work was over.
pub(super) struct Writing<'a> {
    pub(super) queue: &'a Queue,
    pub(super) is_over: bool,
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            lock(&self.queue.state).is_writing = false;
        }
    }
}

impl Waiting {
    /// Tells whoever asked. They may have gone: nobody waits for it then.
    pub(super) fn hears(self, result: Result<(), StoreError>) {
        let _ = self.tell.send(result);
    }
}
