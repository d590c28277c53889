//! `[backup]`: where backups are made by themselves, how often, how many are kept, and whom they
//! are encrypted to.

use std::path::PathBuf;

use confique::Config;
use desk::{BackupRecipient, BackupSchedule, BackupSettings};
use serde::Serialize;

use super::lenient::commas;
use super::{filled, listed};
use crate::config::ConfigError;

/// A backup a year is none.
const MAX_HOURS: u32 = 8760;

/// Backups of a store in a folder.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct Backup {
    /// The folder in which backups are kept that are made by themselves: on another disk than the
    /// store's, for its owner alone. It is not made by itself, so that no backup lands on the wrong
    /// disk where one is not mounted.
    #[config(env = "LATCHKEY_BACKUP_TO")]
    pub to: Option<String>,

    /// From one of them to the next, in hours, at most 8760; 0: none are made.
    #[config(env = "LATCHKEY_BACKUP_HOURS", default = 0)]
    pub hours: u32,

    /// How many of them are kept: older ones go once a new one is there and was read back.
    #[config(env = "LATCHKEY_BACKUP_KEEP", default = 7)]
    pub keep: usize,

    /// Whom backups are encrypted to, also those of `latchkey backup`: age recipients (age1…), each
    /// of whom can open them. Left out: they are not encrypted, and hold what the store holds.
    #[config(env = "LATCHKEY_BACKUP_RECIPIENTS", default = [], deserialize_with = commas)]
    pub recipients: Vec<String>,
}

impl Backup {
    /// What the desk needs of it; `store`: its address.
    pub(in crate::config) fn settings(&self, store: &str) -> Result<BackupSettings, ConfigError> {
        let recipients = listed(self.recipients.clone())
            .iter()
            .map(|recipient| recipient.parse::<BackupRecipient>())
            .collect::<Result<Vec<_>, _>>()
            // An identity that was pasted by mistake is not repeated.
            .map_err(|why| ConfigError::senseless("backup.recipients", format!("{why}.")))?;
        Ok(BackupSettings { schedule: self.schedule(store)?, recipients })
    }

    fn schedule(&self, store: &str) -> Result<Option<BackupSchedule>, ConfigError> {
        if self.keep == 0 {
            let what = "the newest one stays in any case: use 1 or more.";
            return Err(ConfigError::senseless("backup.keep", what));
        }
        if self.hours > MAX_HOURS {
            return Err(ConfigError::senseless("backup.hours", "use at most 8760, a year."));
        }
        match (filled(self.to.clone()), self.hours) {
            (_, 0) => Ok(None),
            (None, _) => {
                let what = "say in which folder the backups are kept.";
                Err(ConfigError::senseless("backup.to", what).since("backup.hours"))
            }
            (Some(_), _) if !store.starts_with("rocksdb://") => {
                let what = "only a store in a folder (rocksdb://) is backed up by itself: leave it \
                    out, and have the SurrealDB server backed up by its own means.";
                Err(ConfigError::senseless("backup.hours", what))
            }
            (Some(to), hours) => {
                let folder = PathBuf::from(to);
                Ok(Some(BackupSchedule { folder, every_hours: hours, keep: self.keep }))
            }
        }
    }
}
