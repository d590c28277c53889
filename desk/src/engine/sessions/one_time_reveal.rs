//! A new token for the next page view, once: for forms that are posted without script.

use chacha20poly1305::aead::Aead;
use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit, Nonce};

use crate::engine::desk::Desk;
use crate::engine::secret::{Cookie, PlainToken, fill_random, hex, sha256, unhex};
use crate::engine::sessions::visitor::Visitor;
use crate::{Refusal, TokenView};

/// How long a new token waits for the next page view, in seconds: after that nobody is shown it.
const KEPT_SECONDS: i64 = 60;

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
        Ok(self.inner.store.keep_sealed(&cookie.id(), text, self.now().plus_seconds(KEPT_SECONDS)).await?)
    }

    /// Takes the kept token: the second time, or after a minute, there is none.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn take_for_reveal(&self, visitor: &Visitor, cookie: &Cookie) -> Result<Option<(PlainToken, TokenView)>, Refusal> {
        let taken = self.inner.store.take_sealed(&cookie.id()).await?;
        let fresh = taken.filter(|row| row.sealed_until.is_some_and(|until| self.now().0 < until)).and_then(|row| row.sealed);
        let Some(token) = fresh.and_then(|text| open(cookie, &text)) else { return Ok(None) };
        let view = self.own_token(visitor, &token.id()).await?;
        Ok(Some((token, view)))
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
