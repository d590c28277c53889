//! What verify answers: from the cache, else from the store, and never what was true before a change that has returned.
//! Tests: `desk/tests/desk/{verify,races}.rs`.

use std::sync::Arc;

use crate::engine::desk::Desk;
use crate::engine::events::Event;
use crate::engine::log_limiter::LogLimiter;
use crate::engine::secret::{PlainToken, hex};
use crate::engine::verify::cache::Cached;
use crate::engine::verify::cached_token::CachedToken;
use crate::engine::verify::clock_map::Id;
use crate::engine::verify::judge::judge;
use crate::engine::verify::timeout::VERIFY_TIMEOUT;
use crate::engine::verify::verdict::{Verdict, VerifyRequest};
use crate::store::error::StoreError;

/// A line a second while the store is away: each of thousands of requests would write one.
static OUTAGES: LogLimiter = LogLimiter::new(1);

/// How often the store is read again when somebody changes something meanwhile.
const READINGS: u32 = 5;

impl Desk {
    /// Whether `token`, as presented, is good for `request`, and for whom. `user` is the name it was
    /// presented with, if any: it must be the owner's.
    pub async fn verify(&self, token: &str, user: Option<&str>, request: &VerifyRequest<'_>) -> Verdict {
        let Some(id) = PlainToken::hash_presented(token) else { return Verdict::Refused("malformed") };
        let now = self.now();
        let known = match self.inner.cache.get(&id, now) {
            Some(Cached::Known(known)) => Some(known),
            Some(Cached::Unknown) => None,
            None => match tokio::time::timeout(VERIFY_TIMEOUT, self.look_up(id)).await {
                Ok(Ok(known)) => known,
                Ok(Err(error)) => return unavailable(&error),
                Err(_) => return unavailable(&StoreError::Silent),
            },
        };
        let verdict = judge(known.as_ref(), user, request, now);
        if let Verdict::Good(pass) = &verdict
            && self.inner.usage.note(id, pass.cached(), now, request.address)
        {
            self.inner.events.tell(Event::Tokens(pass.netid.to_string()));
        }
        verdict
    }

    /// What the store knows of the token, for the cache too. Read again where something changed meanwhile, so that what
    /// was true before a change is not told after it.
    async fn look_up(&self, id: Id) -> Result<Option<Arc<CachedToken>>, StoreError> {
        let cache = &self.inner.cache;
        let mut readings = 0;
        loop {
            let reading = cache.reading();
            let read = self.inner.store.token_with_owner(&hex(&id)).await?;
            let read = read.map(|(row, owner)| {
                let waits_from = self.tokens_wait_from(&owner);
                CachedToken::new(row, owner, waits_from)
            });
            readings += 1;
            let (known, holds) = cache.put(id, read, reading, self.now());
            if holds || readings == READINGS {
                return Ok(known);
            }
        }
    }
}

/// The store cannot be asked, and the log says why.
fn unavailable(error: &StoreError) -> Verdict {
    if let Some(left_out) = OUTAGES.may_speak() {
        tracing::error!(%error, left_out, "verify: nobody is let in");
    }
    Verdict::Unavailable
}
