//! A secret of the configuration: neither its `Debug` nor what is printed of the configuration shows it.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// Stands for a secret that is set.
const MASK: &str = "********";

/// A password or secret. Its `Debug` prints nothing of it, and serialised it is a mask.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct HiddenText(String);

/// An empty variable sets no secret.
#[derive(Debug, thiserror::Error)]
#[error("a secret that is set is not empty")]
pub(super) struct NoSecret;

impl HiddenText {
    /// Wraps a secret.
    #[must_use]
    pub fn new(password: String) -> Self {
        Self(password)
    }

    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// From the environment.
    ///
    /// # Errors
    /// [`NoSecret`] where the variable is empty: it then counts as not set.
    pub(super) fn from_environment(text: &str) -> Result<Self, NoSecret> {
        if text.is_empty() { Err(NoSecret) } else { Ok(Self(text.to_owned())) }
    }
}

impl fmt::Debug for HiddenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HiddenText")
    }
}

impl Serialize for HiddenText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if self.0.is_empty() { "" } else { MASK })
    }
}

/// A secret for the program, where one is set.
pub(super) fn secret(text: Option<HiddenText>) -> Option<desk::Secret> {
    text.filter(|text| !text.0.is_empty()).map(|text| desk::Secret::new(text.0))
}
