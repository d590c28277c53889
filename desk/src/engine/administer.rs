use super::sessions::delete_sessions;
use super::store::{Change, vars};
use super::throttle::throttle_key;
use super::{Desk, Origin, Permit};
use crate::rules::Action;
use crate::{Refusal, Role};

/// What an administrator changes of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountChange {
    /// Gives the person a role. Their sessions go on with it from the next request.
    Role(Role),
    /// Lets them have a local password and tokens, or no longer. Without it their tokens are refused from the next
    /// request; they are not revoked, and work again when it is given back.
    Privileged(bool),
    /// Disables the account or enables it again. Disabled: sessions end, tokens are refused from the next request.
    Disabled(bool),
}

impl AccountChange {
    fn action(self) -> Action {
        match self {
            Self::Role(_) => Action::SetRole,
            Self::Privileged(_) => Action::SetPrivileged,
            Self::Disabled(_) => Action::SetDisabled,
        }
    }
}

impl Desk {
    /// Changes one person's account: all of it in one transaction, or nothing. Each change needs a permit of its own.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn change_account(&self, changes: &[(Permit, AccountChange)], origin: &Origin) -> Result<(), Refusal> {
        let Some((first, _)) = changes.first() else { return Ok(()) };
        let subject = first.subject()?;
        let netid = &subject.person.netid;
        let mut all = Change::new("LET $changed = $netid", vars! { "netid" => netid.as_str().to_owned() });
        for (permit, change) in changes {
            permit.covers(&[change.action()])?;
            if permit.subject()?.person.netid != *netid {
                return Err(crate::Denied::RoleTooLow.into());
            }
            let (sql, values, action, detail) = match *change {
                AccountChange::Role(role) => (
                    "UPDATE type::record('user', $netid) SET role = $role",
                    vars! { "role" => role.word().to_owned() },
                    "user.role",
                    format!("{} → {role}", subject.person.role),
                ),
                AccountChange::Privileged(privileged) => (
                    "UPDATE type::record('user', $netid) SET privileged = $privileged, spared = false",
                    vars! { "privileged" => privileged },
                    "user.privileged",
                    yes_no(privileged),
                ),
                AccountChange::Disabled(disabled) => (
                    // From now on it is an administrator's word: a directory that no longer has them does not take them again.
                    "UPDATE type::record('user', $netid) SET source = IF left_by { 'desk' } ELSE { source },
                        disabled = $disabled, left_at = NONE, left_by = NONE",
                    vars! { "disabled" => disabled },
                    "user.disabled",
                    yes_no(disabled),
                ),
            };
            all = all.and(sql, values);
            if *change == AccountChange::Disabled(true) {
                let (sql, values) = delete_sessions(netid, String::new());
                all = all.and(sql, values);
            }
            let mut entry = Self::entry(permit.actor_name(), netid.as_str(), action, origin);
            entry.detail = detail;
            all = all.audited(entry);
        }
        Ok(self.inner.store.commit(all, self.now()).await?)
    }

    /// Opens an account that was closed after too many wrong passwords.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn open_account(&self, permit: &Permit, origin: &Origin) -> Result<(), Refusal> {
        permit.covers(&[Action::SetDisabled])?;
        let netid = &permit.subject()?.person.netid;
        let change = Change::new("DELETE type::record('throttle', $key)", vars! { "key" => throttle_key(netid) });
        let entry = Self::entry(permit.actor_name(), netid.as_str(), "user.open", origin);
        Ok(self.inner.store.commit(change.audited(entry), self.now()).await?)
    }

    /// Ends every session of the subject; answers how many.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn end_sessions_of(&self, permit: &Permit, origin: &Origin) -> Result<u32, Refusal> {
        permit.covers(&[Action::EndSessionsOf])?;
        self.end_sessions(&permit.subject()?.person.netid, None, permit.actor_name(), origin).await
    }
}

fn yes_no(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}
