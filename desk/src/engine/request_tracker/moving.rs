//! Which token an old string of Request Tracker is of: by its pin, which is one look-up, as for any
//! other token; and before it has one, by looking at the hashes of that person's tokens that nobody
//! has presented yet. Once one is it, the string is pinned and its old hash is gone.
//!
//! A string that nobody here has heard of asks the gate before anything is looked at. Where it is
//! nobody's, it counts as unknown once for each hash, and is remembered as such; until that is
//! known it counts for nothing, and the line of those that are looked at bounds what it costs.
//! Tests: `desk/tests/desk/request_tracker/`.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::desk::Desk;
use crate::engine::request_tracker::flights::{COME_AGAIN, Flight, Landing, WaitingHash};
use crate::engine::request_tracker::old_string::OldString;
use crate::engine::secret::{Secret, hex};
use crate::engine::verify::answer::NotFound;
use crate::engine::verify::cache::{Cached, ReadStart};
use crate::engine::verify::cached_token::{CachedToken, Id};
use crate::engine::verify::stranger_gate::StrangerGate;
use crate::engine::verify::timeout::VERIFY_TIMEOUT;
use crate::store::error::StoreError;
use crate::{Moment, NetId, Refusal, TokenId, TokenView};

/// How long whoever presents a string waits for its hashes. What is begun then goes on, and the
/// next request finds it.
const MOVE_TIMEOUT: Duration = Duration::from_secs(25);

impl Desk {
    /// Whether old strings have ended, by the operator's day.
    pub(crate) fn have_old_strings_ended(&self, now: Moment) -> bool {
        self.settings().rt_strings_end.is_some_and(|end| end <= now)
    }

    /// Whether a token works at `now`, its owner's account aside: its string has not ended either.
    pub(crate) fn still_works(&self, token: &TokenView, now: Moment) -> bool {
        token.is_live(now) && !(token.from_rt && self.have_old_strings_ended(now))
    }

    /// Whether the end that is shown of a token is that of Request Tracker's strings.
    #[must_use]
    pub fn ends_with_strings(&self, token: &TokenView) -> bool {
        let end = self.settings().rt_strings_end;
        token.from_rt && end.is_some() && token.expires == end
    }

    /// Lets tokens from Request Tracker end with their strings, in what is shown of them.
    pub(crate) fn end_with_strings(&self, tokens: &mut [TokenView]) {
        for token in tokens {
            token.expires = self.end_shown(token);
        }
    }

    /// When a token ends: by itself, or with its string.
    pub(crate) fn end_shown(&self, token: &TokenView) -> Option<Moment> {
        let with_string = self.settings().rt_strings_end.filter(|_| token.from_rt);
        [token.expires, with_string].into_iter().flatten().min()
    }

    /// The token of an old string; none: there is no such one.
    pub(crate) async fn find_old_string(
        &self,
        old: &OldString<'_>,
        gate: &dyn StrangerGate,
        from: Option<IpAddr>,
        now: Moment,
    ) -> Result<Option<Arc<CachedToken>>, NotFound> {
        let cache = &self.inner.cache;
        match cache.get(&old.pin, now) {
            Some(Cached::Known(known)) => return Ok(Some(known)),
            Some(Cached::Unknown) => return Ok(None),
            None => {}
        }
        let is_heard_of = cache.has_heard_of(&old.pin);
        if !is_heard_of {
            cache.ask_gate(gate).map_err(NotFound::TooMany)?;
        }
        if let Some(token) = within(self.inner.store.rt_pinned(&hex(&old.pin))).await? {
            return self.by_pin(old.pin, &token).await;
        }
        // Heard of, and not there: it passes by the gate no more than others.
        if is_heard_of {
            gate.may_ask().map_err(NotFound::TooMany)?;
        }
        let landing = tokio::time::timeout(MOVE_TIMEOUT, self.landing(old, gate, from));
        match landing.await.unwrap_or(Ok(Landing::TurnedAway(COME_AGAIN)))? {
            Landing::Moved(token) => self.by_pin(old.pin, &token).await,
            Landing::Unknown => Ok(None),
            Landing::TurnedAway(seconds) => Err(NotFound::TooMany(seconds)),
            Landing::Away => Err(NotFound::Away(StoreError::Silent)),
        }
    }

    /// The token that a string is pinned to: gone where it ended long ago.
    async fn by_pin(&self, pin: Id, token: &TokenId) -> Result<Option<Arc<CachedToken>>, NotFound> {
        self.inner.cache.ids.add(&pin);
        within(self.look_up(pin, token.as_str())).await
    }

    /// What is found of a string that is not pinned: looked at once for all who present it.
    async fn landing(
        &self,
        old: &OldString<'_>,
        gate: &dyn StrangerGate,
        from: Option<IpAddr>,
    ) -> Result<Landing, NotFound> {
        loop {
            let (mut waiting, flight) = self.inner.old_strings.join(old.pin);
            let hashes = match flight {
                Some(flight) => self.take_off(flight, old, from).await?,
                None => 0,
            };
            let landed = waiting.wait_for(Option::is_some).await.map(|landing| landing.clone());
            // Whoever looked is gone before they had begun: somebody else does.
            let Ok(Some(landing)) = landed else { continue };
            if landing == Landing::Unknown {
                (0..hashes).for_each(|_| gate.was_unknown());
            }
            return Ok(landing);
        }
    }

    /// Begins to look at the hashes that the string may be of; answers how often it counts as
    /// unknown where it is nobody's: for each of them, and once where there is none.
    async fn take_off(
        &self,
        flight: Flight,
        old: &OldString<'_>,
        from: Option<IpAddr>,
    ) -> Result<usize, NotFound> {
        // Somebody else's flight may have landed since.
        if matches!(self.inner.cache.get(&old.pin, self.now()), Some(Cached::Unknown)) {
            flight.land(Landing::Unknown);
            return Ok(0);
        }
        let reading = self.inner.cache.begin_read();
        if let Some(token) = within(self.inner.store.rt_pinned(&hex(&old.pin))).await? {
            flight.land(Landing::Moved(token));
            return Ok(0);
        }
        let waiting = within(self.inner.store.rt_waiting(old.user)).await?;
        let (hashes, owner) = self.that_may_work(waiting).await?;
        let counts_for = hashes.len().max(1);
        let secret = Secret::new(old.secret.to_owned());
        let look = Look { user: old.user, pin: old.pin, owner, secret };
        if hashes.is_empty() {
            flight.land(self.nobodys(&look, reading));
            return Ok(counts_for);
        }
        let desk = self.clone();
        // A task of its own: what a thread has begun is not lost with whoever asked for it.
        tokio::spawn(async move {
            let landing = desk.look_at(&look, hashes, reading, from).await;
            desk.inner.old_strings.count(&landing);
            flight.land(landing);
        });
        Ok(counts_for)
    }

    /// Those of these hashes whose tokens are not over, and whose owner is not disabled: no other
    /// is worth computing. And whose they are, if one person's: until something about them changes
    /// a string that is none of them is nobody's; empty: nobody has any.
    async fn that_may_work(
        &self,
        mut waiting: Vec<WaitingHash>,
    ) -> Result<(Vec<WaitingHash>, Option<String>), NotFound> {
        if waiting.is_empty() {
            return Ok((waiting, Some(String::new())));
        }
        let ids = waiting.iter().map(|one| one.token.to_string()).collect();
        let mut tokens = within(self.inner.store.rt_tokens_now(ids)).await?;
        let mut owners: Vec<NetId> =
            tokens.iter().filter_map(|token| NetId::parse(&token.owner).ok()).collect();
        owners.sort();
        owners.dedup();
        let people = within(self.inner.store.users(&owners)).await?;
        let enabled: HashSet<&str> = people
            .values()
            .filter(|user| !user.person.disabled)
            .map(|user| user.person.netid.as_str())
            .collect();
        let now = self.now();
        tokens.retain(|token| token.over_at > now.0 && enabled.contains(token.owner.as_str()));
        let work: HashSet<&str> = tokens.iter().map(|token| token.id.as_str()).collect();
        waiting.retain(|one| work.contains(one.token.as_str()));
        let owner = match owners.as_slice() {
            [] => Some(String::new()),
            [owner] => Some(owner.to_string()),
            _ => None,
        };
        Ok((waiting, owner))
    }

    /// Looks at each hash in turn, and pins the string to the token that it is of.
    async fn look_at(
        &self,
        look: &Look,
        hashes: Vec<WaitingHash>,
        reading: ReadStart,
        from: Option<IpAddr>,
    ) -> Landing {
        match self.inner.old_strings.find(look.secret.clone(), hashes, from).await {
            Ok(Some(token)) => {
                let pin = hex(&look.pin);
                let pinned = self.inner.store.pin_rt(look.user, &token, &pin, self.now()).await;
                match pinned {
                    Ok(()) => Landing::Moved(token),
                    Err(error) => {
                        tracing::error!(%error, "a string of Request Tracker could not be pinned");
                        Landing::Away
                    }
                }
            }
            Ok(None) => self.nobodys(look, reading),
            Err(Refusal::TooManyAttempts { seconds }) => Landing::TurnedAway(seconds),
            Err(_) => Landing::Away,
        }
    }

    /// Remembers that a string is nobody's, unless something has changed since.
    fn nobodys(&self, look: &Look, reading: ReadStart) -> Landing {
        if let Some(owner) = &look.owner {
            self.inner.cache.put_unknown(look.pin, owner, reading, self.now());
        }
        Landing::Unknown
    }
}

/// A string that is looked at.
struct Look {
    user: i64,
    pin: Id,
    /// Whose tokens it may be of; none: several people's.
    owner: Option<String>,
    secret: Secret,
}

/// What the store answers in the time that verify has for it.
async fn within<T>(question: impl Future<Output = Result<T, StoreError>>) -> Result<T, NotFound> {
    tokio::time::timeout(VERIFY_TIMEOUT, question)
        .await
        .unwrap_or(Err(StoreError::Silent))
        .map_err(NotFound::Away)
}
