//! A new token, a passphrase that was set for somebody, or a new calendar's address, for the next
//! page view, once: for forms that are posted without script. Tests: `desk/tests/desk/tokens.rs`,
//! `reveal.rs`, `notices/own.rs`, and by HTTP
//! `server/tests/server/people/{reveal,set_password}.rs`.
//!
//! It waits under the id of the session that it was made in. A session gets another id whenever a
//! password confirms it, while forms under the old one may still be on their way: so each new id
//! begins with the cookie of the old one, sealed, and whatever waits there is found from it.

use chacha20poly1305::aead::Aead;
use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit, Nonce};

use crate::engine::authz::permit::{Permit, right};
use crate::engine::desk::Desk;
use crate::engine::passwords::policy::may_be_generated;
use crate::engine::secret::{Cookie, PlainToken, Secret, fill_random, hex, sha256, unhex};
use crate::engine::sessions::unkept::KEPT_SECONDS;
use crate::engine::sessions::visitor::Visitor;
use crate::store::sessions::Sealed;
use crate::{Moment, NetId, Refusal, SessionId, TokenId, TokenView};

/// Under how many ids of one session is looked at most. Each but the first has cost its owner's
/// password.
const MAX_IDS: usize = 16;

/// How often is looked again where another view has taken something meanwhile.
const MAX_RACES: u32 = 20;

/// Before a passphrase, where it is sealed, and before whose it is: no token and no cookie begins
/// so.
const PASSPHRASE: &str = "passphrase";

/// Before the secret of a calendar's address, where it is sealed: the same holds.
const CALENDAR: &str = "calendar ";

/// What is sealed.
enum Kept {
    Token(PlainToken),
    /// The secret of the person's own calendar's address.
    Calendar(Secret),
    /// The initial local password of somebody else, who has this NetID.
    Passphrase(String, Secret),
    /// The session's cookie of before.
    Before(Cookie),
}

/// What waits in one place under one id of a session: in the store, or in this node's memory.
struct Place {
    id: SessionId,
    in_store: bool,
    whole: String,
    /// Each as it is sealed and as it is; without what cannot be opened.
    kept: Vec<(String, Kept)>,
}

/// What there is to show.
#[derive(Default)]
struct Shown {
    first: Option<(PlainToken, TokenView)>,
    /// What is no token of theirs.
    unknown: Vec<TokenId>,
}

impl Desk {
    /// Keeps a new token for the next page view of this session, for forms that are posted without
    /// script.
    ///
    /// Sealed with a key that only the cookie yields, and the store knows the cookie's hash only:
    /// who reads the store learns nothing.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`], also where so many wait that there is no room for another.
    pub async fn keep_for_reveal(
        &self,
        cookie: &Cookie,
        token: &PlainToken,
    ) -> Result<(), Refusal> {
        self.keep_sealed(cookie, token.expose()).await
    }

    /// Keeps the initial local password that was set for the permit's subject for the next view of
    /// their page, in the same way: whoever set it reads it out. Answers whether it is one that was
    /// generated; any other they have typed themselves, and is not shown.
    ///
    /// # Errors
    /// As [`Desk::keep_for_reveal`]; [`Refusal::UserUnknown`].
    pub async fn keep_passphrase_for_reveal(
        &self,
        permit: &Permit<right::SetLocalPassword>,
        cookie: &Cookie,
        words: &Secret,
    ) -> Result<bool, Refusal> {
        if !may_be_generated(words) {
            return Ok(false);
        }
        let netid = &permit.person().ok_or(Refusal::UserUnknown)?.netid;
        let text = Secret::new(format!("{PASSPHRASE} {netid} {}", words.expose()));
        self.keep_sealed(cookie, text.expose()).await?;
        Ok(true)
    }

    /// Keeps the secret of the visitor's new calendar's address for the next view of its page, in
    /// the same way.
    ///
    /// # Errors
    /// As [`Desk::keep_for_reveal`].
    pub async fn keep_calendar_for_reveal(
        &self,
        cookie: &Cookie,
        secret: &Secret,
    ) -> Result<(), Refusal> {
        let text = Secret::new(format!("{CALENDAR}{}", secret.expose()));
        self.keep_sealed(cookie, text.expose()).await
    }

    async fn keep_sealed(&self, cookie: &Cookie, secret: &str) -> Result<(), Refusal> {
        let text = seal(cookie, secret)?;
        let (now, until) = (self.now(), self.now().plus_seconds(KEPT_SECONDS));
        let kept = self.inner.store.keep_sealed(&cookie.id(), text.clone(), now, until).await;
        let sealed = Sealed { sealed: Some(text), sealed_until: Some(until.0) };
        match kept {
            Ok(true) => Ok(()),
            // As many wait as may: this one does not take the place of another.
            Ok(false) => Err(Refusal::Unavailable),
            Err(_) if self.inner.unkept.keep(cookie.id(), sealed, now) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes the kept token: the second time, or after a minute, there is none. Of several that
    /// were made at once in several tabs each view takes one, in the order in which they were made,
    /// under whichever id of the session. Where it fails it is still kept.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`]; [`Refusal::TokenUnknown`] where it is no token of theirs.
    pub async fn take_for_reveal(
        &self,
        visitor: &Visitor,
        cookie: &Cookie,
    ) -> Result<Option<(PlainToken, TokenView)>, Refusal> {
        for _ in 0..MAX_RACES {
            let places = self.waiting(cookie).await?;
            let Shown { first: Some((token, view)), unknown } =
                self.shown(visitor, &places).await?
            else {
                return Ok(None);
            };
            // Of several views at once one takes it, and it is this very one. What could not be
            // kept may be in the store all the same, where its answer was lost: it is taken out of
            // both, and who takes it out of the store shows it.
            let mut taken = None;
            for place in places.iter().filter(|place| place.holds(&token)) {
                let out = self.take_out(place, &token, &unknown).await?;
                taken = taken.or(Some(out));
            }
            if taken == Some(true) {
                return Ok(Some((token, view)));
            }
        }
        Ok(None)
    }

    /// Takes the passphrase that was set last for the person with this NetID, and all that were set
    /// for them before: the second time, or after a minute, there is none.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn take_passphrase_for_reveal(
        &self,
        cookie: &Cookie,
        netid: &NetId,
    ) -> Result<Option<Secret>, Refusal> {
        for _ in 0..MAX_RACES {
            // Under the newest id of the session first.
            let places = self.waiting(cookie).await?;
            let mut last = None;
            for place in &places {
                let Some(words) = place.passphrase(netid) else { continue };
                let left = place.without(|kept| kept.is_passphrase_of(netid));
                let taken = self.take(&place.id, place.in_store, &place.whole, left).await?;
                last = last.or_else(|| Some((words.clone(), taken)));
            }
            match last {
                None => return Ok(None),
                Some((words, true)) => return Ok(Some(words)),
                // Another view has taken it, or something else has come to wait there.
                Some((_, false)) => {}
            }
        }
        Ok(None)
    }

    /// Takes the secret of the calendar's address that was made last, and all before it: the second
    /// time, or after a minute, there is none.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn take_calendar_for_reveal(
        &self,
        cookie: &Cookie,
    ) -> Result<Option<Secret>, Refusal> {
        for _ in 0..MAX_RACES {
            let places = self.waiting(cookie).await?;
            let mut last = None;
            for place in &places {
                let Some(secret) = place.calendar() else { continue };
                let left = place.without(|kept| matches!(kept, Kept::Calendar(_)));
                let taken = self.take(&place.id, place.in_store, &place.whole, left).await?;
                last = last.or_else(|| Some((secret.clone(), taken)));
            }
            match last {
                None => return Ok(None),
                Some((secret, true)) => return Ok(Some(secret)),
                Some((_, false)) => {}
            }
        }
        Ok(None)
    }

    /// What waits under the session's id, and under those that it had before.
    async fn waiting(&self, cookie: &Cookie) -> Result<Vec<Place>, Refusal> {
        let (mut places, mut cookies) = (Vec::new(), vec![cookie.clone()]);
        let mut looked = 0;
        while let Some(cookie) = cookies.get(looked).filter(|_| looked < MAX_IDS).cloned() {
            let id = cookie.id();
            let stored = self.inner.store.sealed(&id).await?.map(|kept| (true, kept));
            let unkept = self.inner.unkept.get(&id).map(|kept| (false, kept));
            for (in_store, kept) in stored.into_iter().chain(unkept) {
                let Some(whole) = kept.sealed else { continue };
                let now = self.now();
                let waits = |until: Moment| {
                    now < until && until.plus_seconds(-KEPT_SECONDS).can_have_been(now)
                };
                if !kept.sealed_until.map(Moment).is_some_and(waits) {
                    // It has waited too long.
                    self.take(&id, in_store, &whole, None).await?;
                    continue;
                }
                let opened = whole
                    .split(' ')
                    .filter_map(|text| Some((text.to_owned(), open(&cookie, text)?)));
                let kept: Vec<(String, Kept)> = opened.collect();
                cookies.extend(kept.iter().filter_map(|(_, kept)| {
                    if let Kept::Before(before) = kept { Some(before.clone()) } else { None }
                }));
                places.push(Place { id: id.clone(), in_store, whole, kept });
            }
            looked += 1;
        }
        Ok(places)
    }

    /// The token that was made first of those that can be shown.
    async fn shown(&self, visitor: &Visitor, places: &[Place]) -> Result<Shown, Refusal> {
        let mut shown = Shown::default();
        // Of one moment, what waits under an id of before was there first.
        for token in places.iter().rev().flat_map(Place::tokens) {
            match self.own_token(visitor, &token.id()).await {
                Ok(view)
                    if shown
                        .first
                        .as_ref()
                        .is_none_or(|(_, earliest)| view.created < earliest.created) =>
                {
                    shown.first = Some((token.clone(), view));
                }
                Ok(_) => {}
                Err(Refusal::TokenUnknown) => shown.unknown.push(token.id()),
                Err(refusal) => return Err(refusal),
            }
        }
        if shown.first.is_none() && !shown.unknown.is_empty() {
            Err(Refusal::TokenUnknown)
        } else {
            Ok(shown)
        }
    }

    /// Takes a token out of a place, and what is `unknown`; answers whether all there was still as
    /// it was read.
    async fn take_out(
        &self,
        place: &Place,
        token: &PlainToken,
        unknown: &[TokenId],
    ) -> Result<bool, Refusal> {
        let left = place.without(|kept| match kept {
            Kept::Token(other) => other.id() == token.id() || unknown.contains(&other.id()),
            Kept::Calendar(_) | Kept::Passphrase(..) | Kept::Before(_) => false,
        });
        self.take(&place.id, place.in_store, &place.whole, left).await
    }

    async fn take(
        &self,
        id: &SessionId,
        in_store: bool,
        whole: &str,
        left: Option<String>,
    ) -> Result<bool, Refusal> {
        if in_store {
            return Ok(self.inner.store.take_sealed(id, whole, left).await?);
        }
        Ok(self.inner.unkept.take(id, whole, left))
    }
}

impl Place {
    fn tokens(&self) -> impl Iterator<Item = &PlainToken> {
        self.kept
            .iter()
            .filter_map(|(_, kept)| if let Kept::Token(token) = kept { Some(token) } else { None })
    }

    fn holds(&self, token: &PlainToken) -> bool {
        self.tokens().any(|kept| kept.id() == token.id())
    }

    /// The passphrase that was set last for the person with this NetID.
    fn passphrase(&self, netid: &NetId) -> Option<&Secret> {
        self.kept.iter().rev().find_map(|(_, kept)| match kept {
            Kept::Passphrase(of, words) if of == netid.as_str() => Some(words),
            _ => None,
        })
    }

    /// The secret of the calendar's address that was made last.
    fn calendar(&self) -> Option<&Secret> {
        self.kept.iter().rev().find_map(|(_, kept)| match kept {
            Kept::Calendar(secret) => Some(secret),
            _ => None,
        })
    }

    /// What is left once these are taken out, as it is sealed; none: nothing.
    fn without(&self, is_taken: impl Fn(&Kept) -> bool) -> Option<String> {
        let left = self.kept.iter().filter(|(_, kept)| !is_taken(kept));
        let left: Vec<&str> = left.map(|(text, _)| text.as_str()).collect();
        Some(left.join(" ")).filter(|left| !left.is_empty())
    }
}

impl Kept {
    fn is_passphrase_of(&self, netid: &NetId) -> bool {
        matches!(self, Self::Passphrase(of, _) if of == netid.as_str())
    }

    fn read(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix(PASSPHRASE) {
            let (of, words) = rest.strip_prefix(' ')?.split_once(' ')?;
            return Some(Self::Passphrase(of.to_owned(), Secret::new(words.to_owned())));
        }
        if let Some(secret) = text.strip_prefix(CALENDAR) {
            return Some(Self::Calendar(Secret::new(secret.to_owned())));
        }
        PlainToken::parse(text).map(Self::Token).or_else(|| Cookie::parse(text).map(Self::Before))
    }
}

/// Seals what nobody but the holder of the cookie may read.
pub(super) fn seal(cookie: &Cookie, secret: &str) -> Result<String, Refusal> {
    let mut nonce = [0_u8; 12];
    fill_random(&mut nonce);
    let sealed = cipher(cookie)
        .encrypt(Nonce::from_slice(&nonce), secret.as_bytes())
        .map_err(|_| Refusal::Unavailable)?;
    Ok(format!("{}{}", hex(&nonce), hex(&sealed)))
}

fn cipher(cookie: &Cookie) -> ChaCha20Poly1305 {
    // Apart from the session's id, which is the hash of the cookie alone.
    let key = sha256(format!("latchkey next view {}", cookie.expose()).as_bytes());
    ChaCha20Poly1305::new(Key::from_slice(&key))
}

fn open(cookie: &Cookie, text: &str) -> Option<Kept> {
    let bytes = unhex(text)?;
    let (nonce, sealed) = bytes.split_at_checked(12)?;
    let plain = cipher(cookie).decrypt(Nonce::from_slice(nonce), sealed).ok()?;
    Kept::read(std::str::from_utf8(&plain).ok()?)
}
