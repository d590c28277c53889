//! Why there is no backup, or why one is not restored, in sentences that say what to do. Tests:
//! with what fails.

use std::io;

use crate::Refusal;
use crate::store::error::StoreError;
use crate::store::open_error::OpenError;
use crate::store::raw_pairs::RawError;

/// Why there is no backup, or why one is not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The store is a server's, or in memory.
    #[error(
        "Only a store in a folder (rocksdb://FOLDER, named by its path) is backed up and restored \
         by this. Of a SurrealDB server make a copy with `surreal export`, and bring it back with \
         `surreal import`"
    )]
    NotInFolder,
    /// The store does not answer.
    #[error("The store does not answer: {0}")]
    Store(String),
    /// The store's files could not be read.
    #[error("The store’s files cannot be read: {0}. Try again")]
    Files(String),
    /// The store's files are not as they were written, or their disk fails.
    #[error("The store cannot be read, and there is no backup of it: {0}")]
    StoreDamaged(String),
    /// The disk of the store filled while the backup was written.
    #[error(
        "The disk of the store is nearly full, and the backup was given up. Write it to another \
         disk"
    )]
    NearlyFull,
    /// Whoever wanted it is gone.
    #[error("The backup was broken off")]
    BrokenOff,
    /// The backup could not be written.
    #[error("The backup cannot be written: {0}")]
    Write(io::Error),
    /// The backup could not be read.
    #[error("The backup cannot be read: {0}")]
    Read(io::Error),
    /// It is something else.
    #[error("This is no backup of Latchkey’s")]
    NotABackup,
    /// A newer program wrote it.
    #[error(
        "The backup is of form {0}, which this program does not know. Use the program that wrote \
         it, or a newer one"
    )]
    NewerForm(u32),
    /// It holds something that this program cannot restore.
    #[error("The backup is no copy of a store in a folder, and cannot be restored by this")]
    OtherPayload,
    /// It ends too early.
    #[error("The backup ends too early: it was cut off. Use another copy of it, or an earlier one")]
    CutShort,
    /// It is not as it was written.
    #[error(
        "The backup is damaged ({0}): it is not as it was written. Use another copy of it, or an \
         earlier one"
    )]
    Damaged(&'static str),
    /// What it says that it holds is not in it.
    #[error(
        "The backup lacks what it says that it holds ({0}), and cannot be restored. Use an earlier \
         one"
    )]
    Lacking(String),
    /// There is not one pair in it.
    #[error("There is nothing in the backup, and it cannot be restored. Use another one")]
    Empty,
    /// It says of itself what no backup says.
    #[error(
        "The backup says of itself what cannot be ({0}), and cannot be restored. Use another one"
    )]
    Nonsense(&'static str),
    /// Another engine's keys and values.
    #[error(
        "The backup has the keys and values of “{found}”, and this program is made for {known}. \
         Restore it with the program that wrote it"
    )]
    OtherEngine {
        /// The copy's engine.
        found: String,
        /// This program's.
        known: &'static str,
    },
    /// It is encrypted, and nothing was given to open it with.
    #[error("The backup is encrypted. Name the file with its age identity: --identity FILE")]
    NeedsIdentity,
    /// It is encrypted to somebody else.
    #[error("The backup is encrypted to other age recipients than the identities that were given")]
    NoIdentityFits,
    /// An identity file has none.
    #[error("There is no age identity (AGE-SECRET-KEY-1…) in the file that was given")]
    NoIdentity,
    /// There is something where it is to be restored.
    #[error(
        "There is something in {0} already, and nothing is ever restored over it. Stop Latchkey, \
         move that folder away, and try again"
    )]
    FolderTaken(String),
    /// Another one is restored there.
    #[error("Another restore to {0} is under way")]
    UnderWay(String),
    /// A newer Latchkey's store.
    #[error(
        "The backup is of a newer Latchkey (its schema is {found}, this program knows {known}). \
         Restore it with the newer program"
    )]
    NewerSchema {
        /// The copy's schema.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// It is another database's.
    #[error("The backup is of the database {0}, which is not the configured one")]
    OtherDatabase(String),
    /// The audit of the copy does not hold.
    #[error("The audit in the copy does not hold, and nothing was restored:\n{}", .0.join("\n"))]
    AuditBroken(Vec<String>),
    /// The restored store does not open.
    #[error("The restored store does not open, and was not put in place: {0}")]
    Open(OpenError),
    /// The folder could not be written.
    #[error("The folder {folder} cannot be written: {why}")]
    Folder {
        /// Its path.
        folder: String,
        /// What the system says.
        why: String,
    },
    /// The folder of scheduled backups is not there.
    #[error(
        "the folder {0} (backup.to) is not there: make it, or mount its disk. It is not made by \
         itself, so that no backup lands on the wrong disk"
    )]
    NoFolder(String),
}

impl BackupError {
    /// What went wrong with reading a backup.
    pub(crate) fn of_reading(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::CutShort,
            // What age says of bytes that are not as it wrote them.
            io::ErrorKind::InvalidData => Self::Damaged("its encryption does not hold"),
            _ => Self::Read(error),
        }
    }
}

impl From<StoreError> for BackupError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.to_string())
    }
}

impl From<RawError> for BackupError {
    fn from(error: RawError) -> Self {
        match error {
            RawError::Store(error) => error.into(),
            RawError::Moving(why) => Self::Files(why),
            RawError::Damaged(what) => Self::StoreDamaged(what),
        }
    }
}

impl From<Refusal> for BackupError {
    fn from(refusal: Refusal) -> Self {
        Self::Store(refusal.to_string())
    }
}
