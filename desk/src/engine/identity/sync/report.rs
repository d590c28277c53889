//! What a synchronisation did, and why it did not.

use crate::engine::identity::directory::DirectoryError;
use crate::{NetId, Refusal};

/// What a synchronisation did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct SyncReport {
    /// People in the directory.
    pub read: u64,
    /// New at the desk.
    pub created: u64,
    /// Known, and something differs.
    pub updated: u64,
    /// Of those: were gone, and are there again.
    pub returned: u64,
    /// May no longer have tokens.
    pub deprived: u64,
    /// Have a lower role than before.
    pub demoted: u64,
    /// Are no longer in the directory, and were disabled.
    pub departed: u64,
    /// Known, and nothing differs.
    pub unchanged: u64,
    /// In the directory too, and left alone: they are kept at the desk itself, by a NetID password
    /// or a role there.
    pub own: u64,
    /// The first 100 of those.
    pub own_people: Vec<NetId>,
    /// What is wrong in the directory, at most 100 lines.
    pub faults: Vec<String>,
}

/// What becomes of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planned {
    /// New at the desk.
    Create,
    /// Something differs.
    Update,
    /// Was gone.
    Return,
    /// May no longer have tokens, or has a lower role.
    Deprive,
    /// Is no longer in the directory.
    Leave,
}

/// How far a synchronisation is.
#[derive(Clone, Copy, Debug)]
pub enum SyncStep<'a> {
    /// The directory has so many people.
    Total(u64),
    /// So many of them have been compared.
    Compared(u64),
    /// What becomes of somebody.
    Person(Planned, &'a str),
}

/// Why a synchronisation did not go through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyncError {
    /// There is none to synchronise with.
    #[error("no directory is configured: set ldap.urls and ldap.base")]
    NoDirectory,
    /// It could not be read, or not to the end. Nobody was disabled.
    #[error("{0}. Nobody was disabled")]
    Directory(#[from] DirectoryError),
    /// The store.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// More people would lose their tokens than may. Nobody did.
    #[error(
        "{leaving} of {people} people would be disabled or lose their tokens or role, and at most \
         {limit} may. Nobody did. Look at what the directory answers (`latchkey directory sync \
         --dry-run`); if it is right, allow more with ldap.max_disable, or once with --max-disable \
         there"
    )]
    TooManyLeaving {
        /// How many would, as far as it was looked at.
        leaving: u64,
        /// Of how many.
        people: u64,
        /// How many may.
        limit: u64,
    },
    /// The directory has nobody in it, and people of it are here. Nobody was disabled.
    #[error(
        "the directory answers that there is nobody at all, and {people} of its people are here: \
         that is taken for a fault of its own. Nobody was disabled. Look at ldap.base and \
         ldap.filter; if it is right, say `latchkey directory sync --max-disable 100%`"
    )]
    Empty {
        /// How many would have left.
        people: u64,
    },
    /// Nobody at all would have a role above staff, or tokens, by the directory's groups, and some
    /// have. Nobody lost it.
    #[error(
        "nobody at all would have a role above staff, or tokens, by the directory’s groups any \
         longer: it seems not to say who is in them. Nobody lost anything by it or was disabled. \
         If it is right, say `latchkey directory sync --max-disable 100%`"
    )]
    NobodyLeft,
}
