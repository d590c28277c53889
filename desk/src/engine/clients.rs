//! Applications that may ask about tokens presented to them (RFC 7662) and revoke them (RFC 7009): registered by the
//! operator, by name and a secret that is shown once.

use std::fmt;
use std::net::IpAddr;

use serde::Serialize;
use subtle::ConstantTimeEq;
use surrealdb::types::{RecordId, SurrealValue};
use zeroize::Zeroizing;

use super::secret::{fill_random, hex, sha256, sha256_hex};
use super::store::{Change, StoreError, rows, vars};
use super::verify::PATIENCE;
use super::{CONSOLE, Desk, Origin, PlainToken, Secret, Verdict, VerifyRequest};
use crate::{Moment, Refusal};

/// The start of every client's secret: secret scanners and people know it by that.
const SECRET_PREFIX: &str = "latchkey_client_";

/// A client's secret in the clear: 256 random bits. Shown once; kept as its SHA-256, since it is random (ASVS 5.0 11.5.1).
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

/// A client that has proved itself. Only [`Desk::client`] makes one.
#[derive(Clone, Debug)]
pub struct Client {
    name: String,
}

impl Client {
    /// Its name in the audit: no NetID has parentheses.
    fn title(&self) -> String {
        title(&self.name)
    }
}

fn title(name: &str) -> String {
    format!("(client) {name}")
}

/// A client as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClientView {
    /// Its name.
    pub name: String,
    /// When it was registered.
    pub created: Moment,
}

#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct ClientRecord {
    id: RecordId,
    secret: String,
    created: i64,
}

fn checked(name: &str) -> Result<&str, Refusal> {
    let good = (1..=64).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if good { Ok(name) } else { Err(Refusal::ClientUnreadable) }
}

impl Desk {
    /// Registers a client, by the operator. The secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`Refusal::ClientUnreadable`], [`Refusal::ClientExists`], [`Refusal::Unavailable`].
    pub async fn console_add_client(&self, name: &str) -> Result<ClientSecret, Refusal> {
        let name = checked(name)?;
        let secret = ClientSecret::random();
        let values = vars! { "name" => name.to_owned(), "secret" => sha256_hex(secret.expose().as_bytes()), "created" => self.now().0 };
        let create = "CREATE type::record('client', $name) CONTENT { secret: $secret, created: $created }";
        let entry = Self::entry(CONSOLE, &title(name), "client.add", &Origin::console());
        self.inner.store.commit(Change::new(create, values).audited(entry), self.now()).await.map_err(|error| match error {
            StoreError::Exists => Refusal::ClientExists,
            other => other.into(),
        })?;
        Ok(secret)
    }

    /// Takes a client's right away, from its next request on.
    ///
    /// # Errors
    /// [`Refusal::ClientUnknown`], [`Refusal::Unavailable`].
    pub async fn console_remove_client(&self, name: &str) -> Result<(), Refusal> {
        let name = checked(name).map_err(|_| Refusal::ClientUnknown)?;
        let remove = "LET $removed = (DELETE type::record('client', $name) RETURN BEFORE); IF array::len($removed) = 0 { THROW 'unknown' }";
        let entry = Self::entry(CONSOLE, &title(name), "client.remove", &Origin::console());
        let change = Change::new(remove, vars! { "name" => name.to_owned() }).audited(entry);
        self.inner.store.commit(change, self.now()).await.map_err(|error| match error {
            StoreError::Condition(word) if word == "unknown" => Refusal::ClientUnknown,
            other => other.into(),
        })
    }

    /// All clients by name.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn console_clients(&self) -> Result<Vec<ClientView>, Refusal> {
        let found: Vec<ClientRecord> = self.inner.store.rows("SELECT * FROM client", vars! {}).await?;
        let mut clients: Vec<_> =
            found.into_iter().map(|row| ClientView { name: rows::key(&row.id), created: Moment(row.created) }).collect();
        clients.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(clients)
    }

    /// The client with this name and secret; none where either is wrong, after the same work.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn client(&self, name: &str, secret: &Secret) -> Result<Option<Client>, Refusal> {
        // What is no name is looked up too, under one that nobody has.
        let asked = checked(name).unwrap_or("-");
        let presented = sha256_hex(secret.expose().as_bytes());
        let credential = sha256(format!("{asked} {presented}").as_bytes());
        let (cache, client) = (&self.inner.store.cache, Client { name: asked.to_owned() });
        if cache.knows_client(&credential, self.now()) {
            return Ok(Some(client));
        }
        let reading = cache.reading();
        let found =
            self.inner.store.row::<ClientRecord>("SELECT * FROM type::record('client', $name)", vars! { "name" => asked.to_owned() });
        let found = tokio::time::timeout(PATIENCE, found).await.map_err(|_| StoreError::Silent)??;
        let stored = found.map_or_else(|| "0".repeat(64), |row| row.secret);
        if !bool::from(stored.as_bytes().ct_eq(presented.as_bytes())) {
            return Ok(None);
        }
        cache.put_client(credential, &client.title(), reading, self.now());
        Ok(Some(client))
    }

    /// What a client may know of a token presented to it, from `address` where it says so: a good one is a use of it.
    pub async fn introspect(&self, _client: &Client, token: &str, address: Option<IpAddr>) -> Verdict {
        // What it is for the client decides, by the scope.
        self.verify(token, None, &VerifyRequest { method: "GET", address }).await
    }

    /// A client revokes a token that it holds.
    ///
    /// # Errors
    /// [`Refusal::TokenUnknown`], [`Refusal::TokenOver`], [`Refusal::Unavailable`].
    pub async fn revoke_by_client(&self, client: &Client, token: &PlainToken, origin: &Origin) -> Result<(), Refusal> {
        self.revoke_presented(token, &client.title(), origin).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clients_name_is_plain() {
        for name in ["rt", "rt-5", "a", &"a".repeat(64)] {
            assert_eq!(checked(name), Ok(name));
        }
        for name in ["", "RT", "5rt", "-rt", "rt 5", "rt:5", "ü", "(client)", &"a".repeat(65)] {
            assert_eq!(checked(name), Err(Refusal::ClientUnreadable), "{name}");
        }
    }

    #[test]
    fn a_secret_is_long_and_does_not_show() {
        let secret = ClientSecret::random();
        assert_eq!(secret.expose().len(), SECRET_PREFIX.len() + 64);
        assert_eq!(format!("{secret:?}"), "ClientSecret");
    }
}
