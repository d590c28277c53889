//! Permits: proof that the rules allow one action, and that the actor proved themselves where it
//! takes that.
//!
//! A change asks for the permit of the right it needs by its type
//! ([`Permit<right::SetRole>`](Permit)), so that a door without a check does not compile. A permit
//! carries who acts, upon whom, from where, and the versions of both people's rows as the rules saw
//! them: the transaction that writes looks at those again ([`Permit::premised`]), so that a right
//! lost in between stops the change. The rules themselves: [`crate::rules`]. Tests: [`Permit`] for
//! what does not compile, `desk/tests/desk/{races,rights_lost}.rs` for what is lost in between.

use std::fmt;
use std::marker::PhantomData;

use crate::engine::audit::entry::entry;
use crate::engine::origin::Origin;
use crate::engine::secret::Cookie;
use crate::engine::sessions::visitor::Visitor;
use crate::rules::{self, Action, Person};
use crate::store::change::{AuditEntry, Change, Version};
use crate::store::rows::User;
use crate::{Actor, AuditAction, Denied, Moment};

mod sealed {
    pub trait Sealed {}
}

/// A right: the action that a permit is for. There is one type for each of [`Action::ALL`], in
/// [`right`].
pub trait Right: sealed::Sealed + fmt::Debug + Send + Sync + 'static {
    /// The action of the rules' table.
    const ACTION: Action;
}

/// A right to revoke: one's own tokens, or another's.
pub trait MayRevoke: Right {}

/// The rights. None of them has a value: they name what a [`Permit`] is for.
pub mod right {
    use super::Action;
    use super::sealed;
    use crate::engine::authz::permit::{MayRevoke, Right};

    macro_rules! rights {
        ($($(#[$doc:meta])* $name:ident;)+) => {
            $(
                $(#[$doc])*
                #[derive(Clone, Copy, Debug)]
                pub enum $name {}
                impl sealed::Sealed for $name {}
                impl Right for $name {
                    const ACTION: Action = Action::$name;
                }
            )+

            /// The actions that have a right.
            #[cfg(test)]
            pub(crate) const ALL: &[Action] = &[$(Action::$name,)+];
        };
    }

    rights! {
        /// Make, edit or revoke one's own tokens.
        ManageOwnTokens;
        /// Change one's own local password, the initial one included.
        ChangeOwnLocalPassword;
        /// End one's own sessions.
        EndOwnSessions;
        /// Find users and see who they are.
        FindUsers;
        /// Set another's (initial) local password.
        SetLocalPassword;
        /// See another's tokens and sessions, never the secret.
        SeeTokensOf;
        /// Revoke another's tokens.
        RevokeTokensOf;
        /// End another's sessions.
        EndSessionsOf;
        /// Change a role.
        SetRole;
        /// Change whether someone is privileged.
        SetPrivileged;
        /// Disable or enable an account, and let tokens work again that a directory's word had
        /// ended.
        SetDisabled;
        /// Open another's local password that was closed after wrong ones.
        OpenAccount;
        /// Read the audit of everybody.
        ReadAudit;
        /// Look through the tokens of everybody, never the secret.
        ReviewTokens;
    }

    impl MayRevoke for ManageOwnTokens {}
    impl MayRevoke for RevokeTokensOf {}
}

/// Who acts, and so what the desk knows of them.
#[derive(Clone, Debug)]
pub(crate) enum Acting {
    /// A person in a session.
    Visitor(Box<Visitor>),
    /// A person on the command line, by their local password.
    Person(Box<User>),
    /// The operator, who has the store in hand.
    Console,
}

impl Acting {
    /// The person, where it is one.
    pub(crate) fn user(&self) -> Option<&User> {
        match self {
            Self::Visitor(visitor) => Some(&visitor.user),
            Self::Person(user) => Some(user),
            Self::Console => None,
        }
    }
}

/// Proof that the rules allow `R`. Only the desk's gates make one, and each change asks for the one
/// it needs:
///
/// ```
/// use desk::{Desk, Permit, Refusal, Secret, right};
///
/// async fn set(
///     desk: &Desk,
///     permit: &Permit<right::SetLocalPassword>,
///     new: &Secret,
/// ) -> Result<(), Refusal> {
///     desk.set_local_password(permit, new, new).await
/// }
/// ```
///
/// The permit of another right does not compile,
///
/// ```compile_fail,E0308
/// use desk::{Desk, Permit, Refusal, Secret, right};
///
/// async fn set(
///     desk: &Desk,
///     permit: &Permit<right::SeeTokensOf>,
///     new: &Secret,
/// ) -> Result<(), Refusal> {
///     desk.set_local_password(permit, new, new).await
/// }
/// ```
///
/// nor does one made by hand,
///
/// ```compile_fail,E0451
/// use desk::{Permit, right};
///
/// fn by_hand(permit: Permit<right::SetRole>) -> Permit<right::SetRole> {
///     Permit { ..permit }
/// }
/// ```
///
/// nor a right of one's own:
///
/// ```compile_fail,E0277
/// #[derive(Debug)]
/// enum Everything {}
/// impl desk::Right for Everything {
///     const ACTION: desk::Action = desk::Action::SetRole;
/// }
/// ```
///
/// A change of one's own tokens takes no right over somebody else's:
///
/// ```compile_fail,E0277
/// use desk::{Desk, Permit, Refusal, right};
///
/// async fn revoke(desk: &Desk, permit: &Permit<right::SetRole>, id: &str) -> Result<(), Refusal> {
///     desk.revoke_token(permit, id).await
/// }
/// ```
pub struct Permit<R> {
    acting: Acting,
    /// Who is acted upon; the actor themselves where nobody else is.
    subject: Option<User>,
    origin: Origin,
    now: Moment,
    cookie: Option<Cookie>,
    right: PhantomData<fn() -> R>,
}

impl<R> Clone for Permit<R> {
    fn clone(&self) -> Self {
        let Self { acting, subject, origin, now, cookie, right } = self;
        Self {
            acting: acting.clone(),
            subject: subject.clone(),
            origin: origin.clone(),
            now: *now,
            cookie: cookie.clone(),
            right: *right,
        }
    }
}

impl<R: Right> fmt::Debug for Permit<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = self.subject.as_ref().map(|user| &user.person.netid);
        f.debug_struct("Permit")
            .field("right", &R::ACTION)
            .field("actor", &self.actor())
            .field("subject", &subject)
            .finish_non_exhaustive()
    }
}

impl<R: Right> Permit<R> {
    /// Only for the gates: nobody else has looked at the rules.
    pub(super) fn new(acting: Acting, subject: Option<User>, origin: &Origin, now: Moment) -> Self {
        Self { acting, subject, origin: origin.clone(), now, cookie: None, right: PhantomData }
    }

    pub(super) fn with_cookie(mut self, cookie: Cookie) -> Self {
        self.cookie = Some(cookie);
        self
    }

    /// The session's new id, where the local password was given: set it now, also when what follows
    /// is refused.
    #[must_use]
    pub fn cookie(&self) -> Option<&Cookie> {
        self.cookie.as_ref()
    }

    /// The actor's session, where they have one.
    #[must_use]
    pub fn visitor(&self) -> Option<&Visitor> {
        match &self.acting {
            Acting::Visitor(visitor) => Some(visitor),
            Acting::Person(_) | Acting::Console => None,
        }
    }

    /// Who acts, in the audit.
    pub(crate) fn actor(&self) -> Actor {
        self.acting.user().map_or(Actor::Console, |user| Actor::from(&user.person.netid))
    }

    /// The actor as the rules see them; none: the operator.
    pub(crate) fn actor_person(&self) -> Option<&Person> {
        self.acting.user().map(|user| &user.person)
    }

    /// The actor's name as people read it.
    #[must_use]
    pub fn actor_title(&self) -> String {
        match self.acting.user() {
            None => "the operator".to_owned(),
            Some(user) if user.name.is_empty() => user.person.netid.to_string(),
            Some(user) => user.name.clone(),
        }
    }

    /// The subject, or the actor where the action is upon themselves; none: nobody in particular.
    pub(crate) fn subject(&self) -> Option<&User> {
        self.subject.as_ref().or_else(|| self.acting.user())
    }

    /// The subject, or the actor where the action is upon themselves, as the rules saw them; none:
    /// nobody in particular.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        self.subject().map(|user| &user.person)
    }

    /// The subject's name as the rules saw them, else their NetID; empty: nobody in particular. For
    /// telling what was done: who has done it asks nothing more of the store, whose silence would
    /// be taken for the change's.
    #[must_use]
    pub fn called(&self) -> &str {
        self.subject().map_or("", |user| {
            if user.name.is_empty() { user.person.netid.as_str() } else { &user.name }
        })
    }

    /// Whether the rules let the actor do `A` too, to the same subject, as they saw both. It is no
    /// permit: nothing is audited, and only what is shown may depend on it.
    #[must_use]
    pub fn also_allows<A: Right>(&self) -> bool {
        self.denied(A::ACTION).is_none()
    }

    /// Why the rules forbid the actor to do that to the same subject, if they do. The operator is
    /// forbidden nothing.
    pub(crate) fn denied(&self, action: Action) -> Option<Denied> {
        let subject = self.subject.as_ref().map(|user| &user.person);
        self.actor_person().and_then(|actor| rules::check(actor, action, subject).err())
    }

    /// Where it is asked from.
    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// An audit row of what this permit is used for.
    pub(crate) fn entry(&self, action: AuditAction) -> AuditEntry {
        let subject = self.subject().map_or("", |user| user.person.netid.as_str());
        entry(self.actor(), subject, action, &self.origin)
    }

    /// The change, once for the form that asks for it, and only if all that the rules looked at is
    /// still so when it is written: the actor's row, the subject's row, and the actor's session.
    pub(crate) fn premised(&self, change: Change) -> Change {
        let mut versions: Vec<Version> = [self.acting.user(), self.subject.as_ref()]
            .into_iter()
            .flatten()
            .map(User::version)
            .collect();
        // In one order everywhere, and each person once.
        versions.sort_by(|one, other| one.netid.as_str().cmp(other.netid.as_str()));
        versions.dedup_by(|one, other| one == other);
        let mut premises = Change::default();
        if let Acting::Visitor(visitor) = &self.acting {
            // First of all the form: what it has done itself is not what changed meanwhile. Then
            // the session, so that whoever is disabled is told that it has ended, which says what
            // to do.
            premises = visitor.once();
            // Its new id, where it has just been given one.
            let session = self.cookie.as_ref().map_or_else(|| visitor.session_id(), Cookie::id);
            premises = premises.only_in_session(&session, self.now);
        }
        versions.iter().fold(premises, Change::only_if_unchanged).with(change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_right_for_whatever_the_rules_may_allow() {
        for action in Action::ALL {
            // Nobody makes a token for another, and a first password has a door of its own: there
            // is no permit for either.
            let has_none =
                matches!(action, Action::MakeTokenFor | Action::SetOwnFirstLocalPassword);
            assert_eq!(right::ALL.contains(&action), !has_none, "{action:?}");
        }
    }
}
