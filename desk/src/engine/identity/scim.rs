//! People that an identity system pushes here (SCIM 2.0); whom it no longer has is out
//! ([`super::provision::departure`]); the last enabled administrator stays. Tests:
//! `desk/tests/desk/directory/pushed.rs`, and by HTTP `server/tests/server/scim/mod.rs`.

use std::time::Instant;

use crate::engine::accounts::words::{address_term, name_term};
use crate::engine::doors::{SourceDoor, source};
use crate::engine::identity::assertion::{Assertion, Overview};
use crate::engine::identity::decision::decide;
use crate::engine::identity::directory::ExternalIdentity;
use crate::engine::identity::page_cursor::PageCursor;
use crate::engine::identity::provision::{MAX_TRIES, Provision, departure};
use crate::engine::identity::push_error::{Loss, PushError};
use crate::engine::lock::lock;
use crate::engine::origin::Origin;
use crate::store::as_read::only_as_read;
use crate::store::change::Change;
use crate::store::identity::only_one_called;
use crate::store::provision;
use crate::store::rows::User;
use crate::{AuditAction, Moment, NameParts, NetId, Refusal, Source};

/// What an identity system says of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// Full name; none: the known one stays.
    pub name: Option<String>,
    /// The parts of the name; none: the known ones stay.
    pub name_parts: Option<NameParts>,
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
    /// Its parts, as the identity system has sent them.
    pub name_parts: NameParts,
    /// E-mail address, may be empty.
    pub email: String,
    /// What the identity system calls them.
    pub external_id: Option<String>,
    /// The groups that it has put them in, as they are compared ([`crate::same_name`]).
    pub groups: Vec<String>,
    /// Whether they are enabled.
    pub active: bool,
    /// When they were made here.
    pub created: Moment,
}

/// By what an identity system asks for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushedBy<'a> {
    /// What it calls them.
    ExternalId(&'a str),
    /// Their e-mail address.
    Email(&'a str),
    /// Their whole name.
    Name(&'a str),
}

/// How many people may be looked up by one of these.
const MAX_CALLED_SO: u32 = 1000;

impl From<User> for PushedUser {
    fn from(user: User) -> Self {
        Self {
            active: !user.person.disabled,
            netid: user.person.netid,
            name: user.name,
            name_parts: user.name_parts,
            email: user.email,
            external_id: user.external_id.filter(|id| !id.is_empty()),
            groups: user.pushed_groups.unwrap_or_default(),
            created: Moment(user.created),
        }
    }
}

impl SourceDoor<source::Scim> {
    /// The person with this NetID, unless they were deleted.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn pushed_user(&self, netid: &NetId) -> Result<Option<PushedUser>, Refusal> {
        Ok(self
            .inner
            .store
            .user(netid)
            .await?
            .filter(|user| user.source != Source::None)
            .map(PushedUser::from))
    }

    /// Those who may be meant, in no order, and perhaps some others whose names or addresses are
    /// spelt alike; none: they are too many.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn pushed_by(&self, by: PushedBy<'_>) -> Result<Option<Vec<PushedUser>>, Refusal> {
        let (store, limit) = (&self.inner.store, MAX_CALLED_SO);
        let users = match by {
            PushedBy::ExternalId(id) => store.users_by_external_id(id, limit).await?,
            PushedBy::Email(email) => store.users_of_term(&address_term(email), limit).await?,
            PushedBy::Name(name) => store.users_of_term(&name_term(name), limit).await?,
        };
        let are_all = users.len() < limit as usize;
        let seen = users.into_iter().filter(|user| user.source != Source::None);
        Ok(are_all.then(|| seen.map(PushedUser::from).collect()))
    }

    /// At most `limit` people after the one with this NetID (empty: from the first), in the order
    /// of their NetIDs.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn pushed_after(&self, after: &str, limit: u32) -> Result<Vec<PushedUser>, Refusal> {
        // A record id cannot be empty; every NetID comes after a hyphen.
        let after = if after.is_empty() { "-" } else { after };
        Ok(self
            .inner
            .store
            .not_deleted_after(after, limit)
            .await?
            .into_iter()
            .map(PushedUser::from)
            .collect())
    }

    /// How many people there are, and at most `limit` of them after the first `skipped`, in the
    /// order of their NetIDs. Who reads page after page is told the number that there were at the
    /// first one, for a minute; and of very many whoever begins anew, until it makes or deletes
    /// somebody here: counting them takes a moment.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn pushed_users(
        &self,
        skipped: u32,
        limit: u32,
    ) -> Result<(u64, Vec<PushedUser>), Refusal> {
        let store = &self.inner.store;
        let before = lock(&self.inner.page_cursor).clone();
        let (mut cursor, users) = match before {
            Some(cursor) if cursor.goes_on_at(skipped) => {
                let users = store.not_deleted_after(&cursor.last, limit).await?;
                (cursor, users)
            }
            before => {
                let cursor = match before.filter(PageCursor::is_count_good) {
                    Some(cursor) => cursor,
                    None => PageCursor {
                        at: Instant::now(),
                        total: store.count_not_deleted().await?,
                        is_outdated: false,
                        next: 0,
                        last: String::new(),
                    },
                };
                (cursor, store.not_deleted_from(skipped, limit).await?)
            }
        };
        let total = cursor.total;
        if let Some(last) = users.last() {
            cursor.next = skipped.saturating_add(u32::try_from(users.len()).unwrap_or(u32::MAX));
            last.person.netid.as_str().clone_into(&mut cursor.last);
        }
        *lock(&self.inner.page_cursor) = Some(cursor);
        Ok((total, users.into_iter().map(PushedUser::from).collect()))
    }

    /// Makes a person that an identity system pushes.
    ///
    /// # Errors
    /// [`PushError::Exists`], [`PushError::CalledSo`], [`PushError::Refused`].
    pub async fn push_new(
        &self,
        netid: &NetId,
        push: &Push,
        origin: &Origin,
    ) -> Result<PushedUser, PushError> {
        let mut tries = 0;
        loop {
            let known = self.inner.store.user(netid).await.map_err(Refusal::from)?;
            if known.as_ref().is_some_and(|user| user.source != Source::None) {
                return Err(PushError::Exists);
            }
            self.settings().reserved_netids.check(netid, known.as_ref(), Source::Scim)?;
            match self.pushed(netid, known, push, origin).await {
                // Somebody else made them at this moment, perhaps.
                Err(error) if error.is_overtaken() && tries < MAX_TRIES => tries += 1,
                pushed => {
                    self.outdate_count();
                    return pushed;
                }
            }
        }
    }

    /// Makes a person as an identity system says: whoever is not active has left.
    ///
    /// # Errors
    /// [`PushError::Unknown`], [`PushError::Own`], [`PushError::CalledSo`],
    /// [`PushError::TooManyLeaving`], [`PushError::LastAdministrator`], [`PushError::Refused`].
    pub async fn push(
        &self,
        netid: &NetId,
        push: &Push,
        origin: &Origin,
    ) -> Result<PushedUser, PushError> {
        self.push_by(netid, origin, |_| Ok::<_, PushError>(push.clone())).await
    }

    /// The same of what is said by who they are: where somebody else changes them at the same
    /// moment, it is said anew of who they are then.
    ///
    /// # Errors
    /// As [`SourceDoor::push`], and what `says` answers.
    pub async fn push_by<E: From<PushError>>(
        &self,
        netid: &NetId,
        origin: &Origin,
        mut says: impl FnMut(&PushedUser) -> Result<Push, E> + Send,
    ) -> Result<PushedUser, E> {
        let mut tries = 0;
        loop {
            let known = self.seen(netid).await?;
            let push = says(&PushedUser::from(known.clone()))?;
            let known = may_be_pushed(known)?;
            match self.pushed(netid, Some(known), &push, origin).await {
                Err(error) if error.is_overtaken() && tries < MAX_TRIES => tries += 1,
                pushed => return pushed.map_err(E::from),
            }
        }
    }

    /// Deletes a person for the identity system: they have left, and it sees them no more.
    ///
    /// # Errors
    /// [`PushError::Unknown`], [`PushError::Own`], [`PushError::TooManyLeaving`],
    /// [`PushError::LastAdministrator`], [`PushError::Refused`].
    pub async fn push_out(&self, netid: &NetId, origin: &Origin) -> Result<(), PushError> {
        let mut tries = 0;
        loop {
            let known = may_be_pushed(self.seen(netid).await?)?;
            let left = self.leave(netid, Some(&known), origin).await?;
            let out = only_as_read(netid, Some(&known)).with(left).with(provision::delete(netid));
            match self.commit_push((netid, &Loss::Account), out, origin).await {
                Err(error) if error.is_overtaken() && tries < MAX_TRIES => tries += 1,
                out => {
                    self.outdate_count();
                    return out;
                }
            }
        }
    }

    /// Lets people be counted anew for the next who begins to read them.
    fn outdate_count(&self) {
        if let Some(cursor) = lock(&self.inner.page_cursor).as_mut() {
            cursor.is_outdated = true;
        }
    }

    /// Whoever has this NetID, unless they were deleted.
    async fn seen(&self, netid: &NetId) -> Result<User, PushError> {
        let known = self.inner.store.user(netid).await.map_err(Refusal::from)?;
        known.filter(|user| user.source != Source::None).ok_or(PushError::Unknown)
    }

    /// Makes `known` as an identity system says, only if they are still as they were known.
    async fn pushed(
        &self,
        netid: &NetId,
        known: Option<User>,
        push: &Push,
        origin: &Origin,
    ) -> Result<PushedUser, PushError> {
        // Whoever comes again is in the groups that they were in; who is deleted was taken out of
        // them.
        let groups = known.as_ref().and_then(|user| user.pushed_groups.clone());
        let groups = groups.filter(|_| self.settings().scim_groups && push.active != Some(false));
        let who = ExternalIdentity {
            netid: netid.to_string(),
            name: push.name.clone(),
            email: push.email.clone(),
            groups,
            id: None,
        };
        let assertion = Assertion {
            who: &who,
            source: Source::Scim,
            external_id: push.external_id.as_deref(),
            name_parts: push.name_parts.as_ref(),
            pushed_groups: None,
            active: push.active,
            overview: Overview::OnePerson,
        };
        let person = decide(netid, known.as_ref(), &assertion, &self.provision_rules());
        let provision = Provision::by(Source::Scim).with(&person, origin).change(self.now());
        // Whom an administrator has disabled loses the rest, too.
        let leaves = push.active == Some(false)
            && known.as_ref().is_none_or(|user| !user.is_gone_by(Source::Scim));
        let departure =
            if leaves { Some(self.leave(netid, known.as_ref(), origin).await?) } else { None };
        let change = match (provision, departure) {
            (Some(provision), Some(departure)) => provision.with(departure),
            (Some(provision), None) => provision,
            (None, Some(departure)) => only_as_read(netid, known.as_ref()).with(departure),
            (None, None) => return self.pushed_user(netid).await?.ok_or(PushError::Unknown),
        };
        let change = match called_anew(known.as_ref(), push) {
            Some(id) => change.with(only_one_called(netid, id)),
            None => change,
        };
        self.commit_push((netid, &Loss::Account), change, origin).await?;
        // It is done, and nobody may be told that nothing was changed.
        let done = |_| Refusal::outcome_not_known(AuditAction::UserUpdate);
        self.pushed_user(netid).await.map_err(done)?.ok_or(PushError::Unknown)
    }

    /// What has to be written where an identity system no longer has somebody: of those who lose
    /// something by it there are not more in an hour than it may take away.
    async fn leave(
        &self,
        netid: &NetId,
        known: Option<&User>,
        origin: &Origin,
    ) -> Result<Change, Refusal> {
        let departure = departure(std::slice::from_ref(netid), Source::Scim, self.now(), origin);
        let loses = known.is_some_and(|user| !user.person.disabled);
        let leaver = std::slice::from_ref(netid);
        Ok(if loses { self.few_enough_leave(leaver, 0).await?.with(departure) } else { departure })
    }
}

/// Those whom an identity system may change: others are kept at the desk itself.
fn may_be_pushed(known: User) -> Result<User, PushError> {
    if !known.is_kept_here() {
        return Ok(known);
    }
    let has_password = known.netid_hash.is_some();
    Err(PushError::Own { netid: known.person.netid, has_password })
}

/// What an identity system calls somebody who is there, where it has not called them so before, or
/// they were not there.
fn called_anew<'a>(known: Option<&'a User>, push: &'a Push) -> Option<&'a str> {
    let before = known.and_then(|user| user.external_id.as_deref()).unwrap_or_default();
    let is_there = known.is_some_and(|user| !user.person.disabled);
    let called = push.external_id.as_deref().unwrap_or(before);
    let stays = push.active.unwrap_or(is_there);
    (stays && !called.is_empty() && (called != before || !is_there)).then_some(called)
}
