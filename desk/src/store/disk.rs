//! The disk below a store in a folder: how much room is left, and what is held back of it. Tests:
//! here, and `server/tests/server/command_line/full_disk.rs`.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rand::RngCore as _;

/// The file that holds room back, in the store's folder, so that it is on the same disk. RocksDB
/// leaves alone what is not its own.
const RESERVE: &str = "latchkey.reserve";

/// Of a small disk, one in so many bytes is held back, and so many at the least.
const PART: u64 = 8;
const LEAST: u64 = 4 << 20;

/// What RocksDB needs to open, beside room for what its log has: a new log, a manifest, a file of
/// options.
const TO_OPEN: u64 = 2 << 20;

/// The disk below a store.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    folder: PathBuf,
    /// How much is to be held back.
    reserve: u64,
}

impl Disk {
    /// Holds back so many bytes; fewer where the disk is small, none where none are wanted.
    pub(crate) fn new(folder: PathBuf, wanted: u64) -> Self {
        let all = rustix::fs::statvfs(&folder)
            .map_or(u64::MAX, |disk| disk.f_blocks.saturating_mul(disk.f_frsize));
        Self { folder, reserve: wanted.min((all / PART).max(LEAST)) }
    }

    /// How many bytes are free for this process, what is held back not among them.
    pub(crate) fn free(&self) -> io::Result<u64> {
        let disk = rustix::fs::statvfs(&self.folder)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// How many bytes the whole file system has.
    pub(crate) fn size(&self) -> io::Result<u64> {
        let disk = rustix::fs::statvfs(&self.folder)?;
        Ok(disk.f_blocks.saturating_mul(disk.f_frsize))
    }

    /// How many bytes the store's files have, what is held back among them.
    pub(crate) fn used(&self) -> u64 {
        let files = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        files.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum()
    }

    /// Whether there is so little left that only what takes rights away is to be written: less than
    /// half of what is held back, or that was let go. Where nothing is to be held back, never.
    pub(crate) fn is_nearly_full(&self) -> bool {
        let has_room = || self.free().is_ok_and(|free| free >= self.reserve / 2);
        self.reserve > 0 && !(self.is_held() && has_room())
    }

    /// Whether the reserve is there.
    pub(crate) fn is_held(&self) -> bool {
        self.reserve > 0
            && std::fs::metadata(self.file()).is_ok_and(|file| file.len() >= self.reserve)
    }

    /// Holds the reserve back, if there is room for it and as much again.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn hold(&self) -> io::Result<bool> {
        if self.reserve == 0 || self.is_held() {
            return Ok(self.is_held());
        }
        if self.free()? < self.reserve.saturating_mul(2) {
            return Ok(false);
        }
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(self.file())?;
        let held = fill(&file, self.reserve).and_then(|()| file.sync_all());
        if held.is_err() {
            let _ = self.release();
        }
        held.map(|()| true)
    }

    /// Lets go of the reserve; answers whether there was one.
    pub(crate) fn release(&self) -> io::Result<bool> {
        match std::fs::remove_file(self.file()) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether there is room enough to open the store again: what is in RocksDB's log is written to
    /// a file of its own then.
    pub(crate) fn has_room_to_open(&self) -> bool {
        self.free().is_ok_and(|free| free >= self.log_size() + TO_OPEN)
    }

    fn log_size(&self) -> u64 {
        let files = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let is_log = |path: &Path| path.extension().is_some_and(|extension| extension == "log");
        files
            .filter(|file| is_log(&file.path()))
            .filter_map(|file| file.metadata().ok())
            .map(|file| file.len())
            .sum()
    }

    fn file(&self) -> PathBuf {
        self.folder.join(RESERVE)
    }
}

/// Takes so many bytes of the disk. Where the file system cannot be asked for them, they are
/// written: at random, since some compress.
fn fill(mut file: &File, many: u64) -> io::Result<()> {
    match rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, many) {
        Ok(()) => return Ok(()),
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => {}
        Err(error) => return Err(error.into()),
    }
    let mut block = vec![0; 1 << 20];
    let mut left = many;
    while left > 0 {
        rand::rng().fill_bytes(&mut block);
        let part = usize::try_from(left).unwrap_or(block.len()).min(block.len());
        file.write_all(&block[..part])?;
        left -= part as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_back_is_let_go_and_held_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let disk = Disk::new(folder.path().to_owned(), 8 << 20);
        assert!(disk.is_nearly_full() && !disk.is_held());
        assert!(disk.hold().expect("there is room"));
        assert!(disk.is_held() && !disk.is_nearly_full());
        assert_eq!(std::fs::metadata(disk.file()).map(|file| file.len()).ok(), Some(8 << 20));
        assert_eq!(disk.used(), 8 << 20);
        assert!(disk.size().expect("a size") >= disk.free().expect("a size"));
        assert_eq!((disk.release().ok(), disk.release().ok()), (Some(true), Some(false)));
        assert!(disk.is_nearly_full() && disk.has_room_to_open());
        assert!(disk.hold().expect("there is room"));
    }

    #[test]
    fn where_nothing_is_to_be_held_back_nothing_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let disk = Disk::new(folder.path().to_owned(), 0);
        assert!(!disk.hold().expect("nothing to do") && !disk.is_nearly_full());
        assert!(!disk.file().exists());
    }
}
