use super::sessions::delete_sessions;
use super::store::{Change, vars};
use super::throttle::throttle_key;
use super::{Desk, Origin, Permit};
use crate::rules::Action;
use crate::{Refusal, Role};

impl Desk {
    /// Gives the subject a role. Their sessions go on with it from the next request.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn set_role(&self, permit: &Permit, role: Role, origin: &Origin) -> Result<(), Refusal> {
        permit.covers(&[Action::SetRole])?;
        let was = permit.subject()?.person.role;
        let detail = format!("{was} → {role}");
        let set = "UPDATE type::record('user', $netid) SET role = $role";
        self.administer(permit, Change::new(set, vars! { "role" => role.word().to_owned() }), "user.role", detail, origin).await
    }

    /// Lets the subject have a local password and tokens, or no longer. Without it their tokens are refused from the
    /// next request; they are not revoked, and work again when it is given back.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn set_privileged(&self, permit: &Permit, privileged: bool, origin: &Origin) -> Result<(), Refusal> {
        permit.covers(&[Action::SetPrivileged])?;
        let set = "UPDATE type::record('user', $netid) SET privileged = $privileged";
        self.administer(permit, Change::new(set, vars! { "privileged" => privileged }), "user.privileged", yes_no(privileged), origin).await
    }

    /// Disables the subject's account or enables it again. Disabled: sessions end, tokens are refused from the next request.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn set_disabled(&self, permit: &Permit, disabled: bool, origin: &Origin) -> Result<(), Refusal> {
        permit.covers(&[Action::SetDisabled])?;
        let mut change = Change::new("UPDATE type::record('user', $netid) SET disabled = $disabled", vars! { "disabled" => disabled });
        if disabled {
            let (sql, vars) = delete_sessions(&permit.subject()?.person.netid, String::new());
            change = change.and(sql, vars);
        }
        self.administer(permit, change, "user.disabled", yes_no(disabled), origin).await
    }

    /// Opens an account that was closed after too many wrong passwords.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn open_account(&self, permit: &Permit, origin: &Origin) -> Result<(), Refusal> {
        permit.covers(&[Action::SetDisabled])?;
        let key = throttle_key(&permit.subject()?.person.netid);
        let change = Change::new("DELETE type::record('throttle', $key)", vars! { "key" => key });
        self.administer(permit, change, "user.open", String::new(), origin).await
    }

    /// Ends every session of the subject; answers how many.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn end_sessions_of(&self, permit: &Permit, origin: &Origin) -> Result<u32, Refusal> {
        permit.covers(&[Action::EndSessionsOf])?;
        self.end_sessions(&permit.subject()?.person.netid, None, permit.actor_name(), origin).await
    }

    async fn administer(
        &self,
        permit: &Permit,
        change: Change,
        action: &'static str,
        detail: String,
        origin: &Origin,
    ) -> Result<(), Refusal> {
        let netid = permit.subject()?.person.netid.as_str();
        let mut entry = Self::entry(permit.actor_name(), netid, action, origin);
        entry.detail = detail;
        // Not RETURN: it would end the transaction before its audit row.
        let change = change.and("LET $administered = $netid", vars! { "netid" => netid.to_owned() });
        Ok(self.inner.store.commit(change.audited(entry), self.now()).await?)
    }
}

fn yes_no(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}
