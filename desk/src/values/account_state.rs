//! What administrators decide of an account, and the words for what became another of it.

use serde::{Deserialize, Serialize};

use crate::Role;

/// What administrators decide of an account: what their form is drawn from, and what it is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountState {
    /// What the person does at the desk.
    pub role: Role,
    /// May have a local password and tokens.
    pub privileged: bool,
    /// May do nothing.
    pub disabled: bool,
}

impl AccountState {
    /// What became another from `self` to `now`, in words that follow one another:
    /// `the role was changed (Staff → Help Desk)`.
    #[must_use]
    pub fn differences(&self, now: &Self) -> Vec<String> {
        let mut words = Vec::new();
        if self.role != now.role {
            words.push(format!(
                "the role was changed (Role: {} → {})",
                self.role.title(),
                now.role.title()
            ));
        }
        match (self.privileged, now.privileged) {
            (false, true) => {
                words.push("the account was made privileged (Privileged: no → yes)".to_owned());
            }
            (true, false) => {
                words.push("the account lost its privilege (Privileged: yes → no)".to_owned());
            }
            _ => {}
        }
        match (self.disabled, now.disabled) {
            (false, true) => words.push("the account was disabled (Disabled: no → yes)".to_owned()),
            (true, false) => words.push("the account was enabled (Disabled: yes → no)".to_owned()),
            _ => {}
        }
        words
    }

    /// Says what became another while a form was open that was drawn from `self`.
    #[must_use]
    pub fn meanwhile(&self, now: &Self) -> String {
        let differences = self.differences(now);
        let what = match differences.split_last() {
            None => "this account changed".to_owned(),
            Some((last, [])) => last.clone(),
            Some((last, before)) => format!("{} and {last}", before.join(", ")),
        };
        format!(
            "Meanwhile {what}. Nothing of yours was saved: look at the account as it is now and \
                try again."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_meanwhile_is_said_with_old_and_new() {
        let was = AccountState { role: Role::Staff, privileged: true, disabled: false };
        let rest = ". Nothing of yours was saved: look at the account as it is now and try again.";
        let disabled = AccountState { disabled: true, ..was };
        assert_eq!(
            was.meanwhile(&disabled),
            format!("Meanwhile the account was disabled (Disabled: no → yes){rest}")
        );
        assert_eq!(
            was.meanwhile(&AccountState {
                role: Role::HelpDesk,
                privileged: false,
                disabled: true
            }),
            format!(
                "Meanwhile the role was changed (Role: Staff → Help Desk), the account lost its \
                 privilege (Privileged: yes → no) and the account was disabled (Disabled: no → \
                 yes){rest}"
            )
        );
    }
}
