//! The four roles, and what each is called in the store, in forms and on pages.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a person does at the desk, in rising order.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks after their own tokens.
    #[default]
    Staff,
    /// A Campus Services rep: finds people and sets local passwords.
    Rep,
    /// The Help Desk: sees and revokes others' tokens too.
    HelpDesk,
    /// Assigns roles and reads the audit.
    Admin,
}

impl Role {
    /// Every role, in rising order.
    pub const ALL: [Self; 4] = [Self::Staff, Self::Rep, Self::HelpDesk, Self::Admin];

    /// The word in the store, forms, files and on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Rep => "rep",
            Self::HelpDesk => "help_desk",
            Self::Admin => "admin",
        }
    }

    /// The words a page shows.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Staff => "Staff",
            Self::Rep => "Campus Services rep",
            Self::HelpDesk => "Help Desk",
            Self::Admin => "Administrator",
        }
    }

    /// Reads [`Role::word`].
    ///
    /// # Errors
    /// [`UnknownRole`], which is a [`Refusal`](crate::Refusal) too.
    pub fn parse(word: &str) -> Result<Self, UnknownRole> {
        let word = word.trim();
        Self::ALL.into_iter().find(|role| role.word() == word).ok_or(UnknownRole)
    }
}

/// No role has that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("There is no such role. The roles are staff, rep, help_desk and admin.")]
pub struct UnknownRole;

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
