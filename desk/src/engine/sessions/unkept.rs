//! New tokens that wait in memory for the page that shows them. Tests: `desk/tests/desk/reveal.rs`.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::engine::lock::lock;
use crate::store::sessions::Sealed;
use crate::{Moment, SessionId};

/// So many wait in memory at most.
const MOST_UNKEPT: usize = 1000;

/// What the store could not keep, because it went away just after it took the token: it waits on this node, as sealed as there.
#[derive(Debug, Default)]
pub(crate) struct Unkept(Mutex<HashMap<SessionId, Sealed>>);

impl Unkept {
    pub(super) fn keep(&self, id: SessionId, sealed: Sealed, now: Moment) -> bool {
        let mut waiting = lock(&self.0);
        waiting.retain(|_, sealed| sealed.sealed_until.is_some_and(|until| now.0 < until));
        let has_room = waiting.len() < MOST_UNKEPT;
        if has_room {
            waiting.insert(id, sealed);
        }
        has_room
    }

    pub(super) fn get(&self, id: &SessionId) -> Option<Sealed> {
        lock(&self.0).get(id).cloned()
    }

    /// Takes it out, if it is the one; answers whether it was.
    pub(super) fn take(&self, id: &SessionId, is_it: impl FnOnce(&Sealed) -> bool) -> bool {
        let mut waiting = lock(&self.0);
        let taken = waiting.get(id).is_some_and(is_it);
        if taken {
            waiting.remove(id);
        }
        taken
    }
}
