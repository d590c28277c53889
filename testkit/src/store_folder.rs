//! Where a test's store lies.

use std::fs::{File, read_dir};
use std::path::Path;

use tempfile::TempDir;

/// A folder that takes no room on the disk once it is let go.
///
/// A test ends with its runtime, and the store's engine with neither: what it holds open the
/// system keeps until the last test's end, though it has no name any more. That is its log with
/// what RocksDB sets aside for it (128 MiB and a tenth, where there are 16 GiB of memory), for each
/// of hundreds of tests. So the files are emptied before they are removed.
#[derive(Debug)]
pub struct StoreFolder(TempDir);

impl StoreFolder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl From<TempDir> for StoreFolder {
    fn from(folder: TempDir) -> Self {
        Self(folder)
    }
}

impl Drop for StoreFolder {
    fn drop(&mut self) {
        empty(self.path());
    }
}

/// Makes every file in it empty. What cannot be is removed with the rest.
fn empty(folder: &Path) {
    for entry in read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => empty(&path),
            Ok(kind) if kind.is_file() => {
                let _ = File::options().write(true).open(path).and_then(|file| file.set_len(0));
            }
            _ => {}
        }
    }
}
