//! The terminal, and the files, of this process. Tests: below.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix_process::io::Errno;
use rustix_process::termios::tcgetwinsize;

use super::protocol::Facts;

/// What this process's terminal is like.
pub(in crate::cli) fn facts() -> Facts {
    let size = tcgetwinsize(io::stderr()).ok();
    Facts {
        output_is_terminal: io::stdout().is_terminal(),
        errors_are_terminal: io::stderr().is_terminal(),
        width: size.map(|size| size.ws_col).filter(|columns| *columns > 0),
    }
}

/// Writes to standard output.
pub(in crate::cli) fn write(bytes: &[u8]) -> io::Result<()> {
    io::stdout().lock().write_all(bytes)
}

/// Lets go of what standard output keeps back.
pub(in crate::cli) fn flush() -> io::Result<()> {
    io::stdout().flush()
}

/// Writes to standard error.
pub(in crate::cli) fn write_error(bytes: &[u8]) -> io::Result<()> {
    io::stderr().lock().write_all(bytes)
}

/// Asks for a secret at the keyboard, unseen.
pub(in crate::cli) fn ask(prompt: &str) -> io::Result<String> {
    rpassword::prompt_password(format!("{prompt}: "))
}

/// Opens a file to be read. A folder is none.
pub(in crate::cli) fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata().is_ok_and(|found| found.is_dir()) {
        return Err(Errno::ISDIR.into());
    }
    Ok(file)
}

/// A file that is being written: by another name beside its place, and its owner's alone. It is in
/// its place once it is whole and on the disk; else it goes.
#[derive(Debug)]
pub(in crate::cli) struct NewFile {
    file: File,
    so_far: PathBuf,
    path: PathBuf,
    may_replace: bool,
    is_whole: bool,
}

impl NewFile {
    /// Begins it. What has the name already stays, unless it may be replaced.
    pub(in crate::cli) fn create(path: &Path, may_replace: bool) -> io::Result<Self> {
        is_free(path, may_replace)?;
        let name = path.file_name().ok_or(Errno::ISDIR)?;
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.part", std::process::id()));
        let so_far = path.with_file_name(hidden);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&so_far)?;
        Ok(Self { file, so_far, path: path.to_owned(), may_replace, is_whole: false })
    }

    /// Puts it in its place.
    pub(in crate::cli) fn finish(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        is_free(&self.path, self.may_replace)?;
        fs::rename(&self.so_far, &self.path)?;
        self.is_whole = true;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl io::Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.is_whole {
            // Whoever removed it before wanted the same.
            let _ = fs::remove_file(&self.so_far);
        }
    }
}

fn is_free(path: &Path, may_replace: bool) -> io::Result<()> {
    if !may_replace && fs::symlink_metadata(path).is_ok() {
        return Err(Errno::EXIST.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn names(folder: &Path) -> Vec<OsString> {
        fs::read_dir(folder)
            .expect("a folder")
            .map(|file| file.expect("a file").file_name())
            .collect()
    }

    #[test]
    fn a_file_is_in_its_place_once_it_is_whole_and_its_owner_s_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("copy");
        let mut file = NewFile::create(&path, false).expect("made");
        file.write_all(b"whole").expect("written");
        assert!(!path.exists());
        file.finish().expect("finished");
        assert_eq!(fs::read(&path).expect("read"), b"whole");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(names(folder.path()), ["copy"]);
    }

    #[test]
    fn one_that_is_given_up_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut file = NewFile::create(&folder.path().join("copy"), false).expect("made");
        file.write_all(b"hal").expect("written");
        drop(file);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn what_is_there_stays_unless_it_may_be_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("copy");
        // One that comes while the other is written, too.
        let slow = NewFile::create(&path, false).expect("made");
        fs::write(&path, "old").expect("written");
        let exists = |ended: io::Result<()>| {
            assert_eq!(ended.expect_err("there").kind(), io::ErrorKind::AlreadyExists);
        };
        exists(slow.finish());
        exists(NewFile::create(&path, false).map(drop));
        assert_eq!(fs::read(&path).expect("read"), b"old");
        let mut file = NewFile::create(&path, true).expect("made");
        file.write_all(b"new").expect("written");
        file.finish().expect("finished");
        assert_eq!(fs::read(&path).expect("read"), b"new");
        assert_eq!(names(folder.path()), ["copy"]);
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = open(folder.path()).expect_err("a folder");
        assert_eq!(error.kind(), io::ErrorKind::IsADirectory);
        assert!(open(&folder.path().join("none")).is_err());
    }
}
