//! Local passwords: who sets whose, and whether one is right. A new one ends what the old one had
//! confirmed, in every session: each carries the person's version that confirmed it. Tests:
//! `desk/tests/desk/{passwords,confirmation,unicode_passwords}.rs`.

use crate::engine::audit::entry::own_entry;
use crate::engine::authz::permit::{Permit, right};
use crate::engine::desk::Desk;
use crate::engine::doors::Console;
use crate::engine::origin::Origin;
use crate::engine::passwords::hasher::Checked;
use crate::engine::passwords::normal::{same, with_blank_named};
use crate::engine::passwords::policy::judge;
use crate::engine::passwords::source::TriedFrom;
use crate::engine::passwords::throttle::{Looked, Try};
use crate::engine::secret::{Cookie, Secret};
use crate::engine::sessions::visitor::Visitor;
use crate::rules::{self, Action, LocalState};
use crate::store::change::Change;
use crate::store::password_hash::PasswordHash;
use crate::store::passwords::{NewLocalPassword, renew_local_hash, set_local};
use crate::store::rows::User;
use crate::{Actor, AuditAction, Refusal, Strength};

/// An initial local password lapses after this many days, and somebody sets a new one
/// ([`Refusal::InitialLapsed`]).
pub(super) const INITIAL_DAYS: i64 = 7;

/// What the audit says of a local password that the operator sets as the person's own: nothing
/// lapses, and nobody chooses another.
pub(crate) const AT_THE_CONSOLE: &str = "as their own, at the console";

/// The form by which a person changes their local password.
#[derive(Clone, Debug, Default)]
pub struct PasswordChange {
    /// The current one; not looked at for a first one.
    pub current: Secret,
    /// The one that takes its place.
    pub new: Secret,
    /// The new one again.
    pub retype: Secret,
}

/// Whose hand sets a password.
enum By {
    /// Its owner's: it is no initial one.
    Owner,
    /// Somebody else's, named: an initial one.
    Other(String),
}

impl Desk {
    /// Changes the visitor's own local password; an initial one becomes their own. Tokens keep
    /// working.
    ///
    /// Answers the session's new cookie: the session is confirmed.
    ///
    /// # Errors
    /// By the rules; [`Refusal::CurrentPasswordMissing`], [`Refusal::CurrentPasswordIncorrect`],
    /// [`Refusal::CurrentPasswordIncorrectSpace`],
    /// [`Refusal::InitialLapsed`], [`Refusal::PasswordsDiffer`], what [`Desk::judge_password`]
    /// refuses, [`Refusal::PasswordUnchanged`], [`Refusal::PasswordsSame`],
    /// [`Refusal::SentAlready`], [`Refusal::TooManyAttempts`], [`Refusal::Unavailable`].
    pub async fn change_own_password(
        &self,
        visitor: &Visitor,
        change: &PasswordChange,
        origin: &Origin,
    ) -> Result<Cookie, Refusal> {
        let permit = self.admit::<right::ChangeOwnLocalPassword>(visitor, None, origin).await?;
        if change.current.is_empty() {
            return Err(self.none_given(visitor.person(), Refusal::CurrentPasswordMissing).await?);
        }
        self.refuse_lapsed(&visitor.user).await?;
        // First of all: who does not know it has nothing judged. One that is to be hashed anew is
        // replaced by this very change.
        self.is_own_password(
            &visitor.user,
            &change.current,
            Refusal::CurrentPasswordIncorrect,
            visitor.netid().into(),
            origin,
        )
        .await?;
        self.check_new(&visitor.user, &change.new, &change.retype).await?;
        if same(&change.current, &change.new) {
            return Err(Refusal::PasswordUnchanged);
        }
        self.refuse_netid_password(&visitor.user, &change.new).await?;
        self.set_own(
            visitor,
            permit.premised(Change::default()),
            change,
            AuditAction::PasswordChange,
            origin,
        )
        .await
    }

    /// Sets the visitor's first local password, where `people.first_password = "self-service"` and
    /// the log-in is fresh.
    ///
    /// # Errors
    /// As [`rules::check_first_password`]; [`Refusal::PasswordsDiffer`], what
    /// [`Desk::judge_password`] refuses, [`Refusal::PasswordsSame`], [`Refusal::SentAlready`],
    /// [`Refusal::Unavailable`].
    pub async fn set_own_first_password(
        &self,
        visitor: &Visitor,
        change: &PasswordChange,
        origin: &Origin,
    ) -> Result<Cookie, Refusal> {
        self.admit_first_password(visitor, origin).await?;
        self.check_new(&visitor.user, &change.new, &change.retype).await?;
        self.refuse_netid_password(&visitor.user, &change.new).await?;
        let premised = visitor.premised(self.now());
        self.set_own(visitor, premised, change, AuditAction::PasswordFirst, origin).await
    }

    async fn admit_first_password(
        &self,
        visitor: &Visitor,
        origin: &Origin,
    ) -> Result<(), Refusal> {
        let proved = visitor.session.proved_at.map(crate::Moment);
        let allowed = rules::check_first_password(
            visitor.person(),
            self.settings().policy(),
            proved,
            self.now(),
        );
        let Err(denied) = allowed else { return Ok(()) };
        let netid = visitor.netid();
        Err(self
            .refused(
                netid,
                netid.into(),
                netid.as_str(),
                Action::SetOwnFirstLocalPassword,
                denied,
                origin,
            )
            .await?)
    }

    async fn set_own(
        &self,
        visitor: &Visitor,
        premised: Change,
        change: &PasswordChange,
        action: AuditAction,
        origin: &Origin,
    ) -> Result<Cookie, Refusal> {
        let (cookie, renewal) = self.renewed(visitor)?;
        let entry = own_entry(visitor.netid(), action, origin);
        // First the password, then the session that it confirms.
        let set = self.set(premised, &visitor.user, &change.new, By::Owner).await?;
        self.inner.store.commit(set.with(renewal).audited(entry), self.now()).await?;
        Ok(cookie)
    }

    /// Sets the subject's initial local password: theirs to change within 7 days, good for nothing
    /// else.
    ///
    /// # Errors
    /// [`Refusal::PasswordsDiffer`], what [`Desk::judge_password`] refuses,
    /// [`Refusal::SentAlready`], [`Refusal::Unavailable`].
    pub async fn set_local_password(
        &self,
        permit: &Permit<right::SetLocalPassword>,
        new: &Secret,
        retype: &Secret,
    ) -> Result<(), Refusal> {
        let subject = permit.subject().ok_or(Refusal::UserUnknown)?;
        self.check_new(subject, new, retype).await?;
        let entry = permit.entry(AuditAction::PasswordSet);
        let premised = permit.premised(Change::default());
        let set = self.set(premised, subject, new, By::Other(permit.actor_title())).await?;
        Ok(self.inner.store.commit(set.audited(entry), self.now()).await?)
    }

    /// How good a new local password would be, for the visitor's own or a subject they may set one
    /// for. Who may set none has none judged, and of what one session asks at once the latest is
    /// answered.
    ///
    /// # Errors
    /// As [`Desk::admit`] to set it; [`Refusal::TooManyAttempts`] where the session has asked
    /// another meanwhile, or too many wait; [`Refusal::Unavailable`].
    pub async fn judge_password(
        &self,
        visitor: &Visitor,
        subject: Option<&str>,
        new: &Secret,
        origin: &Origin,
    ) -> Result<Strength, Refusal> {
        let judged = match subject {
            Some(subject) => {
                let permit =
                    self.admit::<right::SetLocalPassword>(visitor, Some(subject), origin).await?;
                judgement(permit.subject().ok_or(Refusal::UserUnknown)?, new)
            }
            None if visitor.person().local == LocalState::None => {
                self.admit_first_password(visitor, origin).await?;
                judgement(&visitor.user, new)
            }
            None => {
                self.admit::<right::ChangeOwnLocalPassword>(visitor, None, origin).await?;
                judgement(&visitor.user, new)
            }
        };
        self.inner.judging.latest(&visitor.family(), judged).await
    }

    async fn check_new(&self, user: &User, new: &Secret, retype: &Secret) -> Result<(), Refusal> {
        if let Some(refused) = self.inner.judging.for_change(judgement(user, new)).await?.refused {
            return Err(refused);
        }
        if same(new, retype) { Ok(()) } else { Err(Refusal::PasswordsDiffer) }
    }

    /// Refuses a local password that is the person's NetID password too, where the desk keeps that.
    /// Only of what they choose themselves, and after they have proved who they are: to whoever
    /// sets somebody else's it would tell when a guess is right.
    async fn refuse_netid_password(&self, user: &User, new: &Secret) -> Result<(), Refusal> {
        let Some(hash) = user.netid_hash.as_deref() else { return Ok(()) };
        if self.inner.hasher.verify(Some(hash), new).await?.is_right() {
            return Err(Refusal::PasswordsSame);
        }
        Ok(())
    }

    async fn refuse_lapsed(&self, user: &User) -> Result<(), Refusal> {
        let now = self.now();
        // One that was set when it cannot have been yet would be good for as long.
        let lapsed = user.local.state == LocalState::Initial
            && (user.local.lapses_at.is_some_and(|at| at <= now)
                || user.local.set_at.is_some_and(|at| !at.can_have_been(now)));
        if lapsed {
            Err(Refusal::InitialLapsed(self.whom_to_ask(&user.person).await?))
        } else {
            Ok(())
        }
    }

    /// Whether `password` is the user's local password, with the delays of wrong ones. `actor`:
    /// who gives it.
    async fn is_own_password(
        &self,
        user: &User,
        password: &Secret,
        wrong: Refusal,
        actor: Actor,
        origin: &Origin,
    ) -> Result<Checked, Refusal> {
        let check = async {
            let hash = user.local_hash.as_deref();
            let checked = self.inner.hasher.verify_local(hash, password).await?;
            Ok(if checked.is_right() { Looked::Right(checked) } else { Looked::Wrong })
        };
        let tried = Try {
            turns: &self.inner.turns.local,
            netid: &user.person.netid,
            known: true,
            from: TriedFrom::Session,
            actor,
            action: AuditAction::PasswordCheck,
            wrong,
            origin,
        };
        match self.guarded(&tried, check).await {
            Err(Refusal::AccountClosed(_)) => {
                Err(Refusal::AccountClosed(self.whom_to_ask(&user.person).await?))
            }
            other => other.map_err(|refusal| with_blank_named(refusal, password)),
        }
    }

    /// Whether `password` is the user's local password, with the delays of wrong ones. Answers what
    /// hashes it anew where that is due: for the transaction of what it was given for. `actor`: who
    /// gives it, the user in their session, or the operator on the command line in their name.
    pub(crate) async fn check_own_password(
        &self,
        user: &User,
        password: &Secret,
        actor: Actor,
        origin: &Origin,
    ) -> Result<Change, Refusal> {
        let checked = self
            .is_own_password(user, password, Refusal::OwnPasswordIncorrect, actor, origin)
            .await?;
        let Some(old) = user.local_hash.as_deref().filter(|_| checked == Checked::Outdated) else {
            return Ok(Change::default());
        };
        self.refuse_weak_import(user, old, password, origin).await?;
        let new = self.inner.hasher.hash(password).await?;
        let netid = &user.person.netid;
        Ok(renew_local_hash(netid, old, new).audited(own_entry(
            netid,
            AuditAction::PasswordRehash,
            origin,
        )))
    }

    /// The change that sets a password.
    async fn set(
        &self,
        premised: Change,
        user: &User,
        new: &Secret,
        by: By,
    ) -> Result<Change, Refusal> {
        let hash = PasswordHash::new(self.inner.hasher.hash(new).await?);
        let now = self.now();
        let (initial, set_by, lapses_at) = match by {
            By::Owner => (false, user.name.clone(), None),
            By::Other(name) => (true, name, Some(now.plus_days(INITIAL_DAYS))),
        };
        let netid = &user.person.netid;
        let local = NewLocalPassword { hash, initial, set_at: now, set_by, lapses_at };
        Ok(premised.with(set_local(netid, local)))
    }
}

/// What judges it, wherever that is done.
pub(super) fn judgement(user: &User, new: &Secret) -> impl FnOnce() -> Strength + Send + use<> {
    let (new, netid, name, email) =
        (new.clone(), user.person.netid.to_string(), user.name.clone(), user.email.clone());
    move || judge(&new, &[&netid, &name, &email])
}

impl Console {
    /// As [`Desk::set_local_password`] by the operator on the command line, who may also set it as
    /// the person's `own`: how the very first administrator and Help Desk member get theirs.
    ///
    /// # Errors
    /// As [`Desk::set_local_password`]; of the person's `own`, [`Refusal::PasswordsSame`].
    pub async fn set_local_password(
        &self,
        permit: &Permit<right::SetLocalPassword>,
        new: &Secret,
        retype: &Secret,
        own: bool,
    ) -> Result<(), Refusal> {
        if !own {
            return Desk::set_local_password(self, permit, new, retype).await;
        }
        if permit.actor_person().is_some() {
            return Err(crate::Denied::RoleTooLow.into());
        }
        let subject = permit.subject().ok_or(Refusal::UserUnknown)?;
        self.check_new(subject, new, retype).await?;
        self.refuse_netid_password(subject, new).await?;
        let action = match subject.local.state {
            LocalState::None => AuditAction::PasswordFirst,
            LocalState::Initial | LocalState::Own => AuditAction::PasswordChange,
        };
        let entry = permit.entry(action).detailed(AT_THE_CONSOLE);
        let set = self.set(permit.premised(Change::default()), subject, new, By::Owner).await?;
        // Who has the store in hand makes room too.
        let change = set.even_if_nearly_full().audited(entry);
        Ok(self.inner.store.commit(change, self.now()).await?)
    }
}
