//! What an import does with each person, as a pure function of what the file says and what is
//! known. A column that is not there, or an empty cell, leaves what is known. Tests:
//! `desk/tests/desk/import.rs`.

use std::fmt;

use crate::engine::secret::Secret;
use crate::store::rows::User;
use crate::{NetId, Role, Source};

/// What a file says of one person. None: it does not say, and what is known stays.
#[derive(Clone, Debug)]
pub struct ImportUser {
    /// NetID.
    pub netid: NetId,
    /// Full name. Somebody new needs one.
    pub name: Option<String>,
    /// E-mail address. Somebody new has none where it is not said.
    pub email: Option<String>,
    /// Role. Somebody new is staff where it is not said.
    pub role: Option<Role>,
    /// May have a local password and tokens. Somebody new may not where it is not said.
    pub privileged: Option<bool>,
    /// May do nothing. Somebody new is enabled where it is not said.
    pub disabled: Option<bool>,
    /// NetID password. Somebody new cannot log in without one.
    pub password: Option<Secret>,
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// People who were not there.
    pub created: u32,
    /// People of whom something was changed.
    pub updated: u32,
    /// People who were as the file says: nothing was written of them.
    pub unchanged: u32,
}

/// What an import would do, person by person in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportPlan {
    /// A step for each person.
    pub steps: Vec<ImportStep>,
}

/// What becomes of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportStep {
    /// Whom the file names.
    pub netid: NetId,
    /// Whether they are made, changed or left as they are.
    pub outcome: ImportOutcome,
}

/// What becomes of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportOutcome {
    /// They are not there yet.
    Created {
        /// Their full name, which the file has to give.
        name: String,
        /// Their e-mail address; empty: none.
        email: String,
        /// Their role; staff where the file gives none.
        role: Role,
        /// May have a local password and tokens.
        privileged: bool,
        /// May do nothing.
        disabled: bool,
        /// Can log in by a NetID password of the desk's own.
        password: bool,
    },
    /// They are, and this is changed of them.
    Changed(Vec<ImportChange>),
    /// They are as the file says.
    Unchanged,
}

/// One thing that is changed of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportChange {
    /// The full name.
    Name {
        /// As the desk has it.
        from: String,
        /// As the file has it.
        to: String,
    },
    /// The e-mail address.
    Email {
        /// As the desk has it; empty: none.
        from: String,
        /// As the file has it.
        to: String,
    },
    /// Whoever is known from somewhere else is of the built-in directory from now on, whatever else
    /// the file says.
    Directory {
        /// Where they are known from.
        from: Source,
    },
    /// The NetID password.
    Password,
    /// What they do at the desk.
    Role {
        /// As the desk has it.
        from: Role,
        /// As the file has it.
        to: Role,
    },
    /// They may have a local password and tokens, or no longer.
    Privileged(bool),
    /// They are disabled, or enabled again.
    Disabled(bool),
}

impl ImportPlan {
    /// How many of each.
    #[must_use]
    pub fn report(&self) -> ImportReport {
        let mut report = ImportReport::default();
        for step in &self.steps {
            let count = match step.outcome {
                ImportOutcome::Created { .. } => &mut report.created,
                ImportOutcome::Changed(_) => &mut report.updated,
                ImportOutcome::Unchanged => &mut report.unchanged,
            };
            *count += 1;
        }
        report
    }
}

impl ImportStep {
    /// What becomes of a person of whom the file says this; `changes_password`: it gives a NetID
    /// password that they do not have.
    pub(crate) fn of(imported: &ImportUser, known: Option<&User>, changes_password: bool) -> Self {
        let outcome = match known {
            None => ImportOutcome::Created {
                name: imported.name.clone().unwrap_or_default(),
                email: imported.email.clone().unwrap_or_default(),
                role: imported.role.unwrap_or_default(),
                privileged: imported.privileged.unwrap_or(false),
                disabled: imported.disabled.unwrap_or(false),
                password: changes_password,
            },
            Some(known) => {
                let changes = changes(imported, known, changes_password);
                if changes.is_empty() {
                    ImportOutcome::Unchanged
                } else {
                    ImportOutcome::Changed(changes)
                }
            }
        };
        Self { netid: imported.netid.clone(), outcome }
    }

    /// What is changed of somebody who is there.
    pub(crate) fn changes(&self) -> &[ImportChange] {
        match &self.outcome {
            ImportOutcome::Changed(changes) => changes,
            ImportOutcome::Created { .. } | ImportOutcome::Unchanged => &[],
        }
    }

    /// Whether they get another NetID password.
    pub(crate) fn sets_password(&self) -> bool {
        match &self.outcome {
            ImportOutcome::Created { password, .. } => *password,
            ImportOutcome::Changed(changes) => changes.contains(&ImportChange::Password),
            ImportOutcome::Unchanged => false,
        }
    }

    /// Role, and whether disabled, afterwards.
    pub(crate) fn state(&self, known: Option<&User>) -> (Role, bool) {
        if let ImportOutcome::Created { role, disabled, .. } = self.outcome {
            return (role, disabled);
        }
        let (mut role, mut disabled) =
            known.map_or((Role::Staff, false), |user| (user.person.role, user.person.disabled));
        for change in self.changes() {
            match change {
                ImportChange::Role { to, .. } => role = *to,
                ImportChange::Disabled(to) => disabled = *to,
                _ => {}
            }
        }
        (role, disabled)
    }

    /// What becomes of them, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.outcome {
            ImportOutcome::Created { name, email, .. } => {
                let email = if email.is_empty() {
                    "no e-mail".to_owned()
                } else {
                    format!("e-mail “{email}”")
                };
                format!("name “{name}”, {email}, {}", self.rights())
            }
            ImportOutcome::Changed(changes) => {
                changes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            }
            ImportOutcome::Unchanged => "as it is".to_owned(),
        }
    }

    /// What somebody new may do, in words: what the audit keeps of them.
    pub(crate) fn rights(&self) -> String {
        let ImportOutcome::Created { role, privileged, disabled, password, .. } = &self.outcome
        else {
            return String::new();
        };
        let mut words = vec![role.to_string()];
        words.extend((!privileged).then(|| "not privileged".to_owned()));
        words.extend(disabled.then(|| "disabled".to_owned()));
        words.extend((!password).then(|| "no NetID password".to_owned()));
        words.join(", ")
    }
}

/// As the plan shows it.
impl fmt::Display for ImportChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |yes: bool| if yes { "yes" } else { "no" };
        match self {
            Self::Name { from, to } => write!(f, "name “{from}” → “{to}”"),
            Self::Email { from, to } => write!(f, "e-mail “{from}” → “{to}”"),
            Self::Directory { from } => write!(f, "directory {from} → {}", Source::BuiltIn),
            Self::Password => f.write_str("a new NetID password"),
            Self::Role { from, to } => write!(f, "role {from} → {to}"),
            Self::Privileged(to) => write!(f, "privileged {} → {}", word(!to), word(*to)),
            Self::Disabled(to) => write!(f, "disabled {} → {}", word(!to), word(*to)),
        }
    }
}

/// Whether a step takes an enabled administrator away.
pub(crate) fn takes_administrator(step: &ImportStep, known: Option<&User>) -> bool {
    let was = known.is_some_and(|user| user.person.role == Role::Admin && !user.person.disabled);
    let (role, disabled) = step.state(known);
    was && (role != Role::Admin || disabled)
}

fn changes(imported: &ImportUser, known: &User, changes_password: bool) -> Vec<ImportChange> {
    let person = &known.person;
    let other = |to: &Option<String>, from: &String| {
        to.clone().filter(|to| to != from).map(|to| (from.clone(), to))
    };
    let mut changes = Vec::new();
    changes.extend(
        other(&imported.name, &known.name).map(|(from, to)| ImportChange::Name { from, to }),
    );
    changes.extend(
        other(&imported.email, &known.email).map(|(from, to)| ImportChange::Email { from, to }),
    );
    changes.extend(
        (known.source != Source::BuiltIn).then_some(ImportChange::Directory { from: known.source }),
    );
    changes.extend(changes_password.then_some(ImportChange::Password));
    changes.extend(
        imported
            .role
            .filter(|to| *to != person.role)
            .map(|to| ImportChange::Role { from: person.role, to }),
    );
    changes.extend(
        imported.privileged.filter(|to| *to != person.privileged).map(ImportChange::Privileged),
    );
    changes
        .extend(imported.disabled.filter(|to| *to != person.disabled).map(ImportChange::Disabled));
    changes
}
