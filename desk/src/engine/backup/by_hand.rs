//! Backups at a word: of the operator on the command line, and of a test that would not wait; and
//! how those that are made by themselves went. Tests: `desk/tests/desk/backup.rs`,
//! `backup_schedule.rs`.

use std::path::PathBuf;
use std::time::Duration;

use crate::engine::backup::error::BackupError;
use crate::engine::backup::scheduled::{LastBackup, back_up_if_due};
use crate::engine::backup::taking::{BackupOptions, BackupReport, BackupTarget, take};
use crate::engine::desk::Desk;
use crate::engine::doors::Console;

impl Console {
    /// Makes a backup, while everything goes on: all that was acknowledged before is in it, each
    /// transaction whole.
    ///
    /// # Errors
    /// [`BackupError::NotInFolder`], [`BackupError::Store`], [`BackupError::Files`],
    /// [`BackupError::NearlyFull`], [`BackupError::Write`].
    pub async fn back_up(
        &self,
        target: BackupTarget,
        options: &BackupOptions,
    ) -> Result<BackupReport, BackupError> {
        take(&self.inner.store, self.settings(), target, options).await
    }
}

impl Desk {
    /// How the last backups went that were to be made by themselves, as far as this process has
    /// looked; none: none are.
    #[must_use]
    pub fn last_backup(&self) -> Option<LastBackup> {
        self.settings().backups.schedule.as_ref()?;
        Some(self.inner.last_backups.get())
    }

    /// From one backup that is made by itself to the next; none: none are.
    #[must_use]
    pub fn backs_up_every(&self) -> Option<Duration> {
        let schedule = self.settings().backups.schedule.as_ref()?;
        Some(Duration::from_hours(schedule.every_hours.into()))
    }

    /// Makes a backup where one is due, as happens by itself; answers where it is.
    ///
    /// # Errors
    /// [`BackupError`]; it is tried again ten minutes later.
    pub async fn back_up_if_due(&self) -> Result<Option<PathBuf>, BackupError> {
        let (store, settings) = (&self.inner.store, self.settings());
        back_up_if_due(store, settings, &self.inner.last_backups).await
    }
}
