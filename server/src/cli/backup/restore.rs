//! `latchkey restore`: a backup into a folder that holds nothing yet, with what it undoes. Tests:
//! `server/tests/server/command_line/backup.rs`.

use std::path::{Path, PathBuf};

use clap::Args;
use desk::{
    BackupHeader, Desk, Restoring, Settings, Undone, check_header, check_place, verify_backup,
};
use serde_json::json;

use super::undone::{self, Again};
use super::{described, failure, files, identities};
use crate::cli::exit::{ExitCode, Failure};
use crate::cli::{packaged, show};
use crate::config::Configuration;

/// Below `restore --help`.
const STEPS: &str = "\
Stop every node, move the store's folder away, restore, and start. For a packaged service, as \
root:

  systemctl stop latchkey.socket latchkey.service
  mv /var/lib/latchkey/data /var/lib/latchkey/data.old
  latchkey-service restore /var/backups/latchkey/today.backup \\
    --since /var/lib/latchkey/data.old --revoke-again --disable-again
  systemctl start latchkey.service

Elsewhere `latchkey restore FILE`, with the server's own configuration, or --store.

What happened since the copy is undone by it. --since tells what that was, as the store that was \
moved away has it, or a file of `audit export`; passwords that were changed since are listed, and \
are to be set again.";

/// `latchkey restore`
#[derive(Args, Debug)]
#[command(after_help = STEPS)]
pub(in crate::cli) struct Restore {
    /// The backup; - for standard input
    file: PathBuf,
    /// The file with the age identity, where it is encrypted
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Tell what had happened since the copy and is undone: the folder of the store that was moved
    /// away, or a file of `audit export`
    #[arg(long, value_name = "FOLDER|FILE")]
    since: Option<PathBuf>,
    /// Revoke again the tokens that were revoked since
    #[arg(long, requires = "since")]
    revoke_again: bool,
    /// Disable again the accounts that were disabled since, or had left the directory
    #[arg(long, requires = "since")]
    disable_again: bool,
    /// Check the backup and whether it could be restored, with --since tell what would be undone,
    /// and restore nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Restore {
    pub(in crate::cli) async fn run(
        self,
        configuration: &Configuration,
    ) -> Result<ExitCode, Failure> {
        let settings = &configuration.desk;
        check_named(configuration)?;
        check_place(settings).map_err(failure)?;
        let place = absolute(settings);
        let identities = identities(self.identity.as_deref())?;
        let input = files::open(&self.file)?;
        if self.dry_run {
            let verifying = tokio::task::spawn_blocking(move || verify_backup(input, &identities));
            let report = verifying.await.map_err(Failure::other)?.map_err(failure)?;
            check_header(&report.header, settings).map_err(failure)?;
            let undone = self.undone(&report.header, None, configuration).await?;
            let undone = undone.map(|(undone, unread)| (undone, Again::of(unread)));
            return self.tell(&place, &report, undone.as_ref(), None);
        }
        let restoring = Restoring::prepare(input, identities, settings).await.map_err(failure)?;
        let desk = restoring.open().await.map_err(failure)?;
        let undone = match &desk {
            Some(desk) => self.done_again(desk, &restoring, configuration).await,
            None => self.of_older(),
        };
        // Whatever came of it, nobody may have the files when they move.
        if let Some(desk) = desk {
            desk.close().await;
        }
        let undone = undone?;
        let older = restoring.older();
        let report = restoring.put_in_place().await.map_err(failure)?;
        self.tell(&place, &report, undone.as_ref(), older)
    }

    /// What is undone by a copy that begins so, as far as it is wanted, and why that is not all.
    async fn undone(
        &self,
        header: &BackupHeader,
        restoring: Option<&Restoring>,
        configuration: &Configuration,
    ) -> Result<Option<(Undone, Option<String>)>, Failure> {
        let Some(since) = &self.since else { return Ok(None) };
        Ok(Some(if files::is_folder(since) {
            undone::of_store(since, restoring, header, configuration).await?
        } else {
            (undone::of_file(since, header)?, None)
        }))
    }

    /// What is undone by the copy, done again as far as it is wanted.
    async fn done_again(
        &self,
        desk: &Desk,
        restoring: &Restoring,
        configuration: &Configuration,
    ) -> Result<Option<(Undone, Again)>, Failure> {
        let header = &restoring.report().header;
        let Some((undone, unread)) = self.undone(header, Some(restoring), configuration).await?
        else {
            return Ok(None);
        };
        let mut again = Again::of(unread);
        if self.revoke_again {
            again.revoke(desk, &undone).await?;
        }
        if self.disable_again {
            again.disable(desk, &undone).await?;
        }
        Ok(Some((undone, again)))
    }

    /// Of a store of an older schema nothing is changed before the first start has brought it to
    /// this program's.
    fn of_older(&self) -> Result<Option<(Undone, Again)>, Failure> {
        if self.since.is_none() {
            return Ok(None);
        }
        let why = "The backup is of an older Latchkey, and --since is for this one's. Restore it \
            without, by the program that wrote it, or look into the audit of the store that was \
            moved away.";
        Err(Failure::Usage(why.to_owned()))
    }

    fn tell(
        &self,
        place: &Path,
        report: &desk::BackupReport,
        undone: Option<&(Undone, Again)>,
        older: Option<(i64, i64)>,
    ) -> Result<ExitCode, Failure> {
        let code = undone.map_or(ExitCode::SUCCESS, |(undone, again)| again.code(undone));
        if self.json {
            show::json(&json!({
                "restored": !self.dry_run, "folder": place.display().to_string(), "backup": report,
                "undone": undone.map(|(undone, _)| undone), "again": undone.map(|(_, again)| again),
            }))?;
            return Ok(code);
        }
        let file = shown(&self.file);
        let (place_shown, described) = (place.display(), described(report));
        let done =
            if self.dry_run { "Nothing was restored. It could be, into" } else { "Restored into" };
        show::print(&show::visible(&format!("{done} {place_shown}: {file}, {described}.")));
        if let Some((found, known)) = older {
            show::print(&format!(
                "Its schema is {found}: the next `latchkey serve` brings it to {known}. Then \
                 `latchkey audit verify`."
            ));
        }
        match undone {
            Some((undone, again)) => {
                if again.knows_all() || !undone.is_empty() {
                    undone::tell(undone, self.dry_run);
                }
                if self.dry_run {
                    again.tell_unread();
                } else {
                    again.tell(undone, place);
                }
            }
            None if self.dry_run => {}
            None => show::print(
                "What had happened since is undone: tokens revoked since then work again, and \
                 accounts disabled since then are enabled. Whoever was logged in is not any more.",
            ),
        }
        Ok(code)
    }
}

/// Refuses where nothing says which store is meant: whoever leaves out the configuration by mistake
/// would restore into the folder where they happen to be.
fn check_named(configuration: &Configuration) -> Result<(), Failure> {
    if packaged::names_store(configuration) {
        return Ok(());
    }
    let why = "Say which store is to be restored: by --config and the server's configuration, or \
        by --store rocksdb:///FOLDER.";
    let service = "For the service of this machine: sudo latchkey-service restore …";
    Err(Failure::Usage(if packaged::is_here() {
        format!("{why} {service}")
    } else {
        why.to_owned()
    }))
}

/// Where these settings have the store, wherever one is.
fn absolute(settings: &Settings) -> PathBuf {
    let folder = settings.folder().unwrap_or_default();
    std::path::absolute(&folder).unwrap_or(folder)
}

fn shown(file: &Path) -> String {
    if files::is_stream(file) { "standard input".to_owned() } else { file.display().to_string() }
}
