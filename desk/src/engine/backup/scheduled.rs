//! Backups that are made by themselves: when one is due, how it is called, which are kept, and how
//! the last one went. Tests: below, `desk/tests/desk/backup_schedule.rs`.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::Moment;
use crate::engine::backup::error::BackupError;
use crate::engine::backup::new_file::NewFile;
use crate::engine::backup::recipient::BackupSchedule;
use crate::engine::backup::sealing::BackupIdentities;
use crate::engine::backup::taking::{BackupOptions, BackupTarget, take};
use crate::engine::backup::verifying::verify_backup;
use crate::engine::lock::lock;
use crate::engine::settings::Settings;
use crate::moment::MAX_CLOCK_SKEW;
use crate::store::backups::BackupNote;
use crate::store::handle::Store;

/// How long to wait after one that failed, in seconds.
const AGAIN_AFTER: i64 = 600;

/// How backups are called: `latchkey-2026-11-30T02-00-00Z.backup`.
const BEGINS: &str = "latchkey-";
const ENDS: &str = ".backup";

/// How the last backups went that were to be made by themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LastBackup {
    /// When the last one was begun that is there: all that was acknowledged before is in it.
    pub made: Option<Moment>,
    /// When one was last tried.
    pub tried: Option<Moment>,
    /// Why that one is not there; none: it is.
    pub failed: Option<String>,
}

/// The same, for whoever wants to know it at any moment.
#[derive(Debug, Default)]
pub(crate) struct LastBackups(Mutex<LastBackup>);

impl LastBackups {
    /// As they are known by now.
    pub(crate) fn get(&self) -> LastBackup {
        lock(&self.0).clone()
    }

    fn set(&self, note: &BackupNote) {
        *lock(&self.0) = LastBackup {
            made: note.at.map(Moment),
            tried: note.tried.map(Moment),
            failed: note.why.clone(),
        };
    }
}

/// Makes a backup where one is due; answers where it is.
///
/// # Errors
/// [`BackupError`]; it is tried again ten minutes later.
pub(crate) async fn back_up_if_due(
    store: &Store,
    settings: &Settings,
    last: &LastBackups,
) -> Result<Option<PathBuf>, BackupError> {
    let Some(schedule) = &settings.backups.schedule else { return Ok(None) };
    let mut note = store.backup_note().await?;
    last.set(&note);
    let now = settings.clock.now();
    if !is_due(&note, schedule, now) {
        return Ok(None);
    }
    store.note_backup_tried(now).await?;
    note.tried = Some(now.0);
    last.set(&note);
    match make(store, settings, schedule, now).await {
        Ok(path) => {
            (note.at, note.why) = (Some(now.0), None);
            last.set(&note);
            store.note_backup_made(now).await?;
            Ok(Some(path))
        }
        Err(error) => {
            let why = error.to_string();
            note.why = Some(why.clone());
            last.set(&note);
            // A store that cannot be written to says so in other ways.
            let _ = store.note_backup_failed(&why).await;
            Err(error)
        }
    }
}

/// Whether one is due: so long after the last one, and not at once after one that failed. A moment
/// that no clock can have shown yet was written by one that was wrong.
fn is_due(note: &BackupNote, schedule: &BackupSchedule, now: Moment) -> bool {
    let is_over = |at: i64, seconds: i64| {
        now >= Moment(at).plus_seconds(seconds) || at > now.plus_seconds(MAX_CLOCK_SKEW).0
    };
    let every = i64::from(schedule.every_hours) * 3600;
    note.at.is_none_or(|at| is_over(at, every))
        && note.tried.is_none_or(|tried| note.at == Some(tried) || is_over(tried, AGAIN_AFTER))
}

/// Makes one, reads it back, and removes those that are too many.
async fn make(
    store: &Store,
    settings: &Settings,
    schedule: &BackupSchedule,
    now: Moment,
) -> Result<PathBuf, BackupError> {
    let folder = &schedule.folder;
    if !folder.is_dir() {
        return Err(BackupError::NoFolder(folder.display().to_string()));
    }
    let path = folder.join(name(now));
    let new = Arc::new(Mutex::new(NewFile::create(&path, true).map_err(BackupError::Write)?));
    let digest = Arc::new(Mutex::new(Sha256::new()));
    let recipients = settings.backups.recipients.clone();
    let is_encrypted = !recipients.is_empty();
    let options = BackupOptions { recipients, ..BackupOptions::default() };
    take(store, settings, into(new.clone(), digest.clone()), &options).await?;
    let keep = schedule.keep;
    let kept = tokio::task::spawn_blocking(move || -> Result<PathBuf, BackupError> {
        let new = Arc::into_inner(new).ok_or(BackupError::BrokenOff)?;
        let new = new.into_inner().map_err(|_| BackupError::BrokenOff)?;
        let written = lock(&digest).clone().finalize().to_vec();
        check(&new, &written, is_encrypted)?;
        new.keep().map_err(BackupError::Write)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        remove_older(folder, keep).map_err(BackupError::Write)?;
        Ok(path)
    });
    kept.await.map_err(|_| BackupError::BrokenOff)?
}

/// Reads it back: it is on the disk as it was written, and where it is not encrypted, a backup. Of
/// an encrypted one nothing more can be seen here, where there is no identity.
fn check(new: &NewFile, written: &[u8], is_encrypted: bool) -> Result<(), BackupError> {
    let mut reader = new.reader().map_err(BackupError::Read)?;
    let (mut digest, mut part) = (Sha256::new(), vec![0; 1 << 18]);
    loop {
        match reader.read(&mut part).map_err(BackupError::Read)? {
            0 => break,
            length => digest.update(&part[..length]),
        }
    }
    if digest.finalize()[..] != *written {
        return Err(BackupError::Damaged("the disk gives back something else than was written"));
    }
    if !is_encrypted {
        let reader = BufReader::new(new.reader().map_err(BackupError::Read)?);
        verify_backup(Box::new(reader), &BackupIdentities::default())?;
    }
    Ok(())
}

/// A file to which a backup is written, and what is reckoned of it meanwhile.
fn into(new: Arc<Mutex<NewFile>>, digest: Arc<Mutex<Sha256>>) -> BackupTarget {
    Box::new(move || {
        let file = lock(&new).writer()?;
        *lock(&digest) = Sha256::new();
        let counted: Box<dyn Write + Send> = Box::new(Reckoned { file, digest: digest.clone() });
        Ok(counted)
    })
}

/// A file, with SHA-256 over what is written to it.
struct Reckoned {
    file: File,
    digest: Arc<Mutex<Sha256>>,
}

impl Write for Reckoned {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        lock(&self.digest).update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// How the backup is called that was begun then: in the order of their names they are in that of
/// their moments.
fn name(at: Moment) -> String {
    format!("{BEGINS}{}{ENDS}", at.rfc3339().replace(':', "-"))
}

/// Whether a file is called as one of these: nothing else is ever removed.
fn is_ours(name: &str) -> bool {
    const PATTERN: &[u8] = b"0000-00-00T00-00-00Z";
    let moment = name.strip_prefix(BEGINS).and_then(|name| name.strip_suffix(ENDS));
    moment.is_some_and(|moment| {
        moment.len() == PATTERN.len()
            && moment.bytes().zip(PATTERN).all(|(c, pattern)| match pattern {
                b'0' => c.is_ascii_digit(),
                other => c == *other,
            })
    })
}

/// Removes all but so many of the newest.
fn remove_older(folder: &Path, keep: usize) -> io::Result<()> {
    let mut names: Vec<String> = std::fs::read_dir(folder)?
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| is_ours(name))
        .collect();
    names.sort_unstable_by(|one, other| other.cmp(one));
    for name in names.into_iter().skip(keep.max(1)) {
        std::fs::remove_file(folder.join(name))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_795_511_101_234);

    #[test]
    fn one_is_due_so_long_after_the_last_and_not_at_once_after_one_that_failed() {
        let schedule =
            BackupSchedule { folder: PathBuf::from("backups"), every_hours: 24, keep: 7 };
        let ago = |hours: i64| Some(NOW.plus_seconds(-3600 * hours).0);
        let due = |at, tried| is_due(&BackupNote { at, tried, why: None }, &schedule, NOW);
        assert!(due(None, None), "there is none yet");
        assert!(due(ago(24), ago(24)) && due(ago(100), ago(100)));
        assert!(!due(ago(23), ago(23)), "nor after a restart");
        assert!(!due(ago(30), Some(NOW.plus_seconds(-599).0)), "it failed a moment ago");
        assert!(due(ago(30), Some(NOW.plus_seconds(-600).0)));
        assert!(!due(None, Some(NOW.0)));
        assert!(due(ago(-500), ago(-500)), "by a clock that was a month ahead");
    }

    #[test]
    fn only_backups_by_their_own_names_are_removed_and_the_newest_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let others = ["latchkey.toml", "latchkey-mine.backup", "latchkey-2026-11-24.backup"];
        let days: Vec<String> = (0..4).map(|day| name(NOW.plus_days(day))).collect();
        assert_eq!(days[0], "latchkey-2026-11-24T09-05-01Z.backup");
        for name in others.iter().copied().chain(days.iter().map(String::as_str)) {
            std::fs::write(folder.path().join(name), "").expect("written");
        }
        let left = || -> Vec<&String> {
            days.iter().filter(|day| folder.path().join(day).exists()).collect()
        };
        remove_older(folder.path(), 3).expect("removed");
        assert_eq!(left(), [&days[1], &days[2], &days[3]]);
        remove_older(folder.path(), 0).expect("removed");
        assert_eq!(left(), [&days[3]], "the last one never goes");
        assert!(others.iter().all(|name| folder.path().join(name).exists()));
    }
}
