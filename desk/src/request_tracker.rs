//! What is handed over of a Request Tracker, and what is answered: plain data for whoever reads its
//! database or files, and for the command line. What becomes of it: `engine/request_tracker/`.

use std::collections::BTreeMap;

use crate::{Moment, NetId, Role, Secret};

/// What the row of a local password says that was brought: nobody has chosen or given it, so nobody
/// is told.
pub(crate) const PASSWORD_AS_IT_IS: &str = "as it is in Request Tracker";

/// Somebody in Request Tracker.
#[derive(Clone, Debug)]
pub struct RtPerson {
    /// `Users.id`.
    pub id: u64,
    /// `Name`: what they log in with there.
    pub name: String,
    /// `RealName`; empty: an account that is made for them is called by its NetID.
    pub real_name: String,
    /// `EmailAddress`.
    pub email: String,
    /// What is kept of their local password; none: they have none.
    pub password: Option<Secret>,
    /// They may do nothing there.
    pub disabled: bool,
    /// They are privileged there.
    pub privileged: bool,
    /// When they were made.
    pub created: Option<Moment>,
}

/// An auth token of Request Tracker's.
#[derive(Clone, Debug)]
pub struct RtToken {
    /// `AuthTokens.id`.
    pub id: u64,
    /// `Owner`: the `Users.id` of whose it is.
    pub owner: u64,
    /// What is kept of its string.
    pub hash: Secret,
    /// `Description`, which may be longer than the desk's: it is then cut.
    pub description: String,
    /// `Created`; none, or still to come: the time of the import stands for it.
    pub created: Option<Moment>,
    /// `Creator`: who has made it.
    pub created_by: u64,
    /// `LastUsed`; none, or still to come: it counts as never used.
    pub last_used: Option<Moment>,
    /// `Expires`; none: never.
    pub expires: Option<Moment>,
}

/// People and tokens of a Request Tracker.
#[derive(Clone, Debug, Default)]
pub struct RtImport {
    /// Everybody who was read; the plan says who of them comes.
    pub people: Vec<RtPerson>,
    /// Tokens, each with the number of its owner.
    pub tokens: Vec<RtToken>,
    /// Who is who: a name there, and the NetID here; none: they stay behind.
    pub map: BTreeMap<String, Option<NetId>>,
    /// Local passwords are brought too.
    pub passwords: bool,
}

/// What an import would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RtPlan {
    /// Those who come, in the order in which they were handed over.
    pub people: Vec<PlannedPerson>,
    /// What does not come, each with why.
    pub left_out: Vec<LeftOut>,
    /// Tokens that come.
    pub tokens_new: usize,
    /// Tokens that were brought before, whatever has become of them here.
    pub tokens_already: usize,
    /// Tokens that come with a description that was cut, or freed of what nobody sees in it.
    pub descriptions_changed: usize,
    /// Tokens that come, and were made by somebody else than their owner, who may know them: by
    /// `AuthTokens.id`.
    pub made_by_others: Vec<u64>,
}

/// Somebody who comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedPerson {
    /// Who they are here.
    pub netid: NetId,
    /// And there.
    pub rt_name: String,
    /// The role of an account that is here; none: it is made, as staff.
    pub role: Option<Role>,
    /// What becomes of their account.
    pub what: PlannedWhat,
    /// Their local password comes.
    pub brings_password: bool,
    /// Their account is made disabled, as it is there.
    pub disabled: bool,
    /// How many tokens come.
    pub tokens: usize,
}

/// What becomes of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlannedWhat {
    /// It is made.
    MakeAccount,
    /// It is there, and keeps its name and role.
    Already,
}

impl PlannedWhat {
    /// In words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::MakeAccount => "a new account",
            Self::Already => "an account that is here",
        }
    }
}

/// What does not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Whose it is there: their name, or what stands for it where nobody has that number.
    pub rt_name: String,
    /// The token that does not come, by `AuthTokens.id`; none: it is about the person.
    pub token: Option<u64>,
    /// What keeps it from coming.
    pub why: LeftOutWhy,
}

/// Why something does not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LeftOutWhy {
    /// The name is no NetID, and not in the map.
    NoNetId,
    /// Two names would be one person here.
    SameNetId,
    /// Nobody is made by that NetID.
    Reserved,
    /// The map says so.
    ByMap,
    /// A token of somebody who does not come.
    OwnerLeftOut,
    /// A token of nobody who was handed over.
    OwnerUnknown,
    /// What is kept of a token has a form that nothing is known of.
    HashUnknown,
    /// A token that has expired.
    Expired,
    /// The account is disabled here.
    AccountDisabled,
    /// The person is disabled there, and has an account here that is not.
    DisabledThere,
    /// The person may have no tokens, and no local password.
    NotPrivileged,
    /// There is a local password here already.
    HasLocalPassword,
    /// What is kept of a password has a form that nothing is known of.
    PasswordUnknown,
    /// A token that stands there more than once: the others of it.
    Twice,
    /// A token that was brought for somebody else, or stands there for two people.
    OfAnother,
    /// A number that no Request Tracker gives.
    NumberTooLarge,
    /// The password of somebody who has a role here: it would give what their role may.
    HasRole,
    /// What is kept of a token or a password takes too long to look at.
    HashTooDear,
}

impl LeftOutWhy {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::NoNetId,
        Self::SameNetId,
        Self::Reserved,
        Self::ByMap,
        Self::OwnerLeftOut,
        Self::OwnerUnknown,
        Self::HashUnknown,
        Self::Expired,
        Self::AccountDisabled,
        Self::DisabledThere,
        Self::NotPrivileged,
        Self::HasLocalPassword,
        Self::PasswordUnknown,
        Self::Twice,
        Self::OfAnother,
        Self::NumberTooLarge,
        Self::HasRole,
        Self::HashTooDear,
    ];

    /// In words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoNetId => "the name is no NetID: say in the map file whose it is",
            Self::SameNetId => {
                "two names would be one person here: say in the map file whose each is"
            }
            Self::Reserved => "the NetID is a reserved name (people.reserved_netids)",
            Self::ByMap => "the map file leaves them out",
            Self::OwnerLeftOut => "its owner is left out",
            Self::OwnerUnknown => "its owner is not among the people of this import",
            Self::HashUnknown => "its hash has a form that Latchkey does not know",
            Self::Expired => "it has expired",
            Self::AccountDisabled => "the account is disabled here",
            Self::DisabledThere => {
                "they are disabled in Request Tracker, and their account here is not: disable it, \
                 or enable them there"
            }
            Self::NotPrivileged => {
                "the account may have no local password and no tokens: make it privileged first"
            }
            Self::HasLocalPassword => "there is a local password here already, which stays",
            Self::PasswordUnknown => "the password's hash has a form that Latchkey does not know",
            Self::Twice => "it stands there more than once: it comes once",
            Self::OfAnother => {
                "it was brought for somebody else, or stands there for two people: its owner makes \
                 a new one"
            }
            Self::NumberTooLarge => "its number is larger than any of Request Tracker's",
            Self::HasRole => "has a role here: sets or gets a local password here",
            Self::HashTooDear => "its hash costs more than bcrypt's 12: a new one is made here",
        }
    }
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RtDone {
    /// Accounts that were made.
    pub accounts: usize,
    /// Local passwords that were brought.
    pub passwords: usize,
    /// Tokens that were brought.
    pub tokens: usize,
}

/// How far a Request Tracker has moved in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RtStanding {
    /// Tokens that were brought, whatever has become of them.
    pub imported: u64,
    /// Those whose string was presented here.
    pub moved: u64,
    /// Those that are neither revoked nor over by themselves, and whose string nobody has presented
    /// here.
    pub not_moved: u64,
    /// Those that were revoked here.
    pub revoked: u64,
    /// When something was last brought; none: never.
    pub last_import: Option<Moment>,
    /// From when on old strings are refused; none: never.
    pub strings_end: Option<Moment>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_words_of_its_own() {
        for (at, why) in LeftOutWhy::ALL.into_iter().enumerate() {
            assert!(!why.words().is_empty());
            let others = &LeftOutWhy::ALL[..at];
            assert!(others.iter().all(|other| other.words() != why.words()), "{why:?}");
        }
    }
}
