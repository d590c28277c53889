//! The doors of the command line: the operator, who has the store in hand, and people by their
//! local password (`--as NETID`). Tests: `desk/tests/desk/passwords.rs`.

use crate::engine::authz::permit::{Acting, Permit, Right};
use crate::engine::doors::Console;
use crate::engine::origin::Origin;
use crate::engine::secret::Secret;
use crate::rules::{Action, LocalState};
use crate::store::change::Change;
use crate::{Actor, Denied, NetId, Refusal};

impl Console {
    /// The operator's permit: who has the store in hand needs no role. What nobody may, the
    /// operator may not, and what a subject cannot have it does not get.
    ///
    /// # Errors
    /// [`Refusal::UserUnknown`]; [`Denied::NobodyEver`], [`Denied::SubjectDisabled`],
    /// [`Denied::SubjectNotPrivileged`]; [`Refusal::Unavailable`].
    pub async fn permit<R: Right>(&self, subject: &str) -> Result<Permit<R>, Refusal> {
        if matches!(R::ACTION, Action::MakeTokenFor | Action::ManageOwnTokens) {
            return Err(Denied::NobodyEver.into());
        }
        let netid = NetId::parse(subject)?;
        let user = self.inner.store.user(&netid).await?.ok_or(Refusal::UserUnknown)?;
        if R::ACTION == Action::SetLocalPassword {
            if user.person.disabled {
                return Err(Denied::SubjectDisabled.into());
            }
            if !user.person.privileged {
                return Err(Denied::SubjectNotPrivileged.into());
            }
        }
        Ok(Permit::new(Acting::Console, Some(user), &Origin::console(), self.now()))
    }

    /// A person's permit on the command line (`--as NETID`), by the rules and their own local
    /// password.
    ///
    /// # Errors
    /// As [`Desk::authorise`](crate::Desk::authorise); [`Refusal::UserUnknown`] also where nobody
    /// has the NetID of who would act.
    pub async fn permit_as<R: Right>(
        &self,
        netid: &str,
        own_password: &Secret,
        subject: Option<&str>,
        origin: &Origin,
    ) -> Result<Permit<R>, Refusal> {
        let netid = NetId::parse(netid)?;
        let actor = self.inner.store.user(&netid).await?.ok_or(Refusal::UserUnknown)?;
        if own_password.is_empty() {
            return Err(Refusal::OwnPasswordMissing);
        }
        // Until it is right, it is the operator who gives it. Who has none of their own is told so
        // by the rules.
        let check = || self.check_own_password(&actor, own_password, Actor::Console, origin);
        let (by, proved) = if actor.local.state == LocalState::Own {
            (Actor::from(&netid), Some(check().await?))
        } else {
            (Actor::Console, None)
        };
        let subject = self.allowed(&actor, by, R::ACTION, subject, origin).await?;
        let renewed_hash = match proved {
            Some(renewed_hash) => renewed_hash,
            None => check().await?,
        };
        if !renewed_hash.audit().is_empty() {
            // By itself: what follows may be nothing, or several changes.
            let unchanged = Change::default().only_if_unchanged(&actor.version());
            self.inner.store.commit(unchanged.with(renewed_hash), self.now()).await?;
        }
        Ok(Permit::new(Acting::Person(Box::new(actor)), subject, origin, self.now()))
    }
}
