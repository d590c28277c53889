use super::gate::Actor;
use super::people::find_user;
use super::{Desk, Origin, Permit, Secret};
use crate::rules::Action;
use crate::{Denied, NetId, Refusal};

impl Desk {
    /// The operator's permit: who has the store in hand needs no role. What nobody may, the operator may not, and what a
    /// subject cannot have it does not get.
    ///
    /// # Errors
    /// [`Refusal::UserUnknown`]; [`Denied::NobodyEver`], [`Denied::SubjectDisabled`], [`Denied::SubjectNotPrivileged`];
    /// [`Refusal::Unavailable`].
    pub async fn console_permit(&self, action: Action, subject: &str) -> Result<Permit, Refusal> {
        if matches!(action, Action::MakeTokenFor | Action::ManageOwnTokens) {
            return Err(Denied::NobodyEver.into());
        }
        let netid = NetId::parse(subject)?;
        let user = find_user(&self.inner.store, &netid).await?.ok_or(Refusal::UserUnknown)?;
        if action == Action::SetLocalPassword {
            if user.person.disabled {
                return Err(Denied::SubjectDisabled.into());
            }
            if !user.person.privileged {
                return Err(Denied::SubjectNotPrivileged.into());
            }
        }
        Ok(Permit::new(Actor::Console, action, Some(user)))
    }

    /// A person's permit on the command line (`--as NETID`), by the rules and their own local password.
    ///
    /// # Errors
    /// As [`Desk::authorise`]; [`Refusal::OwnPasswordIncorrect`] also where there is no such person.
    pub async fn permit_as(
        &self,
        netid: &str,
        own_password: &Secret,
        action: Action,
        subject: Option<&str>,
        origin: &Origin,
    ) -> Result<Permit, Refusal> {
        let netid = NetId::parse(netid)?;
        let actor = find_user(&self.inner.store, &netid).await?.ok_or(Refusal::UserUnknown)?;
        let subject = self.allowed(&actor, action, subject, origin).await?;
        if own_password.is_empty() {
            return Err(Refusal::OwnPasswordMissing);
        }
        self.check_own_password(&actor, own_password, Refusal::OwnPasswordIncorrect, origin).await?;
        Ok(Permit::new(Actor::Person(Box::new(actor)), action, subject))
    }
}
