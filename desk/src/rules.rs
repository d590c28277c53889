//! Who may do what: one pure function over one table, through which every door passes. Tests:
//! `rules/tests.rs`.
//!
//! A rule says whether the actor has the *right*. That the actor is really there, proven by their
//! local password or a session confirmed minutes ago, is asked by the desk after the rule, never
//! instead of it.

use serde::{Deserialize, Serialize};

use crate::{AccountState, Denied, Helper, Moment, NetId, Refusal, Role};

/// The state of a person's local password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalState {
    /// There is none.
    #[default]
    None,
    /// Set by someone else and good for choosing one's own until it lapses. A lapsed one is this
    /// too: the rule is the same, and the desk says that it has lapsed when it is presented.
    Initial,
    /// Chosen by its owner.
    Own,
}

/// All that the rules look at in a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their key.
    pub netid: NetId,
    /// What they may do to others follows from it.
    pub role: Role,
    /// May have a local password and tokens at all.
    pub privileged: bool,
    /// May do nothing.
    pub disabled: bool,
    /// The state of their local password.
    pub local: LocalState,
}

impl From<&Person> for AccountState {
    fn from(person: &Person) -> Self {
        Self { role: person.role, privileged: person.privileged, disabled: person.disabled }
    }
}

/// What a person asks the desk to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Make, edit or revoke one's own tokens.
    ManageOwnTokens,
    /// Change one's own local password, the initial one included.
    ChangeOwnLocalPassword,
    /// Set one's own first local password.
    SetOwnFirstLocalPassword,
    /// End one's own sessions.
    EndOwnSessions,
    /// Find users and see who they are.
    FindUsers,
    /// Set another's (initial) local password.
    SetLocalPassword,
    /// See another's tokens and sessions, never the secret.
    SeeTokensOf,
    /// Revoke another's tokens.
    RevokeTokensOf,
    /// End another's sessions.
    EndSessionsOf,
    /// Make a token for another.
    MakeTokenFor,
    /// Change a role.
    SetRole,
    /// Change whether someone is privileged.
    SetPrivileged,
    /// Disable or enable an account, and let tokens work again that a directory's word had ended.
    SetDisabled,
    /// Open another's local password that was closed after wrong ones.
    OpenAccount,
    /// Read the audit of everybody.
    ReadAudit,
    /// Look through the tokens of everybody, never the secret.
    ReviewTokens,
}

impl Action {
    /// Every action, for tables and tests.
    pub const ALL: [Self; 16] = [
        Self::ManageOwnTokens,
        Self::ChangeOwnLocalPassword,
        Self::SetOwnFirstLocalPassword,
        Self::EndOwnSessions,
        Self::FindUsers,
        Self::SetLocalPassword,
        Self::SeeTokensOf,
        Self::RevokeTokensOf,
        Self::EndSessionsOf,
        Self::MakeTokenFor,
        Self::SetRole,
        Self::SetPrivileged,
        Self::SetDisabled,
        Self::OpenAccount,
        Self::ReadAudit,
        Self::ReviewTokens,
    ];

    /// The lowest role that may; none for what nobody may.
    fn lowest_role(self) -> Option<Role> {
        match self {
            Self::ManageOwnTokens
            | Self::ChangeOwnLocalPassword
            | Self::SetOwnFirstLocalPassword
            | Self::EndOwnSessions => Some(Role::Staff),
            Self::FindUsers | Self::SetLocalPassword => Some(Role::Rep),
            Self::SeeTokensOf | Self::RevokeTokensOf | Self::EndSessionsOf | Self::OpenAccount => {
                Some(Role::HelpDesk)
            }
            Self::SetRole
            | Self::SetPrivileged
            | Self::SetDisabled
            | Self::ReadAudit
            | Self::ReviewTokens => Some(Role::Admin),
            Self::MakeTokenFor => None,
        }
    }

    /// Whether it is about the actor's own account and nobody else's.
    #[must_use]
    pub fn is_own(self) -> bool {
        matches!(
            self,
            Self::ManageOwnTokens
                | Self::ChangeOwnLocalPassword
                | Self::SetOwnFirstLocalPassword
                | Self::EndOwnSessions
        )
    }

    /// Whether it changes someone else's account: the subject's role must not be above the actor's.
    #[must_use]
    pub fn changes_another(self) -> bool {
        matches!(
            self,
            Self::SetLocalPassword
                | Self::RevokeTokensOf
                | Self::EndSessionsOf
                | Self::SetRole
                | Self::SetPrivileged
                | Self::SetDisabled
                | Self::OpenAccount
        )
    }

    /// Whether the actor proves themselves with their own local password (or a session confirmed
    /// minutes ago).
    #[must_use]
    pub fn takes_own_password(self) -> bool {
        self == Self::ManageOwnTokens || self.changes_another()
    }
}

/// The operator's choices that the rules depend on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// `people.first_password = "self-service"`: a fresh NetID log-in may set its own first local
    /// password.
    pub self_service_first_password: bool,
}

/// How long after log-in `people.first_password = "self-service"` allows a first local password, in
/// seconds.
pub const FRESH_LOGIN_SECONDS: i64 = 5 * 60;

/// Whether `actor` may do `action` to `subject` (none where the action has no subject, or it is the
/// actor).
///
/// # Errors
/// The first reason against it, in the order in which it helps the person most.
pub fn check(actor: &Person, action: Action, subject: Option<&Person>) -> Result<(), Denied> {
    if actor.disabled {
        return Err(Denied::ActorDisabled);
    }
    let Some(lowest) = action.lowest_role() else { return Err(Denied::NobodyEver) };
    if actor.role < lowest {
        return Err(Denied::RoleTooLow);
    }
    // A door for one's own account leads nowhere else, whatever subject comes with the request.
    if action.is_own() && subject.is_some_and(|subject| subject.netid != actor.netid) {
        return Err(if action == Action::ManageOwnTokens {
            Denied::NobodyEver
        } else {
            Denied::RoleTooLow
        });
    }
    let ask = Helper::of(actor.role);
    match action {
        Action::ChangeOwnLocalPassword if !actor.privileged => {
            return Err(Denied::ActorNotPrivileged(ask));
        }
        Action::ChangeOwnLocalPassword if actor.local == LocalState::None => {
            return Err(Denied::FirstPasswordBySomeoneElse(ask));
        }
        // Under the policy it is `check_first_password` that allows it.
        Action::SetOwnFirstLocalPassword => return Err(Denied::FirstPasswordBySomeoneElse(ask)),
        _ => {}
    }
    if let Some(subject) = subject.filter(|_| action.changes_another()) {
        check_subject(actor, action, subject)?;
    }
    if action.takes_own_password() {
        check_own_password(actor, action)?;
    }
    Ok(())
}

/// Whether a page acts for whoever is logged in. One that was made for somebody else does not,
/// whatever it asks for: with two tabs, another log-in in one leaves the other as it was.
///
/// # Errors
/// [`Refusal::PageOfAnother`].
pub fn check_page(made_for: &NetId, visitor: &NetId) -> Result<(), Refusal> {
    if made_for == visitor {
        return Ok(());
    }
    Err(Refusal::PageOfAnother { page: made_for.to_string(), now: visitor.to_string() })
}

/// Whether `actor`, who last proved who they are at `proved` (none: not known), may set their own
/// first local password at `now`.
///
/// # Errors
/// As [`check`]; without the policy always [`Denied::FirstPasswordBySomeoneElse`].
pub fn check_first_password(
    actor: &Person,
    policy: Policy,
    proved: Option<Moment>,
    now: Moment,
) -> Result<(), Denied> {
    let ask = Helper::of(actor.role);
    let is_fresh = |proved: Moment| {
        proved.can_have_been(now) && proved.seconds_until(now) < FRESH_LOGIN_SECONDS
    };
    if actor.disabled {
        Err(Denied::ActorDisabled)
    } else if !actor.privileged {
        Err(Denied::ActorNotPrivileged(ask))
    } else if actor.local == LocalState::Own {
        Err(Denied::HasLocalPassword)
    } else if !policy.self_service_first_password {
        Err(Denied::FirstPasswordBySomeoneElse(ask))
    } else if !proved.is_some_and(is_fresh) {
        Err(Denied::LoginNotFresh)
    } else {
        Ok(())
    }
}

fn check_subject(actor: &Person, action: Action, subject: &Person) -> Result<(), Denied> {
    let oneself = subject.netid == actor.netid;
    match action {
        Action::SetLocalPassword if oneself => Err(Denied::Oneself),
        Action::SetRole | Action::SetPrivileged | Action::SetDisabled | Action::OpenAccount
            if oneself =>
        {
            Err(Denied::OwnAccount(Helper::of(actor.role)))
        }
        _ if subject.role > actor.role => Err(Denied::SubjectAbove { role: subject.role }),
        Action::SetLocalPassword if subject.disabled => Err(Denied::SubjectDisabled),
        Action::SetLocalPassword if !subject.privileged => Err(Denied::SubjectNotPrivileged),
        _ => Ok(()),
    }
}

fn check_own_password(actor: &Person, action: Action) -> Result<(), Denied> {
    let ask = Helper::of(actor.role);
    if !actor.privileged {
        return Err(Denied::ActorNotPrivileged(ask));
    }
    match actor.local {
        LocalState::Own => Ok(()),
        LocalState::Initial => Err(Denied::OnlyInitial),
        LocalState::None if action == Action::ManageOwnTokens => {
            Err(Denied::FirstPasswordBySomeoneElse(ask))
        }
        LocalState::None => Err(Denied::NoOwnLocalPassword),
    }
}

#[cfg(test)]
pub(crate) mod tests;
