//! Whom somebody asks for what they cannot do for themselves. Tests: below, and
//! `desk/tests/desk/standing.rs`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Role;

/// Whom somebody asks for what they cannot do for themselves: always somebody whom the rules let do
/// it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Helper {
    /// For staff and reps.
    #[default]
    HelpDesk,
    /// For the Help Desk itself.
    Administrator,
    /// For administrators.
    AnotherAdministrator,
    /// For the only administrator who could: with the command line.
    Operator,
}

impl Helper {
    /// Whom somebody of this role asks. Whether there is another administrator, only the desk
    /// knows.
    #[must_use]
    pub const fn of(role: Role) -> Self {
        match role {
            Role::Staff | Role::Rep => Self::HelpDesk,
            Role::HelpDesk => Self::Administrator,
            Role::Admin => Self::AnotherAdministrator,
        }
    }
}

impl fmt::Display for Helper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HelpDesk => "the Help Desk",
            Self::Administrator => "an administrator",
            Self::AnotherAdministrator => "another administrator",
            Self::Operator => "whoever runs the server",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Action;
    use crate::rules::check;
    use crate::rules::tests::person;

    #[test]
    fn whoever_is_asked_may_do_it() {
        for (role, acting, name) in [
            (Role::Staff, Role::HelpDesk, "the Help Desk"),
            (Role::Rep, Role::HelpDesk, "the Help Desk"),
            (Role::HelpDesk, Role::Admin, "an administrator"),
            (Role::Admin, Role::Admin, "another administrator"),
        ] {
            assert_eq!(Helper::of(role).to_string(), name);
            for action in [Action::SetLocalPassword, Action::OpenAccount] {
                assert_eq!(
                    check(&person("asked", acting), action, Some(&person("asks", role))),
                    Ok(()),
                    "{role} {action:?}"
                );
            }
        }
    }
}
