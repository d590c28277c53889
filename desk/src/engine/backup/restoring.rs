//! Putting a backup back: into a folder beside the place where it is to be, which is checked as the
//! desk itself opens it, and only then put in place. Killed at any moment there is nothing in
//! place, and the next try clears up. Tests: `desk/tests/desk/backup.rs`,
//! `server/tests/server/command_line/backup.rs`.

use std::ffi::OsString;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

use crate::engine::backup::container::read::ContainerReader;
use crate::engine::backup::error::BackupError;
use crate::engine::backup::fit::check_fit;
use crate::engine::backup::header::BackupHeader;
use crate::engine::backup::new_file::{folder_of, sync_folder};
use crate::engine::backup::recipient::BackupSettings;
use crate::engine::backup::sealing::{BackupIdentities, opened};
use crate::engine::backup::taking::BackupReport;
use crate::engine::backup::verifying::BackupInput;
use crate::engine::desk::Desk;
use crate::engine::settings::{OlderStore, Settings};
use crate::store::raw_pairs::{RawStore, sync_all};
use crate::store::restored::{FoundCopy, RestoredCopy, let_go, mark};

/// How the folder is called in which a restore is prepared, after the one that it is for.
const WORK: &str = ".restoring";

/// How often to try to remove it, and after how long again.
const TRIES_TO_REMOVE: u32 = 100;
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(10);

/// What is in there: the store, a copy of the one that was moved away, and the file that whoever is
/// at work there holds.
const STORE: &str = "store";
const COPY: &str = "since";
const LOCK: &str = "lock";

/// A backup that is restored, and not in its place yet.
#[derive(Debug)]
pub struct Restoring {
    report: BackupReport,
    /// Where it is to be.
    place: PathBuf,
    work: Work,
    /// Of the store in there.
    settings: Settings,
    found: FoundCopy,
}

/// The folder beside the place, in which it is prepared. It goes when this is dropped, with
/// whatever is in it still.
#[derive(Debug)]
struct Work {
    folder: PathBuf,
    /// Held for as long as nobody else is to restore there.
    _lock: File,
}

impl Drop for Work {
    fn drop(&mut self) {
        // An engine that is just ending may write a file there between two of ours that go.
        for _ in 0..TRIES_TO_REMOVE {
            if std::fs::remove_dir_all(&self.folder).is_ok() || !self.folder.exists() {
                return;
            }
            std::thread::sleep(TRY_AGAIN_AFTER);
        }
    }
}

impl Work {
    /// Makes it, without what an earlier try has left.
    fn begin(place: &Path) -> Result<Self, BackupError> {
        let mut folder = OsString::from(place.as_os_str());
        folder.push(WORK);
        let folder = PathBuf::from(folder);
        let words = |error: io::Error| failed(&folder, &error);
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(words)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let lock = options.open(folder.join(LOCK)).map_err(words)?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            return Err(BackupError::UnderWay(place.display().to_string()));
        }
        for left in [STORE, COPY] {
            match std::fs::remove_dir_all(folder.join(left)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(words(error)),
                _ => {}
            }
        }
        std::fs::DirBuilder::new().mode(0o700).create(folder.join(STORE)).map_err(words)?;
        Ok(Self { folder, _lock: lock })
    }

    /// Where the store is written before it is put in place.
    fn store(&self) -> PathBuf {
        self.folder.join(STORE)
    }
}

/// Whether a backup may be restored where these settings say: reads nothing and writes nothing.
///
/// # Errors
/// [`BackupError::NotInFolder`], [`BackupError::FolderTaken`].
pub fn check_place(settings: &Settings) -> Result<(), BackupError> {
    place(settings).map(drop)
}

/// Whether this program restores such a backup by these settings.
///
/// # Errors
/// [`BackupError::OtherPayload`], [`BackupError::NewerSchema`], [`BackupError::OtherEngine`],
/// [`BackupError::Nonsense`], [`BackupError::OtherDatabase`].
pub fn check_header(header: &BackupHeader, settings: &Settings) -> Result<(), BackupError> {
    check_fit(header)?;
    if header.database != settings.database {
        return Err(BackupError::OtherDatabase(header.database.clone()));
    }
    Ok(())
}

/// The folder of these settings, where there is nothing in it.
fn place(settings: &Settings) -> Result<PathBuf, BackupError> {
    let folder = settings.folder().ok_or(BackupError::NotInFolder)?;
    // Without a slash at its end, since a folder beside it is called after it.
    let folder: PathBuf = folder.components().collect();
    if folder.file_name().is_none() {
        return Err(BackupError::FolderTaken(folder.display().to_string()));
    }
    // Neither can be replaced by a folder; nothing there is said below.
    if let Ok(found) = folder.symlink_metadata() {
        let beside = folder_of(&folder).metadata().map_err(|error| failed(&folder, &error))?;
        if found.is_symlink() || (found.is_dir() && found.dev() != beside.dev()) {
            return Err(failed(&folder, &"it is a link or a mount point: name a folder below it"));
        }
    }
    let is_free = match std::fs::read_dir(&folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => false,
        Err(error) => return Err(failed(&folder, &error)),
    };
    if is_free { Ok(folder) } else { Err(BackupError::FolderTaken(folder.display().to_string())) }
}

fn failed(folder: &Path, why: &dyn fmt::Display) -> BackupError {
    BackupError::Folder { folder: folder.display().to_string(), why: why.to_string() }
}

impl Restoring {
    /// Reads a backup into a folder beside the one that these settings name, which has nothing in
    /// it, and holds it against its checksums.
    ///
    /// # Errors
    /// [`BackupError`]; there is nothing in place then.
    pub async fn prepare(
        input: BackupInput,
        identities: BackupIdentities,
        settings: &Settings,
    ) -> Result<Self, BackupError> {
        let place = place(settings)?;
        let work = Work::begin(&place)?;
        let store = work.store();
        let (into, wanted) = (store.clone(), settings.clone());
        let filled =
            tokio::task::spawn_blocking(move || fill(input, &identities, &into, &wanted)).await;
        let report = filled.map_err(|_| BackupError::BrokenOff)??;
        let settings = Settings {
            store: format!("rocksdb://{}", store.display()),
            demo: report.header.demo,
            older_store: OlderStore::Refuse,
            disk_reserve: 0,
            audit_keep: None,
            // None is made of what is not in its place, and none goes for it.
            backups: BackupSettings::default(),
            ..settings.clone()
        };
        let copy =
            RestoredCopy { moment: report.header.moment.0, sha256: report.totals.sha256.clone() };
        let found =
            mark(&settings, copy, &report.header.chains).await.map_err(BackupError::Open)?;
        if !found.missing.is_empty() {
            return Err(BackupError::AuditBroken(found.missing));
        }
        Ok(Self { report, place, work, settings, found })
    }

    /// Where a copy of the store that was moved away is put for as long as it is prepared.
    pub(crate) fn copy_of_moved_away(&self) -> PathBuf {
        self.work.folder.join(COPY)
    }

    /// What the backup says of itself, and how much is in it.
    #[must_use]
    pub fn report(&self) -> &BackupReport {
        &self.report
    }

    /// Its schema and this program's, where the first start has to bring it to that: its audit is
    /// then to be verified after that.
    #[must_use]
    pub fn older(&self) -> Option<(i64, i64)> {
        self.found.older
    }

    /// The desk in the folder beside, checked: every chain of its audit holds, up to where the
    /// backup says that it had come at the least. None where it is of an older schema. Close it,
    /// and let go of it, before [`Restoring::put_in_place`].
    ///
    /// # Errors
    /// [`BackupError::Open`], [`BackupError::AuditBroken`], [`BackupError::Store`].
    pub async fn open(&self) -> Result<Option<Desk>, BackupError> {
        if self.found.older.is_some() {
            return Ok(None);
        }
        let desk = Desk::open(self.settings.clone()).await.map_err(BackupError::Open)?;
        let checked = self.check(&desk).await;
        if checked.is_err() {
            desk.close().await;
        }
        checked.map(|()| Some(desk))
    }

    async fn check(&self, desk: &Desk) -> Result<(), BackupError> {
        let mut faults = desk.check_chains().await?.faults;
        for point in self.report.header.chains.iter().filter(|point| point.seq > 0) {
            faults.extend(desk.check_point(point).await?.fault);
        }
        if faults.is_empty() { Ok(()) } else { Err(BackupError::AuditBroken(faults)) }
    }

    /// Puts it in its place, which still has nothing in it.
    ///
    /// # Errors
    /// [`BackupError::Open`] where this process still has it open; [`BackupError::FolderTaken`],
    /// [`BackupError::Folder`].
    pub async fn put_in_place(self) -> Result<BackupReport, BackupError> {
        let_go(&self.settings).await.map_err(BackupError::Open)?;
        let store = self.work.store();
        sync_all(&store).map_err(|error| failed(&store, &error))?;
        // A folder with nothing in it is replaced, and any other is not.
        std::fs::rename(&store, &self.place).map_err(|error| match error.kind() {
            io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => {
                BackupError::FolderTaken(self.place.display().to_string())
            }
            _ => failed(&self.place, &error),
        })?;
        let beside = folder_of(&self.place);
        sync_folder(beside).map_err(|error| failed(beside, &error))?;
        Ok(self.report)
    }
}

/// Reads a backup into a new store.
fn fill(
    input: BackupInput,
    identities: &BackupIdentities,
    into: &Path,
    settings: &Settings,
) -> Result<BackupReport, BackupError> {
    let words = |why: String| failed(into, &why);
    let mut reader = ContainerReader::open(opened(input, identities)?)?;
    check_header(reader.header(), settings)?;
    let mut store = RawStore::create(into).map_err(words)?;
    while let Some(block) = reader.next_block()? {
        for (key, value) in block.pairs() {
            store.pair(key, value).map_err(words)?;
        }
    }
    if reader.totals().pairs == 0 {
        return Err(BackupError::Empty);
    }
    store.finish().map_err(words)?;
    Ok(BackupReport { header: reader.header().clone(), totals: reader.totals().clone() })
}
