//! The outcome of a form posted without script, carried to the next page in a cookie that lives ten
//! minutes.
//!
//! So that no outcome is ever in an address, and so that what was typed survives a refusal and even
//! a log-in in between. Passwords and tokens are never in it.

use desk::Refusal;
use serde::{Deserialize, Serialize};

use crate::notice::Notice;

/// What became of one form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The form's name.
    pub form: String,
    /// For whom the form's page was made, by NetID, where somebody else may log in before it is
    /// shown: nobody else sees it.
    pub made_for: Option<String>,
    /// What was typed, field by field; passwords excepted.
    pub typed: Vec<(String, String)>,
    /// Why it was refused; none: it was done.
    pub refusal: Option<Refusal>,
    /// What was done.
    pub notice: Option<Notice>,
}

impl Outcome {
    /// What was typed into the field of this name.
    #[must_use]
    pub fn typed(&self, name: &str) -> Option<&str> {
        self.typed.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
