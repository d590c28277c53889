//! What verify answers: from the cache, else from the store, and never what was true before a
//! change that has returned. Tests: `desk/tests/desk/{verify,races,strangers}.rs`.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use crate::engine::desk::Desk;
use crate::engine::events::Event;
use crate::engine::log_limiter::LogLimiter;
use crate::engine::request_tracker::old_string::Presented;
use crate::engine::secret::{hex, unhex};
use crate::engine::verify::cache::Cached;
use crate::engine::verify::cached_token::CachedToken;
use crate::engine::verify::cached_token::Id;
use crate::engine::verify::judge::judge;
use crate::engine::verify::principal::Principal;
use crate::engine::verify::stranger_gate::{OpenGate, StrangerGate};
use crate::engine::verify::timeout::VERIFY_TIMEOUT;
use crate::engine::verify::verdict::{Verdict, VerifyRequest};
use crate::store::error::StoreError;
use crate::{Access, Moment, Refusal};

/// A line a second while the store is away: each of thousands of requests would write one.
static OUTAGES: LogLimiter = LogLimiter::new(1);

/// How often the store is read again when somebody changes something meanwhile.
const READINGS: u32 = 5;

impl Desk {
    /// Whether `token`, as presented, is good for `request`, and for whom. `user` is the name it
    /// was presented with, if any: it must be the owner's.
    pub async fn verify(
        &self,
        token: &str,
        user: Option<&str>,
        request: &VerifyRequest<'_>,
    ) -> Verdict {
        self.verify_through(&OpenGate, token, user, request).await
    }

    /// As [`Desk::verify`]; the store is asked about what nobody here has heard of only if the gate
    /// lets it be asked.
    pub async fn verify_through(
        &self,
        gate: &dyn StrangerGate,
        token: &str,
        user: Option<&str>,
        request: &VerifyRequest<'_>,
    ) -> Verdict {
        let writes = !Access::Read.allows(request.method);
        self.verify_noting(gate, token, user, request, writes).await
    }

    /// As [`Desk::verify_through`]. `wrote`: whether what is asked about may change something,
    /// which is noted with the use.
    pub(crate) async fn verify_noting(
        &self,
        gate: &dyn StrangerGate,
        token: &str,
        user: Option<&str>,
        request: &VerifyRequest<'_>,
        wrote: bool,
    ) -> Verdict {
        let began = Instant::now();
        let verdict = self.verdict(gate, token, user, request, wrote).await;
        self.inner.counts.verify.note(began.elapsed());
        verdict
    }

    async fn verdict(
        &self,
        gate: &dyn StrangerGate,
        token: &str,
        user: Option<&str>,
        request: &VerifyRequest<'_>,
        wrote: bool,
    ) -> Verdict {
        let Some(presented) = Presented::read(token) else {
            return Verdict::Refused("malformed");
        };
        let now = self.now();
        let verdict = self.judged(&presented, gate, user, request, now).await;
        if let Verdict::Good(principal) = &verdict
            && let Some(id) = used(&presented, principal)
            && self.inner.usage.note(id, principal.cached(), now, request.address, wrote)
        {
            self.inner.events.tell(Event::Tokens(principal.netid.to_string()));
        }
        verdict
    }

    async fn judged(
        &self,
        presented: &Presented<'_>,
        gate: &dyn StrangerGate,
        user: Option<&str>,
        request: &VerifyRequest<'_>,
        now: Moment,
    ) -> Verdict {
        if matches!(presented, Presented::Old(_)) && self.have_old_strings_ended(now) {
            return Verdict::Refused("old string ended");
        }
        match self.find_presented(presented, gate, request.address, now).await {
            Ok(known) => judge(known.as_ref(), user, request, now),
            Err(NotFound::TooMany(seconds)) => Verdict::TooMany { seconds },
            Err(NotFound::Away(error)) => unavailable(&error),
        }
    }

    /// As [`Desk::verify`], for whoever only wants to know: it is no use of the token.
    pub async fn would_verify(
        &self,
        token: &str,
        user: Option<&str>,
        request: &VerifyRequest<'_>,
    ) -> Verdict {
        let Some(presented) = Presented::read(token) else {
            return Verdict::Refused("malformed");
        };
        self.judged(&presented, &OpenGate, user, request, self.now()).await
    }

    /// What was presented, by the way of its form.
    pub(crate) async fn find_presented(
        &self,
        presented: &Presented<'_>,
        gate: &dyn StrangerGate,
        from: Option<IpAddr>,
        now: Moment,
    ) -> Result<Option<Arc<CachedToken>>, NotFound> {
        match presented {
            Presented::Own(id) => self.find_token(id, gate, now).await,
            // Elsewhere in memory: it is large, and seldom.
            Presented::Old(old) => Box::pin(self.find_old_string(old, gate, from, now)).await,
        }
    }

    /// The token, from memory, else from the store if the gate lets it be asked; none: there is no
    /// such token.
    pub(crate) async fn find_token(
        &self,
        id: &Id,
        gate: &dyn StrangerGate,
        now: Moment,
    ) -> Result<Option<Arc<CachedToken>>, NotFound> {
        let cache = &self.inner.cache;
        match cache.get(id, now) {
            Some(Cached::Known(known)) => return Ok(Some(known)),
            Some(Cached::Unknown) => return Ok(None),
            None => {}
        }
        if !cache.has_heard_of(id) {
            cache.ask_gate(gate).map_err(NotFound::TooMany)?;
        }
        let text = hex(id);
        let known = match tokio::time::timeout(VERIFY_TIMEOUT, self.look_up(*id, &text)).await {
            Ok(found) => found.map_err(NotFound::Away)?,
            Err(_) => return Err(NotFound::Away(StoreError::Silent)),
        };
        match &known {
            Some(_) => cache.ids.add(id),
            None => gate.was_unknown(),
        }
        Ok(known)
    }

    /// What the store knows of the token, for the cache too, where it is kept by what was
    /// presented. Read again where something changed meanwhile, so that what was true before a
    /// change is not told after it.
    pub(crate) async fn look_up(
        &self,
        presented: Id,
        token: &str,
    ) -> Result<Option<Arc<CachedToken>>, StoreError> {
        let cache = &self.inner.cache;
        let mut readings = 0;
        loop {
            let reading = cache.begin_read();
            let read = self.inner.store.token_with_owner(token).await?;
            let read = read.map(|(row, owner)| {
                let waits_from = self.tokens_wait_from(&owner);
                CachedToken::new(row.ending(self.settings().rt_strings_end), owner, waits_from)
            });
            readings += 1;
            let (known, holds) = cache.put(presented, read, reading, self.now());
            if holds || readings == READINGS {
                return Ok(known);
            }
        }
    }
}

/// Why a token could not be looked for.
#[derive(Debug)]
pub(crate) enum NotFound {
    /// The gate does not let the store be asked for so many seconds.
    TooMany(u32),
    /// The store does not answer.
    Away(StoreError),
}

impl From<NotFound> for Refusal {
    fn from(why: NotFound) -> Self {
        match why {
            NotFound::TooMany(seconds) => Self::TooManyAttempts { seconds },
            NotFound::Away(error) => error.into(),
        }
    }
}

/// The token's own id, for which its use is noted, whatever it was presented by.
fn used(presented: &Presented<'_>, principal: &Principal) -> Option<Id> {
    match presented {
        Presented::Own(id) => Some(*id),
        Presented::Old(_) => unhex(principal.id.as_str())?.try_into().ok(),
    }
}

/// The store cannot be asked, and the log says why.
fn unavailable(error: &StoreError) -> Verdict {
    if let Some(left_out) = OUTAGES.may_speak() {
        tracing::error!(%error, left_out, "verify: nobody is let in");
    }
    Verdict::Unavailable
}
