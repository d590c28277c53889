//! Makes backups regularly, where the operator has said so: one process has the store's folder, and
//! when it last made one is noted in the store, so that a restart makes none twice. How:
//! [`crate::engine::backup::scheduled`]. Tests: below, `desk/tests/desk/backup_schedule.rs`.

use std::sync::Arc;
use std::time::Duration;

use crate::engine::backup::scheduled::{LastBackups, back_up_if_due, clear_left};
use crate::engine::settings::Settings;
use crate::store::handle::Store;

/// How often it is looked whether one is due. A command that opens the store for a moment makes
/// none.
const EVERY: Duration = Duration::from_mins(1);

/// Makes them until the desk is gone.
pub(crate) async fn back_up_regularly(store: Store, settings: Settings, last: Arc<LastBackups>) {
    let Some(schedule) = &settings.backups.schedule else {
        return std::future::pending().await;
    };
    clear_left(schedule).await;
    loop {
        tokio::time::sleep(EVERY).await;
        match back_up_if_due(&store, &settings, &last).await {
            Ok(None) => {}
            Ok(Some(path)) => tracing::info!(path = %path.display(), "a backup was made"),
            Err(error) => tracing::error!(
                %error, "no backup could be made; trying again in ten minutes",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::backup::new_file::NewFile;
    use crate::engine::backup::recipient::{BackupSchedule, BackupSettings};
    use crate::engine::verify::cache::Cache;

    /// A stop, as well as a kill, may end the program before the thread that writes one has removed
    /// it: the file is there, and nobody holds it.
    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_program_that_ended_has_left_goes_at_the_start_and_what_one_writes_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let to = folder.path().to_owned();
        let left = to.join(".latchkey-2020-01-01T00-00-00Z.backup.0a.part");
        std::fs::write(&left, "half").expect("written");
        let written = NewFile::create(&to.join("latchkey-2020-01-02T00-00-00Z.backup"), true);
        let schedule = BackupSchedule { folder: to.clone(), every_hours: 24, keep: 2 };
        let backups = BackupSettings { schedule: Some(schedule), recipients: Vec::new() };
        let settings = Settings { backups, ..Settings::default() };
        let store = Store::open(&settings, Arc::new(Cache::new(1, false))).await.expect("new");
        let making = tokio::spawn(back_up_regularly(store, settings, Arc::default()));
        let going = async {
            while left.exists() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), going).await.expect("at the start");
        assert_eq!(std::fs::read_dir(&to).expect("a folder").count(), 1);
        making.abort();
        drop(written.expect("begun"));
    }
}
