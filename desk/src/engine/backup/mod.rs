//! Backups of a store in a folder: all of one moment in one file, made while everything runs, and
//! put back into a new folder.
//!
//! | file | what |
//! |---|---|
//! | [`container`] | the form of the file: nothing of it is changed without being noticed |
//! | [`header`] | what a backup says of itself |
//! | [`sealing`] | encrypted to age recipients, or not |
//! | [`recipient`] | to whom, and how often: what the operator decides |
//! | [`pace`] | how fast |
//! | [`own_thread`] | where: beside those that serve |
//! | [`taking`] | making one |
//! | [`by_hand`] | the same at a word |
//! | [`new_file`] | a file that is there whole, or not at all |
//! | [`ends`] | whether it reaches as far as it says |
//! | [`fit`] | whether this program can restore one |
//! | [`verifying`] | whether one is as it was written |
//! | [`restoring`] | putting one back |
//! | [`moved_away`] | reading the store that was moved away before that |
//! | [`restored`] | what the first opening after that sees to |
//! | [`since`] | reading what a store has of the time since a copy |
//! | [`source`] | whether what tells of the time since a copy can know |
//! | [`undone`] | what had happened since the copy, which it undoes |
//! | [`scheduled`] | making them regularly, and which are kept |
//! | [`error`] | why it could not be done |
//!
//! What reads RocksDB's pairs past SurrealDB: [`crate::store::raw_pairs`]. Tests: below each, and
//! `desk/tests/desk/backup.rs`, `backup_schedule.rs`; of the commands
//! `server/tests/server/command_line/backup.rs`.

pub(crate) mod by_hand;
pub(crate) mod container;
pub(crate) mod ends;
pub(crate) mod error;
pub(crate) mod fit;
pub(crate) mod header;
pub(crate) mod moved_away;
pub(crate) mod new_file;
pub(crate) mod own_thread;
pub(crate) mod pace;
pub(crate) mod recipient;
pub(crate) mod restored;
pub(crate) mod restoring;
pub(crate) mod scheduled;
pub(crate) mod sealing;
pub(crate) mod since;
pub(crate) mod source;
pub(crate) mod taking;
pub(crate) mod undone;
pub(crate) mod verifying;
