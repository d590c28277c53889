//! The gates: a person in a session, and what the rules let them do ([`crate::rules::check`]). Each
//! refusal has its audit row. Tests: `desk/tests/desk/{accounts,confirmation}.rs`, and by HTTP
//! `server/tests/server/people/functions.rs`.

use crate::engine::audit::entry::{entry, own_entry};
use crate::engine::authz::permit::{Acting, Permit, Right};
use crate::engine::desk::Desk;
use crate::engine::origin::Origin;
use crate::engine::secret::Secret;
use crate::engine::sessions::visitor::Visitor;
use crate::rules::{self, Action};
use crate::store::change::Change;
use crate::store::error::{Condition, StoreError};
use crate::store::rows::User;
use crate::{Actor, AuditAction, Denied, NetId, Refusal};

impl Desk {
    /// Whether the rules let the visitor do `R` to `subject` (a NetID as typed; none: themselves or
    /// nobody).
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`], which is audited; [`Refusal::UserUnknown`];
    /// [`Refusal::Unavailable`].
    pub async fn admit<R: Right>(
        &self,
        visitor: &Visitor,
        subject: Option<&str>,
        origin: &Origin,
    ) -> Result<Permit<R>, Refusal> {
        let by = visitor.netid().into();
        let subject = self.allowed(&visitor.user, by, R::ACTION, subject, origin).await?;
        Ok(Permit::new(Acting::Visitor(Box::new(visitor.clone())), subject, origin, self.now()))
    }

    /// As [`Desk::admit`], and for actions that take it the visitor's own local password, or a
    /// session confirmed minutes ago.
    ///
    /// # Errors
    /// As [`Desk::admit`], and [`Refusal::OwnPasswordMissing`], [`Refusal::OwnPasswordIncorrect`],
    /// [`Refusal::TooManyAttempts`], [`Refusal::AccountClosed`].
    pub async fn authorise<R: Right>(
        &self,
        visitor: &Visitor,
        subject: Option<&str>,
        own_password: Option<&Secret>,
        origin: &Origin,
    ) -> Result<Permit<R>, Refusal> {
        let permit = self.admit::<R>(visitor, subject, origin).await?;
        if !R::ACTION.takes_own_password() {
            return Ok(permit);
        }
        match own_password.filter(|password| !password.is_empty()) {
            None if visitor.confirmed_until().is_some() => Ok(permit),
            None => Err(self.none_given(visitor.person(), Refusal::OwnPasswordMissing).await?),
            Some(password) => self.confirm(permit, visitor, password, origin).await,
        }
    }

    /// Confirms the visitor's session by their local password, and answers the permit with its new
    /// id.
    ///
    /// A session that another tab has confirmed meanwhile is not replaced twice: the password pays
    /// for this one action, under the old id, for as long as the session goes on.
    async fn confirm<R: Right>(
        &self,
        permit: Permit<R>,
        visitor: &Visitor,
        password: &Secret,
        origin: &Origin,
    ) -> Result<Permit<R>, Refusal> {
        let renewed_hash = self
            .check_own_password(&visitor.user, password, visitor.netid().into(), origin)
            .await?;
        let (cookie, renewal) = self.renewed(visitor)?;
        // The password that was looked at may have been changed while it was hashed: it confirms
        // nothing then.
        let premised = Change::default()
            .only_in_session(&visitor.session_id(), self.now())
            .only_if_unchanged(&visitor.user.version());
        let change = premised.with(renewed_hash).with(renewal);
        let confirmed = own_entry(visitor.netid(), AuditAction::SessionConfirm, origin);
        match self.inner.store.commit(change.audited(confirmed), self.now()).await {
            Ok(()) => Ok(permit.with_cookie(cookie)),
            Err(StoreError::Condition(Condition::SessionReplaced)) => Ok(permit),
            Err(error) => Err(error.into()),
        }
    }

    /// The rules alone, for any person who acts. Answers the subject's present row. `by`: who it is
    /// that acts, as far as that is proved, in the audit.
    pub(super) async fn allowed(
        &self,
        actor: &User,
        by: Actor,
        action: Action,
        subject: Option<&str>,
        origin: &Origin,
    ) -> Result<Option<User>, Refusal> {
        // First without the subject: who may not do it to anybody is not told whether that somebody
        // exists.
        if let Err(denied) = rules::check(&actor.person, action, None) {
            let named = subject.and_then(|text| NetId::parse(text).ok());
            let subject = named.as_ref().map_or("", NetId::as_str);
            let netid = &actor.person.netid;
            return Err(self.refused(netid, by, subject, action, denied, origin).await?);
        }
        let Some(text) = subject else { return Ok(None) };
        let netid = NetId::parse(text).map_err(|_| Refusal::UserUnknown)?;
        let user = self.inner.store.user(&netid).await?.ok_or(Refusal::UserUnknown)?;
        match rules::check(&actor.person, action, Some(&user.person)) {
            Ok(()) => Ok(Some(user)),
            Err(denied) => Err(self
                .refused(&actor.person.netid, by, netid.as_str(), action, denied, origin)
                .await?),
        }
    }

    /// Writes down that the rules refused something; repeats within a minute are counted
    /// ([`crate::engine::audit::refusals`]).
    pub(crate) async fn refused(
        &self,
        actor: &NetId,
        by: Actor,
        subject: &str,
        action: Action,
        denied: Denied,
        origin: &Origin,
    ) -> Result<Refusal, Refusal> {
        let denied = self.naming_helper(actor, denied).await?;
        let entry = entry(by, subject, audited_as(action), origin).refused(denied.code());
        self.inner.refusals.note(entry, &self.inner.store, self.now()).await?;
        Ok(denied.into())
    }
}

/// What the audit calls an action that the rules refused.
const fn audited_as(action: Action) -> AuditAction {
    match action {
        Action::ManageOwnTokens => AuditAction::TokenManage,
        Action::ChangeOwnLocalPassword => AuditAction::PasswordChange,
        Action::SetOwnFirstLocalPassword => AuditAction::PasswordFirst,
        Action::EndOwnSessions | Action::EndSessionsOf => AuditAction::SessionEnd,
        Action::FindUsers => AuditAction::UserFind,
        Action::SetLocalPassword => AuditAction::PasswordSet,
        Action::SeeTokensOf => AuditAction::TokenSee,
        Action::RevokeTokensOf => AuditAction::TokenRevoke,
        Action::MakeTokenFor => AuditAction::TokenCreate,
        Action::SetRole => AuditAction::UserRole,
        Action::SetPrivileged => AuditAction::UserPrivileged,
        Action::SetDisabled => AuditAction::UserDisabled,
        Action::OpenAccount => AuditAction::UserOpen,
        Action::ReadAudit => AuditAction::AuditRead,
        Action::ReviewTokens => AuditAction::TokenReview,
    }
}
