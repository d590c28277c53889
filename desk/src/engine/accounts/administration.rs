//! What an administrator changes of an account: role, privilege, disabled or not. What the form has
//! not seen it does not change, and one enabled administrator always remains. Tests:
//! `desk/tests/desk/accounts.rs`, `races.rs`, and by HTTP
//! `server/tests/server/people/account_form.rs`.

use crate::engine::authz::permit::{Permit, Right, right};
use crate::engine::desk::Desk;
use crate::engine::passwords::source::local_key;
use crate::rules::Person;
use crate::store::change::Change;
use crate::store::members::hear_of;
use crate::store::rows::User;
use crate::store::throttle::forget_failures;
use crate::store::{administration, sessions};
use crate::{AccountState, AuditAction, NetId, Refusal, Role};

/// One property of an account: the permit to change it, what the form was drawn from, and what it
/// is to be.
#[derive(Clone, Debug)]
pub struct Changed<R: Right, T> {
    /// Proof that the rules allow it.
    pub permit: Permit<R>,
    /// What whoever asks for it has seen. Where it is something else by now, nothing is changed.
    pub from: T,
    /// What it is to be.
    pub to: T,
}

/// What is changed of one account; none: as it is. All of it is about one person.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// All that the form was drawn from. Where any of it is something else by now, nothing is
    /// changed, whatever the change is of. None: whoever asks for it has seen no more than what
    /// they change.
    pub seen: Option<AccountState>,
    /// Gives the person a role. Their sessions go on with it from the next request.
    pub role: Option<Changed<right::SetRole, Role>>,
    /// Lets them have a local password and tokens, or no longer. Without it their tokens are
    /// refused from the next request; they are not revoked, and work again when it is given back.
    pub privileged: Option<Changed<right::SetPrivileged, bool>>,
    /// Disables the account or enables it again. Disabled: sessions end, tokens are refused from
    /// the next request.
    pub disabled: Option<Changed<right::SetDisabled, bool>>,
}

/// A change of one person's account as it is put together.
struct Draft<'a> {
    seen: Option<AccountState>,
    subject: Option<&'a User>,
    change: Change,
}

impl Desk {
    /// Changes one person's account: all of it in one transaction, or nothing.
    ///
    /// # Errors
    /// [`Refusal::AccountChanged`] where the account is not what was seen;
    /// [`Refusal::ChangedMeanwhile`] where something else that the rules look at was changed by
    /// somebody at this moment; [`Refusal::LastAdministrator`]; [`Refusal::Unavailable`].
    pub async fn change_account(&self, change: &AccountChange) -> Result<(), Refusal> {
        let AccountChange { seen, .. } = change;
        // What is to be as it is is no change, and has no row.
        let role = change.role.as_ref().filter(|role| role.from != role.to);
        let privileged =
            change.privileged.as_ref().filter(|privileged| privileged.from != privileged.to);
        let disabled = change.disabled.as_ref().filter(|disabled| disabled.from != disabled.to);
        let mut draft = Draft { seen: *seen, subject: None, change: Change::default() };
        let mut takes_administrator = false;
        if let Some(Changed { permit, from, to }) = role {
            let netid = draft.premise(permit, |person| person.role == *from)?;
            takes_administrator |= *from == Role::Admin && *to != Role::Admin;
            let entry = permit.entry(AuditAction::UserRole).detailed(format!("{from} → {to}"));
            draft.add(administration::set_role(netid, *to).audited(entry));
            if !self.settings().scim_groups {
                // From now on it is an administrator's word, whatever an identity system's groups
                // gave while they were heard of.
                draft.add(hear_of(netid, None));
            }
        }
        if let Some(Changed { permit, from, to }) = privileged {
            let netid = draft.premise(permit, |person| person.privileged == *from)?;
            let entry = permit.entry(AuditAction::UserPrivileged).detailed(yes_no(*to));
            draft.add(administration::set_privileged(netid, *to).audited(entry));
        }
        if let Some(Changed { permit, from, to }) = disabled {
            let netid = draft.premise(permit, |person| person.disabled == *from)?;
            takes_administrator |=
                *to && permit.person().is_some_and(|person| person.role == Role::Admin);
            let entry = permit.entry(AuditAction::UserDisabled).detailed(yes_no(*to));
            draft.add(administration::set_disabled(netid, *to).audited(entry));
            if *to {
                draft.add(sessions::end_all(netid, None));
            }
        }
        let Draft { subject: Some(subject), change, .. } = draft else { return Ok(()) };
        // Only where one is taken away: a desk whose operator has made none yet may change its
        // accounts all the same.
        let change = if takes_administrator {
            change.with(administration::one_administrator_remains())
        } else {
            change
        };
        match self.inner.store.commit(change, self.now()).await.map_err(Refusal::from) {
            Err(Refusal::ChangedMeanwhile) => {
                Err(self.changed_meanwhile(&subject.person.netid, *seen).await)
            }
            other => other,
        }
    }

    /// Says what has become another than what was seen, where that is the reason.
    async fn changed_meanwhile(&self, netid: &NetId, seen: Option<AccountState>) -> Refusal {
        let now = self
            .inner
            .store
            .user(netid)
            .await
            .ok()
            .flatten()
            .map(|user| AccountState::from(&user.person));
        match (seen, now) {
            (Some(was), Some(now)) if was != now => Refusal::AccountChanged { was, now },
            _ => Refusal::ChangedMeanwhile,
        }
    }

    /// Forgets the wrong local passwords of the subject: one that was closed after too many is open
    /// again, one that is delayed is so no longer. Answers whether there were any; where there were
    /// none nothing has happened, and nothing is written down.
    ///
    /// # Errors
    /// [`Refusal::ChangedMeanwhile`], [`Refusal::Unavailable`].
    pub async fn open_account(&self, permit: &Permit<right::OpenAccount>) -> Result<bool, Refusal> {
        let key = local_key(&permit.subject().ok_or(Refusal::UserUnknown)?.person.netid);
        let counts = self.inner.store.failures(std::slice::from_ref(&key)).await?;
        let any = counts.into_iter().flatten().next().is_some();
        let change = permit.premised(if any {
            forget_failures(&key).audited(permit.entry(AuditAction::UserOpen))
        } else {
            Change::default()
        });
        self.inner.store.commit(change, self.now()).await?;
        Ok(any)
    }

    /// Ends every session of the subject; answers how many.
    ///
    /// # Errors
    /// [`Refusal::ChangedMeanwhile`], [`Refusal::Unavailable`].
    pub async fn end_sessions_of(
        &self,
        permit: &Permit<right::EndSessionsOf>,
    ) -> Result<u32, Refusal> {
        let netid = permit.subject().ok_or(Refusal::UserUnknown)?.person.netid.clone();
        self.end_sessions(
            &netid,
            None,
            permit.premised(Change::default()),
            permit.actor(),
            permit.origin(),
        )
        .await
    }
}

impl<'a> Draft<'a> {
    /// The subject of a permit, where they are who was seen, and the same as of the permits before.
    /// The premises of the first permit are the change's: each of the permits of one form has the
    /// same, and the first statement that follows makes them untrue.
    fn premise<R: Right>(
        &mut self,
        permit: &'a Permit<R>,
        same: impl Fn(&Person) -> bool,
    ) -> Result<&'a NetId, Refusal> {
        let subject = permit.subject().ok_or(Refusal::UserUnknown)?;
        let now = AccountState::from(&subject.person);
        match self.seen {
            Some(was) if was != now => return Err(Refusal::AccountChanged { was, now }),
            _ if !same(&subject.person) => return Err(Refusal::ChangedMeanwhile),
            _ => {}
        }
        match self.subject {
            // A mix-up of two people is a fault of ours, refused all the same.
            Some(first) if first.person.netid != subject.person.netid => {
                return Err(Refusal::ChangedMeanwhile);
            }
            Some(_) => {}
            None => {
                self.change = permit.premised(Change::default());
                self.subject = Some(subject);
            }
        }
        Ok(&subject.person.netid)
    }

    fn add(&mut self, change: Change) {
        self.change = std::mem::take(&mut self.change).with(change);
    }
}

/// How the audit writes it.
pub(super) fn yes_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}
