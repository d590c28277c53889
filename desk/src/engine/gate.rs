use super::people::find_user;
use super::sessions::{Visitor, audit_word};
use super::store::Change;
use super::store::rows::User;
use super::{CONSOLE, Cookie, Desk, Origin, Secret};
use crate::rules::{self, Action};
use crate::{NetId, Refusal};

/// Who acts.
#[derive(Clone, Debug)]
pub(super) enum Actor {
    /// A person in a session.
    Visitor(Box<Visitor>),
    /// A person on the command line, by their local password.
    Person(Box<User>),
    /// The operator, who has the store in hand.
    Console,
}

/// Proof that the rules allow an action, and that the actor proved themselves where it takes that. Only the desk's
/// gates make one, and each change asks for the one it needs.
#[derive(Clone, Debug)]
pub struct Permit {
    pub(super) actor: Actor,
    pub(super) action: Action,
    /// Who is acted upon; the actor themselves where nobody else is.
    pub(super) subject: Option<User>,
    cookie: Option<Cookie>,
}

impl Permit {
    pub(super) fn new(actor: Actor, action: Action, subject: Option<User>) -> Self {
        Self { actor, action, subject, cookie: None }
    }

    /// The session's new id, where the local password was given: set it now, also when what follows is refused.
    #[must_use]
    pub fn cookie(&self) -> Option<&Cookie> {
        self.cookie.as_ref()
    }

    /// The actor's name in the audit.
    pub(super) fn actor_name(&self) -> &str {
        match &self.actor {
            Actor::Visitor(visitor) => visitor.netid().as_str(),
            Actor::Person(user) => user.person.netid.as_str(),
            Actor::Console => CONSOLE,
        }
    }

    /// The actor's name as people read it.
    pub(super) fn actor_title(&self) -> String {
        let user = match &self.actor {
            Actor::Visitor(visitor) => &visitor.user,
            Actor::Person(user) => user,
            Actor::Console => return "the operator".to_owned(),
        };
        if user.name.is_empty() { user.person.netid.to_string() } else { user.name.clone() }
    }

    /// The subject, or the actor where the action is upon themselves.
    pub(super) fn subject(&self) -> Result<&User, Refusal> {
        match (&self.subject, &self.actor) {
            (Some(user), _) => Ok(user),
            (None, Actor::Visitor(visitor)) => Ok(&visitor.user),
            (None, Actor::Person(user)) => Ok(user),
            (None, Actor::Console) => Err(Refusal::UserUnknown),
        }
    }

    /// Checks that this permit is for one of `actions`: a mix-up is a fault of ours, refused all the same.
    pub(super) fn covers(&self, actions: &[Action]) -> Result<(), Refusal> {
        if actions.contains(&self.action) { Ok(()) } else { Err(crate::Denied::RoleTooLow.into()) }
    }
}

impl Desk {
    /// Whether the rules let the visitor do `action` to `subject` (a NetID as typed; none: themselves or nobody).
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`], which is audited; [`Refusal::UserUnknown`]; [`Refusal::Unavailable`].
    pub async fn admit(&self, visitor: &Visitor, action: Action, subject: Option<&str>, origin: &Origin) -> Result<Permit, Refusal> {
        let subject = self.allowed(&visitor.user, action, subject, origin).await?;
        Ok(Permit::new(Actor::Visitor(Box::new(visitor.clone())), action, subject))
    }

    /// As [`Desk::admit`], and for actions that take it the visitor's own local password, or a session confirmed minutes ago.
    ///
    /// # Errors
    /// As [`Desk::admit`], and [`Refusal::OwnPasswordMissing`], [`Refusal::OwnPasswordIncorrect`],
    /// [`Refusal::TooManyAttempts`], [`Refusal::AccountClosed`].
    pub async fn authorise(
        &self,
        visitor: &Visitor,
        action: Action,
        subject: Option<&str>,
        own_password: Option<&Secret>,
        origin: &Origin,
    ) -> Result<Permit, Refusal> {
        let mut permit = self.admit(visitor, action, subject, origin).await?;
        if !action.takes_own_password() {
            return Ok(permit);
        }
        match own_password.filter(|password| !password.is_empty()) {
            None if visitor.confirmed_until().is_some() => Ok(permit),
            None => Err(Refusal::OwnPasswordMissing),
            Some(password) => {
                self.check_own_password(&visitor.user, password, Refusal::OwnPasswordIncorrect, origin).await?;
                let netid = visitor.netid().as_str();
                let (cookie, renewal) = self.renewed(visitor);
                self.inner.store.commit(renewal.audited(Self::entry(netid, netid, "session.confirm", origin)), self.now()).await?;
                permit.cookie = Some(cookie);
                Ok(permit)
            }
        }
    }

    /// The rules alone, for any person who acts. Answers the subject's present row.
    pub(super) async fn allowed(
        &self,
        actor: &User,
        action: Action,
        subject: Option<&str>,
        origin: &Origin,
    ) -> Result<Option<User>, Refusal> {
        // First without the subject: who may not do it to anybody is not told whether that somebody exists.
        if let Err(denied) = rules::check(&actor.person, action, None) {
            let named = subject.and_then(|text| NetId::parse(text).ok());
            let subject = named.as_ref().map_or("", NetId::as_str);
            return Err(self.refused(&actor.person.netid, subject, action, denied, origin).await?);
        }
        let Some(text) = subject else { return Ok(None) };
        let netid = NetId::parse(text).map_err(|_| Refusal::UserUnknown)?;
        let user = find_user(&self.inner.store, &netid).await?.ok_or(Refusal::UserUnknown)?;
        match rules::check(&actor.person, action, Some(&user.person)) {
            Ok(()) => Ok(Some(user)),
            Err(denied) => Err(self.refused(&actor.person.netid, netid.as_str(), action, denied, origin).await?),
        }
    }

    /// Writes down that the rules refused something.
    pub(super) async fn refused(
        &self,
        actor: &NetId,
        subject: &str,
        action: Action,
        denied: crate::Denied,
        origin: &Origin,
    ) -> Result<Refusal, Refusal> {
        let mut entry = Self::entry(actor.as_str(), subject, audit_word(action), origin);
        entry.outcome = "refused";
        denied.code().clone_into(&mut entry.detail);
        self.inner.store.commit(Change::default().audited(entry), self.now()).await?;
        Ok(denied.into())
    }
}
