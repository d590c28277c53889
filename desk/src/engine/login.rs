use super::people::find_user;
use super::store::{Change, vars};
use super::{Cookie, Desk, Origin, Secret};
use crate::{NetId, Refusal};

impl Desk {
    /// Logs a person in with their NetID password and makes a session.
    ///
    /// # Errors
    /// [`Refusal::LoginIncorrect`] alike for wrong, unknown and disabled, after the same work;
    /// [`Refusal::TooManyAttempts`], [`Refusal::AccountClosed`], [`Refusal::DirectoryUnavailable`], [`Refusal::Unavailable`].
    pub async fn log_in(&self, netid: &str, password: &Secret, origin: &Origin) -> Result<(Cookie, NetId), Refusal> {
        let Ok(netid) = NetId::parse(netid) else {
            // No NetID at all: the same work as for a wrong password, and nothing of what was typed is kept.
            self.inner.hasher.verify(None, password).await?;
            return Err(Refusal::LoginIncorrect);
        };
        let user = find_user(&self.inner.store, &netid).await?;
        let enabled = user.as_ref().is_some_and(|user| !user.person.disabled);
        let check = async { Ok(self.inner.directory.check(&netid, password).await?.filter(|_| enabled)) };
        self.guarded(&netid, user.is_some(), "log-in", origin, Refusal::LoginIncorrect, check).await?;
        let cookie = Cookie::random();
        let now = self.now();
        let create =
            "CREATE type::record('session', $id) CONTENT { user: $user, created: $now, last_seen: $now, address: $address, agent: $agent }";
        let entry = Self::entry(netid.as_str(), netid.as_str(), "log-in", origin);
        let values = vars! {
            "id" => cookie.id(), "user" => netid.as_str().to_owned(), "now" => now.0,
            "address" => entry.address.clone(), "agent" => entry.agent.clone(),
        };
        self.inner.store.commit(Change::new(create, values).audited(entry), now).await?;
        Ok((cookie, netid))
    }
}
