//! What an administrator changes of an account: role, privilege, disabled or not. Only what the form was drawn from is changed,
//! and one enabled administrator always remains (DESIGN.md 2). Tests: `desk/tests/desk/accounts.rs`, `races.rs`.

use crate::engine::authz::permit::{Permit, Right, right};
use crate::engine::desk::Desk;
use crate::engine::passwords::throttle::throttle_key;
use crate::store::change::Change;
use crate::store::rows::User;
use crate::store::{administration, sessions};
use crate::{AuditAction, Refusal, Role};

/// One property of an account: the permit to change it, what the form was drawn from, and what it is to be.
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
    /// Gives the person a role. Their sessions go on with it from the next request.
    pub role: Option<Changed<right::SetRole, Role>>,
    /// Lets them have a local password and tokens, or no longer. Without it their tokens are refused from the next
    /// request; they are not revoked, and work again when it is given back.
    pub privileged: Option<Changed<right::SetPrivileged, bool>>,
    /// Disables the account or enables it again. Disabled: sessions end, tokens are refused from the next request.
    pub disabled: Option<Changed<right::SetDisabled, bool>>,
}

impl Desk {
    /// Changes one person's account: all of it in one transaction, or nothing.
    ///
    /// # Errors
    /// [`Refusal::ChangedMeanwhile`] where something is not what was seen, or was changed by somebody else at this moment;
    /// [`Refusal::LastAdministrator`]; [`Refusal::Unavailable`].
    pub async fn change_account(&self, change: &AccountChange) -> Result<(), Refusal> {
        let AccountChange { role, privileged, disabled } = change;
        let mut all = Change::default();
        let mut subjects: Vec<&User> = Vec::new();
        if let Some(Changed { permit, from, to }) = role {
            let subject = seen(permit, |user| user.person.role == *from)?;
            subjects.push(subject);
            all = with_premises(all, permit);
            let detail = format!("{from} → {to}");
            all = all.with(administration::set_role(&subject.person.netid, *to));
            all = all.audited(permit.entry(AuditAction::UserRole).detailed(detail));
        }
        if let Some(Changed { permit, from, to }) = privileged {
            let subject = seen(permit, |user| user.person.privileged == *from)?;
            subjects.push(subject);
            all = with_premises(all, permit);
            all = all.with(administration::set_privileged(&subject.person.netid, *to));
            all = all.audited(permit.entry(AuditAction::UserPrivileged).detailed(yes_no(*to)));
        }
        if let Some(Changed { permit, from, to }) = disabled {
            let subject = seen(permit, |user| user.person.disabled == *from)?;
            subjects.push(subject);
            all = with_premises(all, permit);
            all = all.with(administration::set_disabled(&subject.person.netid, *to));
            if *to {
                all = all.with(sessions::end_all(&subject.person.netid, None));
            }
            all = all.audited(permit.entry(AuditAction::UserDisabled).detailed(yes_no(*to)));
        }
        // A mix-up of two people is a fault of ours, refused all the same.
        if subjects.windows(2).any(|pair| pair[0].person.netid != pair[1].person.netid) {
            return Err(Refusal::ChangedMeanwhile);
        }
        if all.audit().is_empty() {
            return Ok(());
        }
        Ok(self.inner.store.commit(all.with(administration::one_administrator_remains()), self.now()).await?)
    }

    /// Opens an account that was closed after too many wrong passwords.
    ///
    /// # Errors
    /// [`Refusal::ChangedMeanwhile`], [`Refusal::Unavailable`].
    pub async fn open_account(&self, permit: &Permit<right::SetDisabled>) -> Result<(), Refusal> {
        let netid = &permit.subject().ok_or(Refusal::UserUnknown)?.person.netid;
        let change = permit.premised(administration::forget_wrong_passwords(&throttle_key(netid)));
        Ok(self.inner.store.commit(change.audited(permit.entry(AuditAction::UserOpen)), self.now()).await?)
    }

    /// Ends every session of the subject; answers how many.
    ///
    /// # Errors
    /// [`Refusal::ChangedMeanwhile`], [`Refusal::Unavailable`].
    pub async fn end_sessions_of(&self, permit: &Permit<right::EndSessionsOf>) -> Result<u32, Refusal> {
        let netid = permit.subject().ok_or(Refusal::UserUnknown)?.person.netid.clone();
        self.end_sessions(&netid, None, permit.premised(Change::default()), permit.actor(), permit.origin()).await
    }
}

/// The subject, where what is to be changed is what was seen.
fn seen<R: Right>(permit: &Permit<R>, same: impl Fn(&User) -> bool) -> Result<&User, Refusal> {
    let subject = permit.subject().ok_or(Refusal::UserUnknown)?;
    if same(subject) { Ok(subject) } else { Err(Refusal::ChangedMeanwhile) }
}

/// The premises of a permit, once: each of the permits of one form has the same, and the first statement of a change that
/// follows makes them untrue.
fn with_premises<R: Right>(change: Change, permit: &Permit<R>) -> Change {
    if change.audit().is_empty() { permit.premised(change) } else { change }
}

fn yes_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}
