//! A secret of the configuration: neither its `Debug` nor what is printed of the configuration
//! shows it.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// Stands for a secret that is set.
const MASK: &str = "********";

/// A password or secret. Its `Debug` prints nothing of it, and serialised it is a mask.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct HiddenText(String);

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
