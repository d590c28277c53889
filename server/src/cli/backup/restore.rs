//! `latchkey restore`: a backup into a folder that holds nothing yet, with what it undoes. Tests:
//! `server/tests/server/command_line/backup.rs`.

use std::path::{Path, PathBuf};

use clap::Args;
use desk::{Desk, Restoring, Undone, check_header, check_place, verify_backup};
use serde_json::json;

use super::undone::{self, Again};
use super::{described, failure, files, identities};
use crate::cli::exit::{ExitCode, Failure};
use crate::cli::show;
use crate::config::Configuration;

/// Below `restore --help`.
const STEPS: &str = "\
Stop every node, move the store's folder away, restore, and start:

  mv /var/lib/latchkey/data /var/lib/latchkey/data.old
  latchkey restore today.backup --since /var/lib/latchkey/data.old --revoke-again --disable-again

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
    #[arg(long, value_name = "FOLDER|FILE", conflicts_with = "dry_run")]
    since: Option<PathBuf>,
    /// Revoke again the tokens that were revoked since
    #[arg(long, requires = "since")]
    revoke_again: bool,
    /// Disable again the accounts that were disabled since, or had left the directory
    #[arg(long, requires = "since")]
    disable_again: bool,
    /// Check the backup and whether it could be restored, and restore nothing
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
        check_place(settings).map_err(failure)?;
        let identities = identities(self.identity.as_deref())?;
        let input = files::open(&self.file)?;
        if self.dry_run {
            let verifying = tokio::task::spawn_blocking(move || verify_backup(input, &identities));
            let report = verifying.await.map_err(Failure::other)?.map_err(failure)?;
            check_header(&report.header, settings).map_err(failure)?;
            return self.tell("Nothing was restored. It could be: ", &report, None, None);
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
        self.tell("Restored: ", &report, undone.as_ref(), older)
    }

    /// What is undone by the copy, done again as far as it is wanted.
    async fn done_again(
        &self,
        desk: &Desk,
        restoring: &Restoring,
        configuration: &Configuration,
    ) -> Result<Option<(Undone, Again)>, Failure> {
        let Some(since) = &self.since else { return Ok(None) };
        let header = &restoring.report().header;
        let (undone, unread) = if files::is_folder(since) {
            undone::of_store(since, restoring, configuration).await?
        } else {
            (undone::of_file(since, header)?, None)
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
        done: &str,
        report: &desk::BackupReport,
        undone: Option<&(Undone, Again)>,
        older: Option<(i64, i64)>,
    ) -> Result<ExitCode, Failure> {
        let code = undone.map_or(ExitCode::SUCCESS, |(_, again)| again.code());
        if self.json {
            show::json(&json!({
                "restored": !self.dry_run, "backup": report,
                "undone": undone.map(|(undone, _)| undone), "again": undone.map(|(_, again)| again),
            }))?;
            return Ok(code);
        }
        let file = shown(&self.file);
        show::print(&show::visible(&format!("{done}{file}, {}.", described(report))));
        if let Some((found, known)) = older {
            show::print(&format!(
                "Its schema is {found}: the next `latchkey serve` brings it to {known}. Then \
                 `latchkey audit verify`."
            ));
        }
        match undone {
            Some((undone, again)) => {
                if again.knows_all() || !undone.is_empty() {
                    undone::tell(undone);
                }
                again.tell(undone);
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

fn shown(file: &Path) -> String {
    if files::is_stream(file) { "standard input".to_owned() } else { file.display().to_string() }
}
