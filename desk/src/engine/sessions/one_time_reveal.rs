//! A new token for the next page view, once: for forms that are posted without script. Tests: `desk/tests/desk/tokens.rs`, `reveal.rs`,
//! and by HTTP `server/tests/server/people/reveal.rs`.

use chacha20poly1305::aead::Aead;
use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit, Nonce};

use crate::engine::desk::Desk;
use crate::engine::secret::{Cookie, PlainToken, fill_random, hex, sha256, unhex};
use crate::engine::sessions::visitor::Visitor;
use crate::store::sessions::Sealed;
use crate::{Refusal, TokenView};

/// How long a new token waits for the next page view, in seconds: after that nobody is shown it.
const KEPT_SECONDS: i64 = 60;

/// A token with its facts, and what waits behind it.
type Waiting<'a> = (Option<(PlainToken, TokenView)>, &'a [&'a str]);

impl Desk {
    /// Keeps a new token for the next page view of this session, for forms that are posted without script.
    ///
    /// Sealed with a key that only the cookie yields, and the store knows the cookie's hash only: who reads the store
    /// learns nothing.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn keep_for_reveal(&self, cookie: &Cookie, token: &PlainToken) -> Result<(), Refusal> {
        let mut nonce = [0_u8; 12];
        fill_random(&mut nonce);
        let sealed = cipher(cookie).encrypt(Nonce::from_slice(&nonce), token.expose().as_bytes()).map_err(|_| Refusal::Unavailable)?;
        let text = format!("{}{}", hex(&nonce), hex(&sealed));
        let (now, until) = (self.now(), self.now().plus_seconds(KEPT_SECONDS));
        let kept = self.inner.store.keep_sealed(&cookie.id(), text.clone(), now, until).await;
        let waits = || self.inner.unkept.keep(cookie.id(), Sealed { sealed: Some(text), sealed_until: Some(until.0) }, now);
        match kept {
            Err(error) if !waits() => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Takes the kept token: the second time, or after a minute, there is none. Of two that were made at once in two tabs each view
    /// takes one, in the order in which they were made. Where it fails it is still kept.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`]; [`Refusal::TokenUnknown`] where it is no token of theirs.
    pub async fn take_for_reveal(&self, visitor: &Visitor, cookie: &Cookie) -> Result<Option<(PlainToken, TokenView)>, Refusal> {
        let store = &self.inner.store;
        let id = cookie.id();
        let stored = store.sealed(&id).await?.filter(|row| row.sealed.is_some());
        let is_stored = stored.is_some();
        let Some(kept) = stored.or_else(|| self.inner.unkept.get(&id)) else { return Ok(None) };
        let whole = kept.sealed.as_deref().unwrap_or_default();
        let fresh = if kept.sealed_until.is_some_and(|until| self.now().0 < until) { whole } else { "" };
        let waiting: Vec<&str> = fresh.split(' ').collect();
        let (shown, left) = self.first_to_show(visitor, cookie, &waiting).await?;
        let left = Some(left.join(" ")).filter(|left| !left.is_empty());
        // Of several views at once one takes it, and it is this very one. What could not be kept may be in the store all the
        // same, where its answer was lost: it is taken out of both.
        let in_store = store.take_sealed(&id, whole, left).await?;
        let in_memory = self.inner.unkept.take(&id, |waits| waits.sealed.as_deref().is_some_and(|waits| waiting.contains(&waits)));
        let taken = if is_stored { in_store } else { in_memory };
        Ok(shown.filter(|_| taken))
    }

    /// The first of what waits that can be shown, and what waits behind it.
    async fn first_to_show<'a>(&self, visitor: &Visitor, cookie: &Cookie, waiting: &'a [&'a str]) -> Result<Waiting<'a>, Refusal> {
        let mut refused = None;
        for (place, text) in waiting.iter().enumerate() {
            let Some(token) = open(cookie, text) else { continue };
            match self.own_token(visitor, &token.id()).await {
                Ok(view) => return Ok((Some((token, view)), waiting.get(place + 1..).unwrap_or_default())),
                Err(refusal) => refused = Some(refusal),
            }
        }
        refused.map_or(Ok((None, &[])), Err)
    }
}

fn cipher(cookie: &Cookie) -> ChaCha20Poly1305 {
    // Apart from the session's id, which is the hash of the cookie alone.
    let key = sha256(format!("latchkey next view {}", cookie.expose()).as_bytes());
    ChaCha20Poly1305::new(Key::from_slice(&key))
}

fn open(cookie: &Cookie, text: &str) -> Option<PlainToken> {
    let bytes = unhex(text)?;
    let (nonce, sealed) = bytes.split_at_checked(12)?;
    let plain = cipher(cookie).decrypt(Nonce::from_slice(nonce), sealed).ok()?;
    PlainToken::parse(std::str::from_utf8(&plain).ok()?)
}
