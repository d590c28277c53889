//! What a server function did for a form. A new secret is in it once, and neither in its `Debug`
//! nor in a cookie.

use serde::{Deserialize, Serialize};

use crate::notice::Notice;

/// What a server function did for a form.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// What the live region says.
    pub notice: Option<Notice>,
    /// A new secret, shown once. Never left in a cookie.
    pub secret: Option<String>,
    /// What it is for, said beside it.
    pub about: String,
    /// The page that follows, where it is another one.
    pub go: Option<String>,
}

/// Without the secret.
impl std::fmt::Debug for Done {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Done")
            .field("notice", &self.notice)
            .field("go", &self.go)
            .finish_non_exhaustive()
    }
}

impl Done {
    /// Done, and the live region says so.
    #[must_use]
    pub fn with_notice(text: impl Into<String>) -> Self {
        Self::with(Notice::good(text))
    }

    /// Done, and the live region says this notice.
    #[must_use]
    pub fn with(notice: Notice) -> Self {
        Self { notice: Some(notice), ..Self::default() }
    }

    /// Done; another page follows.
    #[must_use]
    pub fn go(path: impl Into<String>) -> Self {
        Self { go: Some(path.into()), ..Self::default() }
    }
}
