//! The store that was moved away before a restore, to be read for what the restore undoes. It may
//! be all that tells what happened, so nothing of it is changed: what is opened is a copy of it,
//! whose tables, which nobody ever writes to again, are links to its own. Tests: below, and
//! `server/tests/server/command_line/since_damaged.rs`.

use std::ffi::OsStr;
use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, fcntl_lock};
use rustix::io::Errno;

use crate::engine::backup::restoring::Restoring;
use crate::store::damage;
use crate::store::open_error::OpenError;
use crate::store::raw_pairs::is_let_go;

/// How long the engine may take to let go of it.
const LET_GO_TIMEOUT: Duration = Duration::from_secs(10);

/// What RocksDB writes once.
const WRITTEN_ONCE: [&str; 2] = ["sst", "blob"];

/// What is no part of a store, or only of whoever has it open.
const LEFT_OUT: [&str; 2] = ["LOCK", "latchkey.reserve"];

/// A copy of the store that was moved away. It goes when this is dropped.
#[derive(Debug)]
pub struct MovedAway {
    copy: PathBuf,
    of: PathBuf,
    /// The log that is damaged, and from which byte on: the copy's ends there.
    cut: Option<(PathBuf, u64)>,
}

impl Drop for MovedAway {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.copy);
    }
}

impl Restoring {
    /// Copies the store that was moved away, beside what is restored.
    ///
    /// # Errors
    /// [`OpenError::InUse`] where somebody has it open; [`OpenError::Damaged`] where a file of it
    /// cannot be read.
    pub async fn moved_away(&self, folder: &Path) -> Result<MovedAway, OpenError> {
        MovedAway::copy(folder.to_owned(), self.copy_of_moved_away()).await
    }
}

impl MovedAway {
    /// The same where nothing is restored: the copy is beside the store itself.
    ///
    /// # Errors
    /// As [`Restoring::moved_away`].
    pub async fn beside(folder: &Path) -> Result<Self, OpenError> {
        let name = format!(".latchkey-since-{}", std::process::id());
        Self::copy(folder.to_owned(), folder.with_file_name(name)).await
    }

    async fn copy(of: PathBuf, copy: PathBuf) -> Result<Self, OpenError> {
        let store = format!("rocksdb://{}", of.display());
        let copying = tokio::task::spawn_blocking(move || MovedAway::copied(of, copy)).await;
        match copying {
            Ok(Ok(copied)) => Ok(copied),
            Ok(Err(None)) => Err(OpenError::InUse(store)),
            Ok(Err(Some(why))) => Err(OpenError::Damaged(store, why)),
            Err(error) => Err(OpenError::Damaged(store, error.to_string())),
        }
    }

    /// Where the copy is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.copy
    }

    /// The store that it is a copy of.
    #[must_use]
    pub fn of(&self) -> &Path {
        &self.of
    }

    /// What is said to be damaged of the copy, said of the store; what to do is another matter.
    #[must_use]
    pub fn of_store(&self, words: &str) -> String {
        let words = damage::without_remedy(words);
        words.replace(&self.copy.display().to_string(), &self.of.display().to_string())
    }

    /// Which part of the store cannot be read; none: all of it can, as far as is known.
    #[must_use]
    pub fn unread(&self) -> Option<String> {
        let (log, at) = self.cut.as_ref()?;
        Some(
            self.of_store(&format!(
                "{} is damaged, and can be read up to byte {at}",
                log.display()
            )),
        )
    }

    /// Waits until the engine has let go of the copy, and removes it.
    pub async fn let_go(self) {
        // What it still does there goes with the folder in any case.
        let _ = is_let_go(&self.copy, LET_GO_TIMEOUT).await;
    }

    /// Copies it. None as an error: somebody has it open.
    fn copied(of: PathBuf, copy: PathBuf) -> Result<Self, Option<String>> {
        let held = held(&of)?;
        let words = |file: &Path| {
            let file = file.display().to_string();
            move |error: io::Error| Some(format!("{file} cannot be read: {error}"))
        };
        std::fs::DirBuilder::new().mode(0o700).create(&copy).map_err(words(&copy))?;
        let mut copied = Self { copy, of, cut: None };
        for entry in std::fs::read_dir(&copied.of).map_err(words(&copied.of))? {
            let entry = entry.map_err(words(&copied.of))?;
            let (name, from) = (entry.file_name(), entry.path());
            if !from.is_file() || LEFT_OUT.iter().any(|left_out| name == OsStr::new(left_out)) {
                continue;
            }
            put(&from, &copied.copy.join(&name)).map_err(words(&from))?;
        }
        drop(held);
        copied.cut = damage::cut_off(&copied.copy).map_err(words(&copied.of))?;
        Ok(copied)
    }
}

/// Keeps everybody from opening it. None as an error: somebody has it open already.
fn held(folder: &Path) -> Result<Option<File>, Option<String>> {
    // One that is not there nobody holds, and of one that may not be read what follows says so.
    let Ok(lock) = File::open(folder.join("LOCK")) else { return Ok(None) };
    match fcntl_lock(&lock, FlockOperation::NonBlockingLockShared) {
        Err(Errno::AGAIN | Errno::ACCESS) => Err(None),
        _ => Ok(Some(lock)),
    }
}

/// A link where nobody writes to it and both are on one disk; else a copy.
fn put(from: &Path, to: &Path) -> io::Result<()> {
    let is_written_once =
        WRITTEN_ONCE.iter().any(|kind| from.extension() == Some(OsStr::new(kind)));
    if is_written_once && std::fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    std::fs::copy(from, to)?;
    std::fs::set_permissions(to, Permissions::from_mode(0o600))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn tables_are_linked_the_rest_is_copied_and_nothing_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let (of, copy) = (folder.path().join("data.old"), folder.path().join("since"));
        std::fs::create_dir(&of).expect("a folder");
        for name in ["CURRENT", "000007.sst", "LOCK", "latchkey.reserve"] {
            std::fs::write(of.join(name), name).expect("written");
        }
        // Two records of RocksDB's, of nothing, and the second is not as it was written.
        let record = [0x05, 0x2b, 0x28, 0x43, 0, 0, 1];
        let mut log = [record, record].concat();
        log[9] ^= 1;
        std::fs::write(of.join("000009.log"), &log).expect("written");
        let copied = MovedAway::copied(of.clone(), copy.clone()).expect("copied");
        let inode = |file: PathBuf| file.metadata().map(|file| file.ino()).ok();
        assert_eq!(inode(copy.join("000007.sst")), inode(of.join("000007.sst")));
        assert_ne!(inode(copy.join("CURRENT")), inode(of.join("CURRENT")));
        assert!(!copy.join("LOCK").exists() && !copy.join("latchkey.reserve").exists());
        // The copy's ends before it, and the store's own is as it was.
        let unread = copied.unread().expect("damaged");
        assert!(unread.ends_with("data.old/000009.log is damaged, and can be read up to byte 7"));
        assert_eq!(std::fs::read(of.join("000009.log")).expect("read"), log);
        drop(copied);
        assert!(!copy.exists() && of.join("000007.sst").exists());
    }
}
