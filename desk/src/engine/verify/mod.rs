//! Whether a presented token is good now (DESIGN.md 5): from the cache, else from the store.

mod cache;
mod clock;
mod judge;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::people::{UserError, find_user};
use super::secret::hex;
use super::store::rows::TokenRecord;
use super::store::{StoreError, vars};
use super::{Change, Desk, PlainToken, Quiet};
use crate::{Access, Moment, NetId, Refusal, Role};
pub(super) use cache::Cache;
use cache::Cached;
pub(super) use clock::Id;
pub(super) use judge::Known;
use judge::judge;

/// A store that has not answered after this long cannot be asked. Proxies give up after seconds, too.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// A line a second while the store is away: each of thousands of requests would write one.
static OUTAGES: Quiet = Quiet::new(1);

/// How often the store is read again when somebody changes something meanwhile.
const READINGS: u32 = 5;

/// The request that an application asks about.
#[derive(Clone, Copy, Debug)]
pub struct VerifyRequest<'a> {
    /// Its method (of the original request, where a proxy asks).
    pub method: &'a str,
    /// The client's address; none where the application does not say: a token bound to networks is then forbidden.
    pub address: Option<IpAddr>,
}

/// Who a token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// The owner.
    pub netid: NetId,
    /// Their full name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// Their role.
    pub role: Role,
    /// The first 16 hex digits of the token's id.
    pub token: String,
    /// The token's id.
    pub id: String,
    /// What the token is for.
    pub description: String,
    /// Full or read only.
    pub access: Access,
    /// When it was made.
    pub created: Moment,
    /// When it expires; none: never.
    pub expires: Option<Moment>,
}

/// Whether a presented token is good now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Good, for this person.
    Good(Good),
    /// Not good. The reason is for the log and the metrics only: from outside all look the same.
    Refused(&'static str),
    /// Good, but its access or its networks forbid this request.
    Forbidden(&'static str),
    /// The store cannot say.
    Unavailable,
}

/// A good token's [`Pass`]. Cheap to clone.
#[derive(Clone)]
pub struct Good(Arc<Known>);

impl std::ops::Deref for Good {
    type Target = Pass;
    fn deref(&self) -> &Pass {
        &self.0.pass
    }
}

impl std::fmt::Debug for Good {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.pass.fmt(f)
    }
}

impl PartialEq for Good {
    fn eq(&self, other: &Self) -> bool {
        self.0.pass == other.0.pass
    }
}

impl Eq for Good {}

impl Desk {
    /// Whether `token`, as presented, is good for `request`, and for whom (DESIGN.md 5). `user` is the name it was
    /// presented with, if any: it must be the owner's.
    pub async fn verify(&self, token: &str, user: Option<&str>, request: &VerifyRequest<'_>) -> Verdict {
        let Some(id) = PlainToken::hash_presented(token) else { return Verdict::Refused("malformed") };
        let now = self.now();
        let known = match self.inner.store.cache.get(&id, now) {
            Some(Cached::Known(known)) => Some(known),
            Some(Cached::Unknown) => None,
            None => match tokio::time::timeout(PATIENCE, self.look_up(id)).await {
                Ok(Ok(known)) => known,
                Ok(Err(error)) => return unavailable(&error),
                Err(_) => return unavailable(&StoreError::Silent),
            },
        };
        let verdict = judge(known.as_ref(), user, request, now);
        if let Verdict::Good(pass) = &verdict
            && self.inner.uses.note(id, &pass.0, now, request.address)
        {
            self.inner.news.tell(Change::Tokens(pass.netid.to_string()));
        }
        verdict
    }

    /// What the store knows of the token, for the cache too. Read again where something changed meanwhile, so that what
    /// was true before a change is not told after it.
    async fn look_up(&self, id: Id) -> Result<Option<Arc<Known>>, StoreError> {
        let cache = &self.inner.store.cache;
        let mut readings = 0;
        loop {
            let reading = cache.reading();
            let read = self.read(&hex(&id)).await?;
            readings += 1;
            let (known, holds) = cache.put(id, read, reading, self.now());
            if holds || readings == READINGS {
                return Ok(known);
            }
        }
    }

    /// The token's row and its owner's. An unknown token costs the second look-up too.
    async fn read(&self, id: &str) -> Result<Option<Known>, StoreError> {
        let store = &self.inner.store;
        let row: Option<TokenRecord> = store.row("SELECT * FROM type::record('token', $id)", vars! { "id" => id.to_owned() }).await?;
        let owner = row.as_ref().map_or("0", |row| row.owner.as_str());
        let Ok(owner) = NetId::parse(owner) else { return Ok(None) };
        let owner = match find_user(store, &owner).await {
            Ok(user) => user,
            Err(UserError::Store(error)) => return Err(error),
            Err(UserError::Broken) => None,
        };
        Ok(row.zip(owner).map(|(row, owner)| Known::new(row, owner)))
    }
}

/// The store cannot be asked, and the log says why.
fn unavailable(error: &StoreError) -> Verdict {
    if let Some(left_out) = OUTAGES.may_speak() {
        tracing::error!(%error, left_out, "verify: nobody is let in");
    }
    Verdict::Unavailable
}

impl From<UserError> for Refusal {
    fn from(error: UserError) -> Self {
        match error {
            UserError::Store(error) => error.into(),
            UserError::Broken => Self::Unavailable,
        }
    }
}
