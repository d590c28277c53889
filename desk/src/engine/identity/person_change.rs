//! What becomes of a person, in types that say what they mean, and what the audit says of it.
//! [`super::decision`] decides it.

use crate::store::as_read::AsRead;
use crate::{AuditAction, NameParts, NetId, Role, Source};

/// What the audit says of whoever had a NetID that is another person's by now.
const REPLACED: &str = "the NetID is another person’s in the directory by now: staff again, tokens \
    revoked, sessions ended, the local password gone";

/// What becomes of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PersonChange {
    pub(crate) netid: NetId,
    /// Who they were when it was decided, without which it is not written; none: nobody.
    pub(crate) as_read: Option<Box<AsRead>>,
    pub(crate) presence: Presence,
    pub(crate) role: RoleChange,
    pub(crate) privilege: PrivilegeChange,
    pub(crate) profile: Profile,
    /// None: nothing is said of them.
    pub(crate) groups: Option<Box<GroupsChange>>,
    pub(crate) granted: Granted,
}

/// What becomes of the groups that an identity system puts somebody in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GroupsChange {
    pub(crate) from: Vec<String>,
    pub(crate) to: Vec<String>,
}

/// Whether they were there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// They are new at the desk.
    Created,
    /// They were gone by this source's word, and are there again.
    Returned(Return),
    /// Somebody else has their NetID by now: whoever had it has left.
    Replaced {
        /// What the directory called the entry of whoever had it.
        entry: String,
        /// Whether the NetID was that of somebody enabled.
        enabled: bool,
    },
    /// They are known, and nothing is said of their coming or going.
    Known { enabled: bool },
}

/// How somebody is there again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Return {
    /// Enabled: nobody else keeps them out.
    Enabled,
    /// An administrator had disabled them before.
    DisabledByAdministrator,
    /// These other sources do not have them.
    GoneElsewhere(String),
}

/// What becomes of the role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RoleChange {
    /// None: they are new.
    pub(crate) from: Option<Role>,
    pub(crate) to: Role,
    /// What the source's word makes it; none: it says nothing, and the role stays as it is when
    /// this is written.
    pub(crate) given: Option<Role>,
}

impl RoleChange {
    pub(crate) fn is_lowered(&self) -> bool {
        self.from.is_some_and(|from| self.to < from)
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.from.is_some_and(|from| self.to > from)
    }
}

/// What becomes of the right to tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PrivilegeChange {
    pub(crate) to: bool,
    /// What the source's word makes it; none: it says nothing, and it stays as it is when this is
    /// written.
    pub(crate) given: Option<bool>,
    pub(crate) step: PrivilegeStep,
    /// Whether somebody new may have tokens where nobody says.
    pub(crate) if_new: bool,
}

/// What is different about the right to tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PrivilegeStep {
    /// Nothing: it is as it was, or they are new.
    Kept,
    /// Nothing: their tokens go on being refused, until it is known whether they are revoked.
    KeptPending,
    /// They may have tokens from now on.
    Granted,
    /// They may have none any longer. Their tokens are refused, and not yet revoked.
    Refused,
    /// They may have none any longer. Their tokens are revoked.
    Revoked,
    /// They may have had none before; their tokens, which were only refused, are revoked now.
    RevokedLate,
}

impl PrivilegeStep {
    /// Whether the right to tokens is given.
    pub(crate) fn gives(self) -> bool {
        matches!(self, Self::Granted)
    }

    /// Whether the right to tokens is taken away, or the tokens are.
    pub(crate) fn deprives(self) -> bool {
        matches!(self, Self::Refused | Self::Revoked | Self::RevokedLate)
    }

    /// Whether the right to tokens is taken away: sessions end with it.
    pub(crate) fn ends_sessions(self) -> bool {
        matches!(self, Self::Refused | Self::Revoked)
    }

    pub(crate) fn revokes_tokens(self) -> bool {
        matches!(self, Self::Revoked | Self::RevokedLate)
    }

    /// Whether it is still to be decided if their tokens are revoked.
    pub(crate) fn leaves_revocation_pending(self) -> bool {
        matches!(self, Self::Refused | Self::KeptPending)
    }
}

/// Who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) name: String,
    /// None: not said.
    pub(crate) name_parts: Option<Box<NameParts>>,
    pub(crate) email: String,
    /// Whose they are.
    pub(crate) source: Source,
    /// None: not said.
    pub(crate) external_id: Option<String>,
    /// None: not said.
    pub(crate) directory_id: Option<String>,
    /// What of it is another than is known.
    pub(crate) differs: Vec<ProfilePart>,
}

/// What may be different about who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProfilePart {
    Name,
    /// The parts, of a name that is the same.
    NameParts,
    Email,
    Source {
        from: Source,
        to: Source,
    },
    ExternalId,
    DirectoryEntry,
}

impl ProfilePart {
    /// Its words in the audit: which property, and not what it held. A former name or address is
    /// nobody's business for ever.
    fn words(self) -> String {
        match self {
            Self::Name => "name".to_owned(),
            Self::NameParts => "parts of the name".to_owned(),
            Self::Email => "e-mail address".to_owned(),
            Self::Source { from, to } => format!("directory {from} → {to}"),
            Self::ExternalId => "what the identity system calls them".to_owned(),
            Self::DirectoryEntry => "entry in the directory".to_owned(),
        }
    }
}

/// What the groups give to somebody who is not kept out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Granted {
    /// A role above staff.
    pub(crate) role: bool,
    /// Tokens.
    pub(crate) tokens: bool,
}

impl PersonChange {
    /// Whether there is anything to write.
    pub(crate) fn is_something(&self) -> bool {
        !self.notes().is_empty()
    }

    /// By which entry the directory knew whoever had the NetID, where somebody else has it by now.
    pub(crate) fn replaces(&self) -> Option<&str> {
        if let Presence::Replaced { entry, .. } = &self.presence { Some(entry) } else { None }
    }

    /// The same, but for the role, which stays.
    pub(crate) fn keeping_role(mut self) -> Self {
        self.role = RoleChange {
            from: self.role.from,
            to: self.role.from.unwrap_or(self.role.to),
            given: None,
        };
        self
    }

    /// The same without what it gives: what it takes, and nothing else.
    pub(crate) fn without_what_is_given(&self) -> Self {
        let mut change = self.clone();
        if change.role.is_raised() {
            change = change.keeping_role();
        }
        if change.privilege.step.gives() {
            change.privilege = PrivilegeChange {
                to: false,
                given: None,
                step: PrivilegeStep::Kept,
                if_new: change.privilege.if_new,
            };
        }
        change
    }

    /// Whether they are enabled with it.
    pub(crate) fn is_enabled(&self) -> bool {
        matches!(
            self.presence,
            Presence::Created
                | Presence::Returned(Return::Enabled)
                | Presence::Replaced { enabled: true, .. }
                | Presence::Known { enabled: true }
        )
    }

    /// What the audit says of it; nothing: nothing differs.
    pub(crate) fn notes(&self) -> Vec<(AuditAction, String)> {
        let mut notes = Vec::new();
        match &self.presence {
            Presence::Created => {
                let privilege = if self.privilege.to { "" } else { ", not privileged" };
                notes.push((AuditAction::UserCreate, format!("{}{privilege}", self.role.to)));
            }
            Presence::Returned(how) => notes.push((AuditAction::UserReturned, how.words())),
            Presence::Replaced { .. } => notes.push((AuditAction::UserLeft, REPLACED.to_owned())),
            Presence::Known { .. } => {}
        }
        if let Some(from) = self.role.from.filter(|from| *from != self.role.to) {
            notes.push((AuditAction::UserRole, format!("{from} → {}", self.role.to)));
        }
        let privilege = match self.privilege.step {
            PrivilegeStep::Kept | PrivilegeStep::KeptPending => None,
            PrivilegeStep::Granted => Some("yes"),
            PrivilegeStep::Revoked => Some("no: tokens revoked, sessions ended"),
            PrivilegeStep::Refused => Some("no: tokens refused, sessions ended"),
            PrivilegeStep::RevokedLate => Some("no: tokens revoked"),
        };
        notes.extend(privilege.map(|words| (AuditAction::UserPrivileged, words.to_owned())));
        if let Some(groups) = self.groups.as_ref().filter(|groups| groups.from != groups.to) {
            let names = if groups.to.is_empty() { "none".to_owned() } else { groups.to.join(", ") };
            notes.push((AuditAction::UserGroups, names));
        }
        let differs: Vec<String> =
            self.profile.differs.iter().copied().map(ProfilePart::words).collect();
        if !differs.is_empty() {
            notes.push((AuditAction::UserUpdate, differs.join(", ")));
        }
        notes
    }
}

impl Return {
    fn words(&self) -> String {
        match self {
            Self::Enabled => "tokens stay revoked, the local password is gone".to_owned(),
            Self::DisabledByAdministrator => "still disabled by an administrator".to_owned(),
            Self::GoneElsewhere(others) => format!("still gone by the word of {others}"),
        }
    }
}
