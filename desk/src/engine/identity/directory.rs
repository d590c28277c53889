//! What a campus directory is to the desk.

use std::fmt::Debug;

use futures::future::BoxFuture;
use tokio::sync::mpsc;

use crate::engine::log_limiter::LogLimiter;
use crate::engine::secret::Secret;
use crate::{NetId, Refusal, Source};

/// Each log-in that fails by it says so, and strangers may try many.
static FAILED: LogLimiter = LogLimiter::new(20);

/// How it is asked whether a password is somebody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asking {
    /// They come in if it is. If not, they stay outside whatever is said, and a right password
    /// takes no longer than a wrong one.
    pub wanted: bool,
    /// It was typed in a browser that has logged in as them before: what strangers ask does not
    /// hold it up.
    pub known: bool,
}

/// A campus directory that knows who people are: LDAP. Beside it, whoever has a NetID password in
/// Latchkey's own store (the built-in directory: `latchkey user import`, the demo) keeps logging in
/// with that one.
///
/// An adapter takes the same time for a wrong password and for an unknown NetID as far as it can.
pub trait Directory: Send + Sync + Debug {
    /// As people's source and in the audit.
    fn source(&self) -> Source;

    /// What is said of the person where the password is theirs; none where it is not, nobody has
    /// that NetID, or they are not [`Asking::wanted`].
    ///
    /// # Errors
    /// [`DirectoryError`] where the directory cannot say.
    fn check<'a>(
        &'a self,
        netid: &'a NetId,
        password: &'a Secret,
        asking: Asking,
    ) -> BoxFuture<'a, Result<Option<ExternalIdentity>, DirectoryError>>;

    /// Everybody in it, in batches of some hundred. It ends early where nobody takes them any more.
    ///
    /// # Errors
    /// [`DirectoryError`] where the directory cannot say, or not to the end: what was sent until
    /// then is not everybody.
    fn everybody(
        &self,
        extent: Extent,
        to: mpsc::Sender<Vec<ExternalIdentity>>,
    ) -> BoxFuture<'_, Result<(), DirectoryError>>;
}

/// How much is asked of everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The NetID alone.
    NetIds,
    /// Name, e-mail address and groups too.
    Whole,
}

/// A person whom somebody trusted vouches for: a proxy that has logged them in, an OpenID provider,
/// a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExternalIdentity {
    /// Their NetID, as it was said.
    pub netid: String,
    /// Full name; none: not said, and the known one stays.
    pub name: Option<String>,
    /// E-mail address; none: not said, and the known one stays.
    pub email: Option<String>,
    /// Groups; none: not said, and they decide nothing.
    pub groups: Option<Vec<String>>,
    /// What a directory calls their entry for good, whatever its name becomes (`entryUUID`,
    /// `objectGUID`); none: not said.
    pub id: Option<String>,
}

/// Why a directory cannot say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// It does not answer, or not in time.
    #[error("the directory does not answer: {0}")]
    Unavailable(String),
    /// It was told a password and has not answered, or not in time: it may have counted it.
    #[error("the directory does not answer: {0}")]
    Unanswered(String),
    /// It does not let Latchkey search.
    #[error("the directory refuses Latchkey: {0}")]
    Refuses(String),
    /// It answers what cannot be right: a certificate of somebody else's, a base that is not there.
    #[error("the directory answers what cannot be right: {0}")]
    Nonsense(String),
    /// What it says of one person cannot be right: two people with one NetID.
    #[error("the directory answers what cannot be right: {0}")]
    Unclear(String),
}

impl DirectoryError {
    /// What is wrong, without whose fault it is.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::Unavailable(message)
            | Self::Unanswered(message)
            | Self::Refuses(message)
            | Self::Nonsense(message)
            | Self::Unclear(message) => message,
        }
    }

    /// The same of a password that it was told.
    #[must_use]
    pub fn unanswered(self) -> Self {
        match self {
            Self::Unavailable(message) => Self::Unanswered(message),
            other => other,
        }
    }
}

impl From<DirectoryError> for Refusal {
    fn from(error: DirectoryError) -> Self {
        if let Some(left_out) = FAILED.may_speak() {
            tracing::error!(%error, left_out, "directory");
        }
        match error {
            DirectoryError::Unavailable(_)
            | DirectoryError::Unanswered(_)
            | DirectoryError::Refuses(_)
            | DirectoryError::Nonsense(_) => Self::DirectoryUnavailable,
            DirectoryError::Unclear(_) => Self::SignOnRefused,
        }
    }
}
