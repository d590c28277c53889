//! Applications that may ask about tokens presented to them (RFC 7662) and revoke them (RFC 7009):
//! registered by the operator, by name and a secret that is shown once. Tests:
//! `desk/tests/desk/clients.rs`.

use std::fmt;
use std::net::IpAddr;

use serde::Serialize;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::engine::audit::entry::entry;
use crate::engine::desk::Desk;
use crate::engine::doors::Console;
use crate::engine::origin::Origin;
use crate::engine::secret::{PlainToken, Secret, client_credential, fill_random, hex, sha256_hex};
use crate::engine::verify::stranger_gate::{OpenGate, StrangerGate};
use crate::engine::verify::timeout::VERIFY_TIMEOUT;
use crate::engine::verify::verdict::{Verdict, VerifyRequest};
use crate::store::clients;
use crate::store::error::{Condition, StoreError};
use crate::{Actor, AuditAction, ClientName, Moment, Refusal};

/// The start of every client's secret: secret scanners and people know it by that.
const SECRET_PREFIX: &str = "latchkey_client_";

/// A client's secret in the clear: 256 random bits. Shown once; kept as its SHA-256, since it is
/// random (ASVS 5.0 11.5.1).
#[derive(Clone)]
pub struct ClientSecret(Zeroizing<String>);

impl ClientSecret {
    fn random() -> Self {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        fill_random(&mut *bytes);
        Self(Zeroizing::new(format!("{SECRET_PREFIX}{}", hex(&*bytes))))
    }

    /// The secret itself: for the operator, once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret")
    }
}

/// A client that has proved itself: the door of applications. Only [`Desk::client`] makes one.
#[derive(Clone, Debug)]
pub struct Client {
    desk: Desk,
    name: ClientName,
}

/// A client's name in the audit: no NetID has parentheses.
fn title(name: &ClientName) -> String {
    Actor::Client(name.clone()).code()
}

/// A client as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClientView {
    /// What it gives with its secret, and what the audit calls it after `(client)`.
    pub name: ClientName,
    /// When it was registered.
    pub created: Moment,
}

impl Desk {
    /// The client with this name and secret; none where either is wrong, after the same work.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn client(&self, name: &str, secret: &Secret) -> Result<Option<Client>, Refusal> {
        self.client_through(&OpenGate, name, secret).await
    }

    /// As [`Desk::client`]; the store is asked about a secret that was not right before only if the
    /// gate lets it be asked.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`], [`Refusal::Unavailable`].
    pub async fn client_through(
        &self,
        gate: &dyn StrangerGate,
        name: &str,
        secret: &Secret,
    ) -> Result<Option<Client>, Refusal> {
        // What is no name is looked up too, under one that nobody has.
        let name = ClientName::parse(name).ok();
        let client_name = name.as_ref().map_or("-", ClientName::as_str);
        let presented = sha256_hex(secret.expose().as_bytes());
        let credential = client_credential(client_name, &presented);
        let cache = &self.inner.cache;
        if !cache.has_known_client(&credential) {
            gate.may_ask().map_err(|seconds| Refusal::TooManyAttempts { seconds })?;
        }
        let Some(client) = name.clone().map(|name| Client { desk: self.clone(), name }) else {
            self.inner.store.client_secret(client_name).await?;
            gate.was_unknown();
            return Ok(None);
        };
        if cache.knows_client(&credential, self.now()) {
            return Ok(Some(client));
        }
        let reading = cache.begin_read();
        let found = self.inner.store.client_secret(client_name);
        let found =
            tokio::time::timeout(VERIFY_TIMEOUT, found).await.map_err(|_| StoreError::Silent)??;
        let stored = found.unwrap_or_else(|| "0".repeat(64));
        if !bool::from(stored.as_bytes().ct_eq(presented.as_bytes())) {
            gate.was_unknown();
            return Ok(None);
        }
        cache.put_client(credential, &title(&client.name), reading, self.now());
        Ok(Some(client))
    }
}

impl Console {
    /// Registers a client, by the operator. The secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`Refusal::ClientUnreadable`], [`Refusal::ClientExists`], [`Refusal::Unavailable`].
    pub async fn add_client(&self, name: &str) -> Result<ClientSecret, Refusal> {
        let name = ClientName::parse(name)?;
        let secret = ClientSecret::random();
        let digest = sha256_hex(secret.expose().as_bytes());
        self.inner.cache.ids.add(&client_credential(name.as_str(), &digest));
        let add = clients::add(&name, digest, self.now());
        let entry =
            entry(Actor::Console, &title(&name), AuditAction::ClientAdd, &Origin::console());
        self.inner.store.commit(add.audited(entry), self.now()).await.map_err(
            |error| match error {
                StoreError::Exists => Refusal::ClientExists,
                other => other.into(),
            },
        )?;
        Ok(secret)
    }

    /// Takes a client's right away, from its next request on.
    ///
    /// # Errors
    /// [`Refusal::ClientUnknown`], [`Refusal::Unavailable`].
    pub async fn remove_client(&self, name: &str) -> Result<(), Refusal> {
        let name = ClientName::parse(name).map_err(|_| Refusal::ClientUnknown)?;
        let entry =
            entry(Actor::Console, &title(&name), AuditAction::ClientRemove, &Origin::console());
        self.inner.store.commit(clients::remove(&name).audited(entry), self.now()).await.map_err(
            |error| match error {
                StoreError::Condition(Condition::Unknown) => Refusal::ClientUnknown,
                other => other.into(),
            },
        )
    }

    /// All clients by name.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn clients(&self) -> Result<Vec<ClientView>, Refusal> {
        let found = self.inner.store.clients().await?;
        let mut clients: Vec<_> =
            found.into_iter().map(|(name, created)| ClientView { name, created }).collect();
        clients.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(clients)
    }
}

impl Client {
    /// What it may know of a token presented to it, from `address` where it says so: a good one is
    /// a use of it.
    pub async fn introspect(&self, token: &str, address: Option<IpAddr>) -> Verdict {
        self.introspect_through(&OpenGate, token, address).await
    }

    /// As [`Client::introspect`]; the store is asked about what nobody here has heard of only if
    /// the gate lets it be asked.
    pub async fn introspect_through(
        &self,
        gate: &dyn StrangerGate,
        token: &str,
        address: Option<IpAddr>,
    ) -> Verdict {
        // What it is for the client decides, by the scope: it may be to change something.
        let request = VerifyRequest { method: "GET", address };
        self.desk.verify_noting(gate, token, None, &request, true).await
    }

    /// Revokes a token that it holds.
    ///
    /// # Errors
    /// [`Refusal::TokenUnknown`], [`Refusal::TokenOver`], [`Refusal::Unavailable`].
    pub async fn revoke(&self, token: &PlainToken, origin: &Origin) -> Result<(), Refusal> {
        self.revoke_through(&OpenGate, token, origin).await
    }

    /// As [`Client::revoke`]; the store is asked about what nobody here has heard of only if the
    /// gate lets it be asked.
    ///
    /// # Errors
    /// As [`Client::revoke`], and [`Refusal::TooManyAttempts`].
    pub async fn revoke_through(
        &self,
        gate: &dyn StrangerGate,
        token: &PlainToken,
        origin: &Origin,
    ) -> Result<(), Refusal> {
        self.revoke_presented_through(gate, token.expose(), origin).await
    }

    /// As [`Client::revoke_through`], of whatever was presented as a token: one of Latchkey's, or a
    /// string of Request Tracker's.
    ///
    /// # Errors
    /// As [`Client::revoke_through`].
    pub async fn revoke_presented_through(
        &self,
        gate: &dyn StrangerGate,
        token: &str,
        origin: &Origin,
    ) -> Result<(), Refusal> {
        self.desk.revoke_presented(gate, token, Actor::Client(self.name.clone()), origin).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_long_and_does_not_show() {
        let secret = ClientSecret::random();
        assert_eq!(secret.expose().len(), SECRET_PREFIX.len() + 64);
        assert_eq!(format!("{secret:?}"), "ClientSecret");
    }
}
