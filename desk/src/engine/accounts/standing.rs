//! How it stands with somebody's local password beside what their own row says: whether it is
//! closed, and whom they ask for help. Tests: `desk/tests/desk/standing.rs`.

use std::collections::HashSet;

use crate::engine::authz::permit::{Permit, Right, right};
use crate::engine::desk::Desk;
use crate::engine::passwords::count::Rule;
use crate::engine::passwords::source::local_key;
use crate::engine::passwords::throttle::is_closed;
use crate::engine::sessions::visitor::Visitor;
use crate::rules::{LocalState, Person};
use crate::store::rows::User;
use crate::{Denied, Helper, NetId, Refusal, UserPage};

/// How it stands with a local password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// It is closed after too many wrong ones.
    pub closed: bool,
    /// Whom its owner asks for what they cannot do for themselves.
    pub ask: Helper,
}

/// What keeps a local password that is set for somebody from being used: one that is closed stays
/// so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hurdle {
    /// Nothing.
    None,
    /// It is closed after too many wrong ones. Whoever sets it may open it.
    MayOpen,
    /// It is closed, and for somebody else to open.
    MayNotOpen,
}

impl Hurdle {
    fn of(closed: bool, may_open: bool) -> Self {
        match (closed, may_open) {
            (false, _) => Self::None,
            (true, true) => Self::MayOpen,
            (true, false) => Self::MayNotOpen,
        }
    }
}

impl From<&UserPage> for Hurdle {
    fn from(page: &UserPage) -> Self {
        Self::of(page.closed, page.open_denied.is_none())
    }
}

impl Desk {
    /// What keeps a local password from being used that is about to be set: asked before, since
    /// afterwards the store's silence would be taken for the change's.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`], [`Refusal::UserUnknown`].
    pub async fn hurdle(
        &self,
        permit: &Permit<right::SetLocalPassword>,
    ) -> Result<Hurdle, Refusal> {
        let person = permit.person().ok_or(Refusal::UserUnknown)?;
        let closed = is_closed(&self.inner.store, &person.netid).await?;
        Ok(Hurdle::of(closed, permit.also_allows::<right::OpenAccount>()))
    }

    /// Whether anything lets the permit's subject log in: a NetID password that is kept here, or
    /// the campus's word, where it is heard at all (`vouched`: a provider's or a proxy's is) and
    /// they are no account of the desk's own that it does not open.
    #[must_use]
    pub fn can_log_in<R: Right>(&self, permit: &Permit<R>, vouched: bool) -> bool {
        let campus = vouched || self.inner.directory.is_some();
        permit
            .subject()
            .is_some_and(|user| user.netid_hash.is_some() || campus && !user.is_guarded())
    }

    /// How it stands with the visitor's local password.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn standing(&self, visitor: &Visitor) -> Result<Standing, Refusal> {
        let person = visitor.person();
        let closed =
            person.local != LocalState::None && is_closed(&self.inner.store, &person.netid).await?;
        // Whoever needs no help is not looked for a helper for.
        let ask = if closed || person.local != LocalState::Own || !person.privileged {
            self.whom_to_ask(person).await?
        } else {
            Helper::of(person.role)
        };
        Ok(Standing { closed, ask })
    }

    /// Whom a person asks who cannot help themselves: where no other administrator could help one,
    /// whoever runs the server.
    pub(crate) async fn whom_to_ask(&self, person: &Person) -> Result<Helper, Refusal> {
        match Helper::of(person.role) {
            Helper::AnotherAdministrator => self.another_administrator(&person.netid).await,
            helper => Ok(helper),
        }
    }

    /// A refusal by the rules, which do not know whether there is another administrator.
    pub(crate) async fn naming_helper(
        &self,
        actor: &NetId,
        denied: Denied,
    ) -> Result<Denied, Refusal> {
        match denied.ask() {
            Some(Helper::AnotherAdministrator) => {
                Ok(denied.asking(self.another_administrator(actor).await?))
            }
            _ => Ok(denied),
        }
    }

    async fn another_administrator(&self, netid: &NetId) -> Result<Helper, Refusal> {
        let able = self.inner.store.able_administrators(2).await?;
        Ok(if able.iter().any(|other| other != netid.as_str()) {
            Helper::AnotherAdministrator
        } else {
            Helper::Operator
        })
    }

    /// What is said where a password is asked for and none was given: where it is closed, none
    /// helps.
    pub(crate) async fn none_given(
        &self,
        person: &Person,
        missing: Refusal,
    ) -> Result<Refusal, Refusal> {
        if is_closed(&self.inner.store, &person.netid).await? {
            return Ok(Refusal::AccountClosed(self.whom_to_ask(person).await?));
        }
        Ok(missing)
    }

    /// Whose local passwords of these are closed.
    pub(crate) async fn closed_of(&self, users: &[User]) -> Result<HashSet<NetId>, Refusal> {
        let keys: Vec<String> = users.iter().map(|user| local_key(&user.person.netid)).collect();
        let counts = self.inner.store.failures(&keys).await?;
        let closed = users
            .iter()
            .zip(counts)
            .filter(|(_, count)| count.is_some_and(|count| Rule::Local.is_closed(count.failures)));
        Ok(closed.map(|(user, _)| user.person.netid.clone()).collect())
    }
}
