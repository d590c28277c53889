//! `latchkey rt …`: people and tokens from Request Tracker, and how far they have moved. Request
//! Tracker's database is read by whoever typed the command, also where a running server does the
//! rest: that one sees what was read and not the database. Tests: with each file, and by the
//! program itself `server/tests/server/command_line/request_tracker/`.

mod address;
mod by_hand;
mod database;
mod explain;
mod import;
mod lines;
mod map;
mod plan;
mod status;

use std::path::PathBuf;

use clap::Subcommand;

use super::desk_source::DeskSource;
use super::exit::{ExitCode, Failure};
use super::terminal::text::Text;

/// `latchkey rt …`
#[derive(Debug, Subcommand)]
pub(super) enum Rt {
    /// Bring in people, auth tokens and local passwords from Request Tracker 5 or 6. Old tokens and
    /// passwords go on working
    #[command(after_help = import::SOURCES)]
    Import(Box<import::Import>),
    /// Say how many of Request Tracker's tokens have moved: of a token that has, its string was
    /// used once
    Status(status::Status),
}

impl Rt {
    /// Does what is done by whoever typed the command: reads Request Tracker's database.
    pub(super) async fn prepare(&mut self) -> Result<(), Failure> {
        match self {
            Self::Import(import) => import.prepare().await,
            Self::Status(_) => Ok(()),
        }
    }

    /// The files that it reads by name.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        match self {
            Self::Import(import) => import.files(),
            Self::Status(_) => Vec::new(),
        }
    }

    /// The file that it writes by name, and whether one that is there may go.
    pub(super) fn written(&self) -> Option<(PathBuf, bool)> {
        match self {
            Self::Import(import) => import.written(),
            Self::Status(_) => None,
        }
    }

    /// What was read of the database, by the names that a server asks for it by.
    pub(super) fn made(&self) -> Vec<(&'static str, Text)> {
        match self {
            Self::Import(import) => import.made(),
            Self::Status(_) => Vec::new(),
        }
    }

    /// Whether it makes people.
    pub(super) fn is_import(&self) -> bool {
        matches!(self, Self::Import(_))
    }

    pub(super) async fn run(self, source: &DeskSource<'_>) -> Result<ExitCode, Failure> {
        match self {
            Self::Import(import) => import.run(source).await,
            Self::Status(status) => status.run(&source.open().await?).await,
        }
    }
}
