//! `latchkey backup` and `backup verify`: a copy of the store of one moment, in one file. Files and
//! the terminal are reached by [`files`] alone. Tests:
//! `server/tests/server/command_line/backup.rs`.

mod files;
pub(super) mod restore;
mod undone;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use desk::{
    BackupError, BackupIdentities, BackupOptions, BackupRecipient, BackupReport, Desk,
    verify_backup,
};

use super::desk_source::DeskSource;
use super::exit::{ExitCode, Failure, NOT_GOOD};
use super::show;
use crate::connections::open_files;

/// Below `backup --help`.
const RESTORING: &str = "\
The file holds all that the store holds. Keep it as you keep the store, or have it encrypted: \
`age-keygen` makes a pair of an identity, to be kept elsewhere, and a recipient.

  latchkey backup /srv/backups/today.backup
  latchkey backup - | ssh elsewhere 'cat > today.backup'
  latchkey restore /srv/backups/today.backup";

/// `latchkey backup`
#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = RESTORING
)]
pub(super) struct Backup {
    /// The file to write; - for standard output
    #[arg(required = true)]
    file: Option<PathBuf>,
    /// Put it in the place of a file that is there
    #[arg(long)]
    force: bool,
    /// Encrypt it to this age recipient (age1…); may be given several times [default:
    /// backup.recipients]
    #[arg(long, value_name = "RECIPIENT")]
    recipient: Vec<BackupRecipient>,
    /// How many MiB a second are read at most
    #[arg(long, value_name = "MIB", default_value_t = desk::BACKUP_RATE >> 20)]
    rate: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    command: Option<BackupCommand>,
}

#[derive(Debug, Subcommand)]
enum BackupCommand {
    /// Check that a backup is whole and as it was written. Changes nothing, and needs no store
    Verify {
        /// The file; - for standard input
        file: PathBuf,
        /// The file with the age identity, where it is encrypted
        #[arg(long, value_name = "FILE")]
        identity: Option<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

impl Backup {
    /// Whether it makes one; one that there is is looked at without the store.
    pub(super) fn needs_store(&self) -> bool {
        self.command.is_none()
    }

    /// The file that it writes by name, and whether it may take the place of one that is there.
    pub(super) fn file(&self) -> Option<(&Path, bool)> {
        self.file.as_deref().map(|file| (file, self.force))
    }

    pub(super) async fn run(self, source: &DeskSource<'_>) -> Result<ExitCode, Failure> {
        match &self.command {
            Some(BackupCommand::Verify { file, identity, json }) => {
                verify(file, identity.as_deref(), *json).await
            }
            None => {
                // Each of the store's files is held open until it is read.
                open_files::raise();
                let desk = source.open().await?;
                let ended = self.make(&desk).await;
                source.close(&desk).await;
                ended
            }
        }
    }

    /// Makes a backup of a store that is open.
    pub(super) async fn make(self, desk: &Desk) -> Result<ExitCode, Failure> {
        if self.rate == 0 {
            let why = "--rate 0 would never end: use 1 or more.";
            return Err(Failure::Usage(why.to_owned()));
        }
        // Refused where the line is read.
        let Some(file) = &self.file else { return Ok(ExitCode::SUCCESS) };
        let recipients = if self.recipient.is_empty() {
            desk.settings().backups.recipients.clone()
        } else {
            self.recipient.clone()
        };
        let options =
            BackupOptions { bytes_per_second: self.rate.saturating_mul(1 << 20), recipients };
        let (kept, target) = files::create(file, self.force)?;
        let report = desk.console().back_up(target, &options).await.map_err(failure)?;
        kept.keep()?;
        let encrypted = if options.recipients.is_empty() { "" } else { ", encrypted" };
        self.tell(file, &report, encrypted)?;
        Ok(ExitCode::SUCCESS)
    }

    fn tell(&self, file: &Path, report: &BackupReport, encrypted: &str) -> Result<(), Failure> {
        // Standard output is the backup itself.
        if files::is_stream(file) {
            let stated = format!("Backup: {}{encrypted}.", described(report));
            show::complain(&show::visible(&stated));
            return Ok(());
        }
        if self.json {
            return show::json(report);
        }
        let stated = format!("{}: {}{encrypted}.", file.display(), described(report));
        show::print(&show::visible(&stated));
        Ok(())
    }
}

/// A backup in words.
fn described(report: &BackupReport) -> String {
    let (header, totals) = (&report.header, &report.totals);
    format!(
        "{} of {}, schema {}, by Latchkey {}, SHA-256 {}",
        show::counted(totals.pairs, "record"),
        header.moment.exact(),
        header.schema,
        header.latchkey,
        totals.sha256
    )
}

async fn verify(file: &Path, identity: Option<&Path>, json: bool) -> Result<ExitCode, Failure> {
    let identities = identities(identity)?;
    let input = files::open(file)?;
    let verifying = tokio::task::spawn_blocking(move || verify_backup(input, &identities));
    match verifying.await.map_err(Failure::other)? {
        Ok(report) if json => show::json(&report)?,
        Ok(report) => {
            let stated = format!("{}: whole. {}.", file.display(), described(&report));
            show::print(&show::visible(&stated));
        }
        Err(error) if is_of_the_backup(&error) => {
            show::print(&show::visible(&format!("{}: {error}.", file.display())));
            return Ok(ExitCode::from(NOT_GOOD));
        }
        Err(error) => return Err(failure(error)),
    }
    Ok(ExitCode::SUCCESS)
}

/// What encrypted backups are opened with.
fn identities(file: Option<&Path>) -> Result<BackupIdentities, Failure> {
    let Some(file) = file else { return Ok(BackupIdentities::default()) };
    BackupIdentities::parse(&files::secret(file)?).map_err(failure)
}

/// Whether it is the backup that is not good, and not whoever reads it.
fn is_of_the_backup(error: &BackupError) -> bool {
    matches!(
        error,
        BackupError::NotABackup
            | BackupError::CutShort
            | BackupError::Damaged(_)
            | BackupError::Lacking(_)
            | BackupError::Empty
            | BackupError::Nonsense(_)
            | BackupError::NewerSchema { .. }
            | BackupError::OtherEngine { .. }
            | BackupError::OtherPayload
    )
}

/// How a command ends by it.
fn failure(error: BackupError) -> Failure {
    match error {
        BackupError::Open(error) => Failure::Store(error),
        error @ (BackupError::NeedsIdentity | BackupError::NoIdentity) => {
            Failure::Usage(format!("{error}."))
        }
        error => Failure::Other(format!("{error}.")),
    }
}
