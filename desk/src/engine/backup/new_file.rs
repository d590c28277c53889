//! A file that is there whole, or not at all: written beside its place under another name, for its
//! owner alone, and put in place once it is on the disk. Tests: below.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Advice, CWD, FlockOperation, RenameFlags, fadvise, flock, renameat_with};
use rustix::io::Errno;

use crate::engine::secret::random_form_key;

/// How the name ends of a file that is not whole yet.
const PART: &str = ".part";

/// A file that is being written.
#[derive(Debug)]
pub struct NewFile {
    file: File,
    part: PathBuf,
    path: PathBuf,
    replaces: bool,
    is_kept: bool,
}

impl NewFile {
    /// Begins it. `replaces`: it takes the place of a file that is there.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`]; [`io::ErrorKind::InvalidInput`] where there is something
    /// else than a file, or the path names none; whatever the system says.
    pub fn create(path: &Path, replaces: bool) -> io::Result<Self> {
        let name = path.file_name().ok_or_else(|| not_a_file(path))?;
        match path.symlink_metadata() {
            Ok(found) if !found.is_file() => return Err(not_a_file(path)),
            Ok(_) if !replaces => return Err(is_there(path)),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        clear(folder_of(path), |whose| whose == name.as_bytes());
        let mut part = OsString::from(".");
        part.push(name);
        part.push(format!(".{}{PART}", random_form_key()));
        let part = path.with_file_name(part);
        // Its own alone, and a new one: nobody else's file, and no link, is written through.
        let file =
            OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&part)?;
        // Whoever finds it locked leaves it alone.
        let _ = flock(&file, FlockOperation::NonBlockingLockExclusive);
        Ok(Self { file, part, path: path.to_owned(), replaces, is_kept: false })
    }

    /// Where it is written to, from its beginning: what was written before is gone.
    ///
    /// # Errors
    /// What the system says.
    pub fn writer(&mut self) -> io::Result<File> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.try_clone()
    }

    /// What was written, from its beginning, as the disk has it.
    ///
    /// # Errors
    /// What the system says.
    pub fn reader(&self) -> io::Result<File> {
        self.file.sync_all()?;
        let file = File::open(&self.part)?;
        // Not from memory; where the file system cannot be asked for that, as it comes.
        let _ = fadvise(&file, 0, None, Advice::DontNeed);
        Ok(file)
    }

    /// Puts it in its place, once all of it is on the disk.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] where there is one by now; whatever the system says.
    pub fn keep(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        if self.replaces {
            std::fs::rename(&self.part, &self.path)?;
        } else {
            let renamed = renameat_with(CWD, &self.part, CWD, &self.path, RenameFlags::NOREPLACE);
            match renamed {
                Ok(()) => {}
                Err(Errno::EXIST) => return Err(is_there(&self.path)),
                // A file system that does not know it.
                Err(Errno::INVAL | Errno::NOSYS) if !self.path.exists() => {
                    std::fs::rename(&self.part, &self.path)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.is_kept = true;
        sync_folder(folder_of(&self.path))
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.is_kept {
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

/// Has the system write down what a folder holds.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Where a file is.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Removes what a program that was killed has left behind: of those files whose names are meant.
pub(crate) fn clear(folder: &Path, is_meant: impl Fn(&[u8]) -> bool) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if whose(entry.file_name().as_bytes()).is_some_and(&is_meant) {
            let is_left = File::open(entry.path())
                .is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok());
            if is_left {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

/// How the file is called that is written under this name; none: it is no such name.
fn whose(part: &[u8]) -> Option<&[u8]> {
    let name = part.strip_prefix(b".")?.strip_suffix(PART.as_bytes())?;
    let end = name.iter().rposition(|byte| *byte == b'.')?;
    name.get(..end)
}

fn not_a_file(path: &Path) -> io::Error {
    let what = format!("{} is no name of a file", path.display());
    io::Error::new(io::ErrorKind::InvalidInput, what)
}

fn is_there(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::AlreadyExists, format!("{} is there already", path.display()))
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).expect("a folder").flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_there_whole_and_its_owners_alone_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("one");
        let mut new = NewFile::create(&path, false).expect("begun");
        new.writer().expect("opened").write_all(b"a first try").expect("written");
        new.writer().expect("opened").write_all(b"whole").expect("written");
        assert!(!path.exists());
        let mut text = String::new();
        new.reader().expect("opened").read_to_string(&mut text).expect("read");
        assert_eq!(text, "whole");
        new.keep().expect("put in place");
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "whole");
        assert_eq!(path.metadata().expect("there").mode() & 0o777, 0o600);
        drop(NewFile::create(&folder.path().join("two"), false).expect("begun"));
        assert_eq!(names(folder.path()), ["one"]);
    }

    #[test]
    fn a_file_that_is_there_stays_unless_it_is_to_be_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("one");
        let late = NewFile::create(&path, false).expect("there is none yet");
        std::fs::write(&path, "before").expect("written");
        let refused = NewFile::create(&path, false).expect_err("there is one");
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        let refused = late.keep().expect_err("there is one by now");
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "before");
        let mut new = NewFile::create(&path, true).expect("begun");
        new.writer().expect("opened").write_all(b"after").expect("written");
        new.keep().expect("put in place");
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "after");
        assert_eq!(names(folder.path()), ["one"]);
    }

    #[test]
    fn what_is_no_file_is_never_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/null", &link).expect("a link");
        for path in [Path::new("/dev/null"), folder.path(), Path::new("/"), &link] {
            let refused = NewFile::create(path, true).expect_err("no file");
            assert_eq!(refused.kind(), io::ErrorKind::InvalidInput, "{}", path.display());
        }
    }

    #[test]
    fn what_a_killed_program_left_is_removed_and_what_another_writes_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(".one.left.part"), "").expect("written");
        let others = [".one.two.left.part", ".other.left.part"];
        for other in others {
            std::fs::write(folder.path().join(other), "").expect("written");
        }
        let path = folder.path().join("one");
        let first = NewFile::create(&path, false).expect("begun");
        let second = NewFile::create(&path, false).expect("begun");
        assert_eq!(names(folder.path()).len(), 4, "{:?}", names(folder.path()));
        second.keep().expect("put in place");
        drop(first);
        assert_eq!(names(folder.path()), [others[0], others[1], "one"]);
    }
}
