use std::fmt::Debug;

use futures::future::BoxFuture;

use super::hasher::Hasher;
use super::people::find_user;
use super::secret::Secret;
use super::store::Store;
use crate::{NetId, Refusal};

/// Who says whether a NetID password is right: the built-in directory, LDAP, OpenID Connect or a trusted proxy.
///
/// An adapter takes the same time for a wrong password and for an unknown NetID as far as it can.
pub trait Directory: Send + Sync + Debug {
    /// The person's entry where the password is theirs, none where it is not or nobody has that NetID.
    ///
    /// # Errors
    /// [`DirectoryError`] where the directory cannot say.
    fn check<'a>(&'a self, netid: &'a NetId, password: &'a Secret) -> BoxFuture<'a, Result<Option<DirectoryEntry>, DirectoryError>>;
}

/// What a directory says of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// Full name.
    pub name: String,
    /// E-mail address, may be empty.
    pub email: String,
}

/// Why a directory cannot say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// It does not answer.
    #[error("the directory does not answer")]
    Unavailable,
    /// Too many ask at once.
    #[error("too many log-ins at once")]
    Busy,
}

impl From<DirectoryError> for Refusal {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Unavailable => Self::DirectoryUnavailable,
            DirectoryError::Busy => Self::TooManyAttempts { seconds: 3 },
        }
    }
}

/// The directory in Latchkey's own store: argon2id of NetID passwords, filled by `latchkey user import` and the demo.
#[derive(Debug)]
pub(super) struct BuiltIn {
    store: Store,
    hasher: Hasher,
}

impl BuiltIn {
    pub(super) fn new(store: Store, hasher: Hasher) -> Self {
        Self { store, hasher }
    }
}

impl Directory for BuiltIn {
    fn check<'a>(&'a self, netid: &'a NetId, password: &'a Secret) -> BoxFuture<'a, Result<Option<DirectoryEntry>, DirectoryError>> {
        Box::pin(async move {
            let user = find_user(&self.store, netid).await.map_err(|_| DirectoryError::Unavailable)?;
            let hash = user.as_ref().and_then(|user| user.netid_hash.as_deref());
            let right = self.hasher.verify(hash, password).await.map_err(|_| DirectoryError::Busy)?;
            Ok(user.filter(|_| right).map(|user| DirectoryEntry { name: user.name, email: user.email }))
        })
    }
}
