//! Whom backups are encrypted to, and how often they are made: what the operator decides about
//! them. Tests: below, `server/src/config/tests.rs`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use rustix::fs::Access;

/// Whom a backup is encrypted to: an age recipient, `age1…`.
#[derive(Clone, PartialEq, Eq)]
pub struct BackupRecipient(age::x25519::Recipient);

impl BackupRecipient {
    /// As age takes it.
    pub(crate) fn key(&self) -> &age::x25519::Recipient {
        &self.0
    }
}

impl FromStr for BackupRecipient {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.trim().parse().map(Self).map_err(|_| {
            "it is no age recipient: it begins with age1, as `age-keygen` prints it as public key"
        })
    }
}

impl fmt::Display for BackupRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for BackupRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What the operator decides about backups.
#[derive(Clone, Debug, Default)]
pub struct BackupSettings {
    /// Where they are made by themselves, and how often; none: they are not.
    pub schedule: Option<BackupSchedule>,
    /// Whom they are encrypted to; none: they are not.
    pub recipients: Vec<BackupRecipient>,
}

/// Backups that are made by themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupSchedule {
    /// Where they are kept.
    pub folder: PathBuf,
    /// From one to the next.
    pub every_hours: u32,
    /// How many are kept.
    pub keep: usize,
}

impl BackupSchedule {
    /// Why none can be made as it is now; none: one can, as far as is seen without trying.
    #[must_use]
    pub fn hazard(&self) -> Option<String> {
        let folder = self.folder.display();
        if !self.folder.is_dir() {
            return Some(format!(
                "no backup can be made: the folder {folder} (backup.to) is not there. Make it, or \
                 mount its disk."
            ));
        }
        let access = rustix::fs::access(&self.folder, Access::WRITE_OK | Access::EXEC_OK);
        access.is_err().then(|| {
            format!(
                "no backup can be made: Latchkey’s user may not write to {folder} (backup.to), or \
                 nobody may: chown it to that user, name it in ReadWritePaths= of systemd’s unit \
                 (docs/operations/backup.md), and look whether its disk is mounted for writing."
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_folder_that_is_away_or_takes_no_file_is_a_hazard() {
        let place = tempfile::tempdir().expect("a folder");
        let of = |folder: PathBuf| BackupSchedule { folder, every_hours: 24, keep: 2 }.hazard();
        assert_eq!(of(place.path().to_owned()), None);
        assert!(of(place.path().join("away")).is_some_and(|what| what.contains("is not there")));
        let closed = place.path().join("closed");
        std::fs::create_dir(&closed).expect("a folder");
        std::fs::set_permissions(&closed, Permissions::from_mode(0o500)).expect("its owner's");
        // Root writes there in any case.
        let is_written_to = std::fs::write(closed.join("file"), "").is_ok();
        assert_eq!(of(closed).is_none(), is_written_to);
    }

    #[test]
    fn a_recipient_is_read_as_it_is_written_and_an_identity_is_none() {
        let identity = age::x25519::Identity::generate();
        let text = identity.to_public().to_string();
        let read: BackupRecipient = format!(" {text}\n").parse().expect("one");
        assert_eq!((read.to_string(), format!("{read:?}")), (text.clone(), text.clone()));
        for wrong in ["", "age1", "AGE-SECRET-KEY-1", &text[1..], &format!("{text}x")] {
            assert!(wrong.parse::<BackupRecipient>().is_err(), "{wrong}");
        }
    }
}
