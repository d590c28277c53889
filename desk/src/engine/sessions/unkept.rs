//! New tokens that wait in memory for the page that shows them. Tests: `desk/tests/desk/reveal.rs`.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::engine::lock::lock;
use crate::store::sessions::{MAX_SEALED, Sealed};
use crate::{Moment, SessionId};

/// How long a new token waits for the next page view, in seconds, here or in the store: after that
/// nobody is shown it.
pub(crate) const KEPT_SECONDS: i64 = 60;

/// So many wait in memory at most.
const MAX_UNKEPT: usize = 1000;

/// What the store could not keep, because it went away just after it took the token: it waits on
/// this node, as sealed as there.
#[derive(Debug, Default)]
pub(crate) struct Unkept(Mutex<HashMap<SessionId, Sealed>>);

impl Unkept {
    /// Keeps it, behind what waits there already; answers whether there was room.
    pub(super) fn keep(&self, id: SessionId, sealed: Sealed, now: Moment) -> bool {
        let mut waiting = lock(&self.0);
        // Since it was kept the clock may have been set back.
        let waits = |until: Moment| now < until && until.seconds_apart(now) <= KEPT_SECONDS;
        waiting.retain(|_, sealed| sealed.sealed_until.map(Moment).is_some_and(waits));
        let before = waiting.get(&id).and_then(|before| before.sealed.clone()).unwrap_or_default();
        let has_room = if before.is_empty() {
            waiting.len() < MAX_UNKEPT
        } else {
            i64::try_from(before.len()).is_ok_and(|long| long < MAX_SEALED)
        };
        if has_room {
            let texts = [Some(before).filter(|before| !before.is_empty()), sealed.sealed];
            let whole = texts.into_iter().flatten().collect::<Vec<_>>().join(" ");
            waiting.insert(id, Sealed { sealed: Some(whole), sealed_until: sealed.sealed_until });
        }
        has_room
    }

    pub(super) fn get(&self, id: &SessionId) -> Option<Sealed> {
        lock(&self.0).get(id).cloned()
    }

    /// Takes out what waits there but for what is to be `left`, if it still is the `whole`; answers
    /// whether it was.
    pub(super) fn take(&self, id: &SessionId, whole: &str, left: Option<String>) -> bool {
        let mut waiting = lock(&self.0);
        let Some(found) =
            waiting.get_mut(id).filter(|found| found.sealed.as_deref() == Some(whole))
        else {
            return false;
        };
        match left {
            Some(left) => found.sealed = Some(left),
            None => _ = waiting.remove(id),
        }
        true
    }
}
