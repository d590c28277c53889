//! Backups that are made by themselves: when one is due, how it is called, which are kept, and how
//! the last one went. Tests: below, `desk/tests/desk/backup_schedule.rs`.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::Moment;
use crate::engine::backup::error::BackupError;
use crate::engine::backup::new_file::{NewFile, clear};
use crate::engine::backup::own_thread::on_its_own_thread;
use crate::engine::backup::pace::{BACKUP_RATE, Pace};
use crate::engine::backup::recipient::BackupSchedule;
use crate::engine::backup::sealing::BackupIdentities;
use crate::engine::backup::taking::{BackupOptions, BackupTarget, take};
use crate::engine::backup::verifying::verify_backup;
use crate::engine::lock::lock;
use crate::engine::settings::Settings;
use crate::moment::MAX_CLOCK_SKEW;
use crate::store::backups::BackupNote;
use crate::store::error::StoreError;
use crate::store::handle::Store;

/// How long to wait after one that failed, in seconds.
const AGAIN_AFTER: i64 = 600;

/// How much is read back at a time.
const READ_AT_ONCE: usize = 256 << 10;

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

    /// As the store has noted it: before the first look there may have been many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn noted(store: &Store, settings: &Settings) -> Result<Arc<Self>, StoreError> {
        let last = Self::default();
        if settings.backups.schedule.is_some() {
            last.set(&store.backup_note().await?);
        }
        Ok(Arc::new(last))
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

/// Removes what a program that ended meanwhile has left of one, once it is started again.
pub(crate) async fn clear_left(schedule: &BackupSchedule) {
    let folder = schedule.folder.clone();
    let _ = on_its_own_thread(move |_| clear_ours(&folder)).await;
}

fn clear_ours(folder: &Path) {
    clear(folder, |whose| std::str::from_utf8(whose).is_ok_and(is_ours));
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
    let (folder, path) = (schedule.folder.clone(), schedule.folder.join(name(now)));
    // What is nearly full is not filled further.
    let filling = settings.folder().filter(|_| store.is_nearly_full());
    let to = path.clone();
    let new = on_its_own_thread(move |_| begin(&folder, &to, filling.as_deref())).await??;
    let new = Arc::new(Mutex::new(new));
    let digest = Arc::new(Mutex::new(Sha256::new()));
    let recipients = settings.backups.recipients.clone();
    let is_encrypted = !recipients.is_empty();
    let options = BackupOptions { recipients, ..BackupOptions::default() };
    let taken = take(store, settings, into(new.clone(), digest.clone()), &options).await;
    let (folder, keep) = (schedule.folder.clone(), schedule.keep);
    let kept = on_its_own_thread(move |_| -> Result<PathBuf, BackupError> {
        let new = Arc::into_inner(new).ok_or(BackupError::BrokenOff)?;
        let new = new.into_inner().map_err(|_| BackupError::BrokenOff)?;
        // A file that is given up is removed here as well.
        taken?;
        let written = lock(&digest).clone().finalize().to_vec();
        check(&new, &written, is_encrypted)?;
        new.keep().map_err(BackupError::Write)?;
        remove_older(&folder, &name(now), keep);
        Ok(path)
    });
    kept.await?
}

/// Begins the file, once what a program that was killed has left of others is gone. `filling`: what
/// is on the same disk as this.
fn begin(folder: &Path, path: &Path, filling: Option<&Path>) -> Result<NewFile, BackupError> {
    match folder.metadata() {
        Ok(found) if found.is_dir() => {}
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(BackupError::Write(error));
        }
        _ => return Err(BackupError::NoFolder(folder.display().to_string())),
    }
    clear_ours(folder);
    if filling.is_some_and(|store| is_same_disk(store, folder)) {
        return Err(BackupError::NearlyFull);
    }
    NewFile::create(path, true).map_err(BackupError::Write)
}

fn is_same_disk(one: &Path, other: &Path) -> bool {
    let disk = |folder: &Path| folder.metadata().map(|folder| folder.dev());
    matches!((disk(one), disk(other)), (Ok(one), Ok(other)) if one == other)
}

/// Reads it back, no faster than it was made: it is on the disk as it was written, and where it is
/// not encrypted, a backup. Of an encrypted one nothing more can be seen here, where there is no
/// identity.
fn check(new: &NewFile, written: &[u8], is_encrypted: bool) -> Result<(), BackupError> {
    let digest = Arc::new(Mutex::new(Sha256::new()));
    let file = new.reader().map_err(BackupError::Read)?;
    let back = ReadBack { file, digest: digest.clone(), pace: Pace::new(BACKUP_RATE) };
    let mut back = BufReader::with_capacity(READ_AT_ONCE, back);
    let read = if is_encrypted {
        io::copy(&mut back, &mut io::sink()).map(|_| ()).map_err(BackupError::Read)
    } else {
        verify_backup(Box::new(back), &BackupIdentities::default()).map(drop)
    };
    let is_as_written = lock(&digest).clone().finalize()[..] == *written;
    match read {
        Err(error @ BackupError::Read(_)) => Err(error),
        _ if !is_as_written => {
            Err(BackupError::Damaged("the disk gives back something else than was written"))
        }
        read => read,
    }
}

/// A file that is read back, with SHA-256 over what was read of it.
struct ReadBack {
    file: File,
    digest: Arc<Mutex<Sha256>>,
    pace: Pace,
}

impl Read for ReadBack {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(into)?;
        lock(&self.digest).update(&into[..length]);
        self.pace.wait_for(length);
        Ok(length)
    }
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

/// Removes all but so many: the one that was just made stays, and of the others the newest. Those
/// that were made by a clock that was ahead go first. One that cannot be removed is no reason to do
/// without a backup.
fn remove_older(folder: &Path, made: &str, keep: usize) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let path = folder.display();
            tracing::warn!(%path, %error, "older backups could not be looked for");
            return;
        }
    };
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| is_ours(name))
        .collect();
    let is_ahead = |name: &str| name > made;
    names.sort_unstable_by(|one, other| {
        is_ahead(one).cmp(&is_ahead(other)).then_with(|| other.cmp(one))
    });
    for name in names.into_iter().skip(keep.max(1)) {
        let path = folder.join(name);
        if let Err(error) = std::fs::remove_file(&path) {
            tracing::warn!(
                path = %path.display(), %error,
                "an older backup could not be removed: remove it, before its disk is full",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::backup::recipient::BackupSettings;
    use crate::engine::verify::cache::Cache;

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
        remove_older(folder.path(), &days[3], 3);
        assert_eq!(left(), [&days[1], &days[2], &days[3]]);
        remove_older(folder.path(), &days[3], 0);
        assert_eq!(left(), [&days[3]], "the last one never goes");
        assert!(others.iter().all(|name| folder.path().join(name).exists()));
    }

    #[test]
    fn the_one_just_made_stays_and_those_of_a_clock_that_was_ahead_go_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let days: Vec<String> = [-1, 0, 30, 31].map(|day| name(NOW.plus_days(day))).into();
        for day in &days {
            std::fs::write(folder.path().join(day), "").expect("written");
        }
        let left = || -> Vec<&String> {
            days.iter().filter(|day| folder.path().join(day).exists()).collect()
        };
        remove_older(folder.path(), &days[1], 3);
        assert_eq!(left(), [&days[0], &days[1], &days[3]]);
        remove_older(folder.path(), &days[1], 1);
        assert_eq!(left(), [&days[1]]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_disk_that_is_nearly_full_is_not_filled_by_backups_of_the_store_that_is_on_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let backups = folder.path().join("backups");
        std::fs::create_dir(&backups).expect("a folder");
        let schedule = BackupSchedule { folder: backups.clone(), every_hours: 24, keep: 2 };
        let settings = Settings {
            store: format!("rocksdb://{}", folder.path().join("store").display()),
            backups: BackupSettings { schedule: Some(schedule), recipients: Vec::new() },
            ..Settings::default()
        };
        let store = Store::open(&settings, Arc::new(Cache::new(1, false))).await.expect("new");
        store.set_nearly_full(true);
        let last = LastBackups::default();
        let refused = back_up_if_due(&store, &settings, &last).await;
        assert!(matches!(refused, Err(BackupError::NearlyFull)), "{refused:?}");
        assert_eq!(std::fs::read_dir(&backups).expect("a folder").count(), 0);
        assert!(last.get().failed.is_some_and(|why| why.contains("another disk")));
    }
}
