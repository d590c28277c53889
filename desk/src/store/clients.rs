//! Clients as the store has them.

use surrealdb::types::{RecordId, SurrealValue};

use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::rows;
use crate::store::vars::vars;
use crate::{ClientName, Moment};

#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct ClientRecord {
    id: RecordId,
    created: i64,
}

#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct ClientSecretRecord {
    id: RecordId,
    secret: String,
}

impl Store {
    /// The digest of the secret of the client with this name. Any text is looked for, so that what
    /// is no name costs the same.
    pub(crate) async fn client_secret(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.row(
            "SELECT VALUE secret FROM type::record('client', $name)",
            vars! { "name" => name.to_owned() },
        )
        .await
    }

    /// Every client's name and its secret's digest: there are as many as there are applications.
    pub(crate) async fn client_secrets(&self) -> Result<Vec<(String, String)>, StoreError> {
        let found: Vec<ClientSecretRecord> =
            self.rows("SELECT id, secret FROM client", vars! {}).await?;
        Ok(found.into_iter().map(|row| (rows::key(&row.id), row.secret)).collect())
    }

    /// Every client's name, and when it was registered.
    pub(crate) async fn clients(&self) -> Result<Vec<(ClientName, Moment)>, StoreError> {
        let found: Vec<ClientRecord> =
            self.rows("SELECT id, created FROM client", vars! {}).await?;
        let read = |row: ClientRecord| {
            Some((ClientName::parse(&rows::key(&row.id)).ok()?, Moment(row.created)))
        };
        Ok(found.into_iter().filter_map(read).collect())
    }
}

/// Registers a client, by the digest of its secret; [`StoreError::Exists`] where there is one of
/// that name.
pub(crate) fn add(name: &ClientName, secret: String, now: Moment) -> Change {
    Change::new(
        "CREATE type::record('client', $name) CONTENT { secret: $secret, created: $created }",
        vars! { "name" => name.to_string(), "secret" => secret, "created" => now.0 },
    )
}

/// Removes a client; [`super::error::Condition::Unknown`] where there is none of that name.
pub(crate) fn remove(name: &ClientName) -> Change {
    Change::new(
        "LET $removed = (DELETE type::record('client', $name) RETURN BEFORE); IF \
            array::len($removed) = 0 { THROW 'unknown' }",
        vars! { "name" => name.to_string() },
    )
}
