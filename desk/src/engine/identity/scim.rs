//! People that an identity system pushes here (SCIM 2.0).

use std::time::Instant;

use crate::engine::identity::page_cursor::PageCursor;
use crate::Source;

use surrealdb::types::SurrealValue;

use crate::engine::desk::Desk;
use crate::engine::identity::directory::ExternalIdentity;
use crate::engine::identity::provision::{Assertion, Provision, leaving};
use crate::engine::lock::lock;
use crate::engine::origin::Origin;
use crate::store::change::Change;
use crate::store::rows::{User, UserRecord};
use crate::store::vars::vars;
use crate::{Moment, NetId, Refusal};

/// What an identity system says of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// Full name; none: the known one stays.
    pub name: Option<String>,
    /// E-mail address; none: the known one stays.
    pub email: Option<String>,
    /// What it calls them.
    pub external_id: Option<String>,
    /// Whether they are there, or have left; none: as it is.
    pub active: Option<bool>,
}

/// A person as an identity system sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedUser {
    /// NetID.
    pub netid: NetId,
    /// Full name.
    pub name: String,
    /// E-mail address, may be empty.
    pub email: String,
    /// What the identity system calls them.
    pub external_id: Option<String>,
    /// Whether they are enabled.
    pub active: bool,
    /// When they were made here.
    pub created: Moment,
}

/// Why somebody was not pushed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// There is somebody with that NetID already.
    #[error("there is somebody with that NetID already")]
    Exists,
    /// There is nobody with that NetID.
    #[error("there is nobody with that NetID")]
    Unknown,
    /// They have a NetID password at the desk itself: they are nobody else's to change.
    #[error("this account is kept at the desk itself")]
    Own,
    /// The store.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl From<User> for PushedUser {
    fn from(user: User) -> Self {
        Self {
            active: !user.person.disabled,
            netid: user.person.netid,
            name: user.name,
            email: user.email,
            external_id: user.external_id.filter(|id| !id.is_empty()),
            created: Moment(user.created),
        }
    }
}

#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct Count {
    n: i64,
}

impl Desk {
    /// The person with this NetID, unless they were deleted.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn pushed_user(&self, netid: &NetId) -> Result<Option<PushedUser>, Refusal> {
        Ok(self.inner.store.user(netid).await?.filter(|user| user.source != Source::None).map(PushedUser::from))
    }

    /// How many people there are, and `most` of them after the first `skipped`, in the order of their NetIDs. Who reads page after
    /// page is told the number that there were at the first one, for a minute.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn pushed_users(&self, skipped: u32, most: u32) -> Result<(u64, Vec<PushedUser>), Refusal> {
        let deleted = || vars! { "deleted" => Source::None.code().to_owned() };
        let before = lock(&self.inner.page_cursor).clone().filter(|cursor| cursor.goes_on_at(skipped));
        let (mut cursor, sql, start) = match before {
            // A range of record ids costs the same wherever it begins.
            Some(cursor) => {
                let sql = "SELECT * FROM type::record('user', $above>..) WHERE source != $deleted LIMIT $most";
                let above = cursor.above.clone();
                (cursor, sql, vars! { "above" => above })
            }
            None => {
                let sql = "SELECT count() AS n FROM user WHERE source != $deleted GROUP ALL";
                let count: Option<Count> = self.inner.store.row(sql, deleted()).await?;
                let total = count.map_or(0, |count| u64::try_from(count.n).unwrap_or(0));
                let sql = "SELECT * FROM user WHERE source != $deleted ORDER BY id LIMIT $most START $skipped";
                let cursor = PageCursor { at: Instant::now(), total, next: skipped, above: String::new() };
                (cursor, sql, vars! { "skipped" => i64::from(skipped) })
            }
        };
        let mut values = deleted();
        values.extend(start);
        values.extend(vars! { "most" => i64::from(most) });
        let rows: Vec<UserRecord> = self.inner.store.rows(sql, values).await?;
        let users = rows.into_iter().map(User::try_from).collect::<Result<Vec<_>, _>>()?;
        let total = cursor.total;
        if let Some(last) = users.last() {
            cursor.next = skipped.saturating_add(u32::try_from(users.len()).unwrap_or(u32::MAX));
            last.person.netid.as_str().clone_into(&mut cursor.above);
            *lock(&self.inner.page_cursor) = Some(cursor);
        }
        Ok((total, users.into_iter().map(PushedUser::from).collect()))
    }

    /// Makes a person that an identity system pushes.
    ///
    /// # Errors
    /// [`PushError::Exists`], [`PushError::Refused`].
    pub async fn push_new(&self, netid: &NetId, push: &Push, origin: &Origin) -> Result<PushedUser, PushError> {
        let known = self.inner.store.user(netid).await.map_err(Refusal::from)?;
        if known.as_ref().is_some_and(|user| user.source != Source::None) {
            return Err(PushError::Exists);
        }
        self.pushed(netid, known, push, origin).await
    }

    /// Makes a person as an identity system says: whoever is not active has left.
    ///
    /// # Errors
    /// [`PushError::Unknown`], [`PushError::Own`], [`PushError::Refused`].
    pub async fn push(&self, netid: &NetId, push: &Push, origin: &Origin) -> Result<PushedUser, PushError> {
        let known = self.pushable(netid).await?;
        self.pushed(netid, Some(known), push, origin).await
    }

    /// Deletes a person for the identity system: they have left, and it sees them no more.
    ///
    /// # Errors
    /// [`PushError::Unknown`], [`PushError::Own`], [`PushError::Refused`].
    pub async fn push_out(&self, netid: &NetId, origin: &Origin) -> Result<(), PushError> {
        self.pushable(netid).await?;
        let forget = Change::new(
            "UPDATE type::record('user', $netid) SET source = $deleted, external_id = NONE",
            vars! { "netid" => netid.as_str().to_owned(), "deleted" => Source::None.code().to_owned() },
        );
        let change = leaving(std::slice::from_ref(netid), Source::Scim, None, self, origin).with(forget);
        Ok(self.inner.store.commit(change, self.now()).await.map_err(Refusal::from)?)
    }

    async fn pushable(&self, netid: &NetId) -> Result<User, PushError> {
        let known = self.inner.store.user(netid).await.map_err(Refusal::from)?;
        let known = known.filter(|user| user.source != Source::None).ok_or(PushError::Unknown)?;
        if known.netid_hash.is_some() { Err(PushError::Own) } else { Ok(known) }
    }

    async fn pushed(&self, netid: &NetId, known: Option<User>, push: &Push, origin: &Origin) -> Result<PushedUser, PushError> {
        let who = ExternalIdentity { netid: netid.to_string(), name: push.name.clone(), email: push.email.clone(), groups: None };
        let said = Assertion { who: &who, source: Source::Scim, external_id: push.external_id.as_deref(), active: push.active, guarded: false };
        let mut provision = Provision::default();
        provision.person(self, netid, known.as_ref(), &said, origin);
        // Whom an administrator has disabled loses the rest, too.
        let leaves = push.active == Some(false) && known.as_ref().is_none_or(|user| !user.is_gone_by(Source::Scim));
        let leaving = leaves.then(|| leaving(std::slice::from_ref(netid), Source::Scim, None, self, origin));
        let change = match (provision.change(self), leaving) {
            (Some(change), Some(leaving)) => Some(change.with(leaving)),
            (change, leaving) => change.or(leaving),
        };
        if let Some(change) = change {
            self.inner.store.commit(change, self.now()).await.map_err(Refusal::from)?;
        }
        self.pushed_user(netid).await?.ok_or(PushError::Unknown)
    }
}
