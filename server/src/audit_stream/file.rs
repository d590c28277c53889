//! Rows to the end of a file, opened anew each time: whoever moves it away (logrotate) tells
//! nobody, and the next rows are in a new one. Tests: `tests.rs`.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// A new file is its owner's alone. One that is there already keeps its mode.
const MODE: u32 = 0o600;

/// Writes these lines, until they are on the disk.
///
/// # Errors
/// In the system's words. Some of them may be there, the last of them in part.
pub(super) async fn append(path: PathBuf, lines: String) -> io::Result<()> {
    let writing = tokio::task::spawn_blocking(move || append_now(&path, lines.as_bytes()));
    writing.await.map_err(io::Error::other)?
}

fn append_now(path: &Path, lines: &[u8]) -> io::Result<()> {
    // Opening a pipe would wait for whoever reads it.
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        return Err(io::Error::other("it is there and is no file"));
    }
    let is_new = !path.try_exists()?;
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(MODE).open(path)?;
    if is_cut(&file)? {
        file.write_all(b"\n")?;
    }
    file.write_all(lines)?;
    file.sync_data()?;
    if is_new {
        // Its name, too: else a power cut takes the file with all that is in it.
        File::open(path.parent().unwrap_or(path))?.sync_all()?;
    }
    Ok(())
}

/// Whether its last line has no end: it could not be written whole, and comes again.
fn is_cut(file: &File) -> io::Result<bool> {
    let length = file.metadata()?.len();
    let Some(last) = length.checked_sub(1) else { return Ok(false) };
    let mut byte = [0];
    file.read_exact_at(&mut byte, last)?;
    Ok(byte != *b"\n")
}
