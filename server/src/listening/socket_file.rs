//! A socket in the file system: who may connect is said by its permissions before anybody can, one
//! that nobody listens on any more is replaced, and it goes when the server stops. Tests: here, and
//! `server/tests/server/listening/socket.rs`.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

/// The file, which is removed with this if it is still the same.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    id: Id,
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // The next program may have put its own in its place.
        if id_of(&self.path).is_ok_and(|id| id == self.id) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Which file it is on which disk, and when it was made: numbers of files are given again.
type Id = (u64, u64, i64, i64);

fn id_of(path: &Path) -> io::Result<Id> {
    let found = std::fs::symlink_metadata(path)?;
    Ok((found.dev(), found.ino(), found.mtime(), found.mtime_nsec()))
}

impl SocketFile {
    /// Listens there. The program's umask lets nobody else connect until the permissions are set.
    pub(super) fn bind(path: &Path, mode: u32) -> io::Result<(UnixListener, Self)> {
        make_way(path)?;
        let listener = UnixListener::bind(path)?;
        let file = Self { path: path.to_owned(), id: id_of(path)? };
        std::fs::set_permissions(path, Permissions::from_mode(mode))?;
        Ok((listener, file))
    }
}

/// Removes a socket that nobody listens on.
fn make_way(path: &Path) -> io::Result<()> {
    let found = match std::fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !found.file_type().is_socket() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "there is a file that is no socket",
        ));
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            std::fs::remove_file(path)
        }
        // Somebody is there, or may be: of a socket that is not ours that cannot be told.
        _ => Err(io::ErrorKind::AddrInUse.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).expect("it is there").mode() & 0o777
    }

    #[tokio::test]
    async fn a_stale_socket_is_replaced_and_one_that_is_listened_on_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("http.sock");
        let (listener, file) = SocketFile::bind(&path, 0o660).expect("it is free");
        assert_eq!(mode(&path), 0o660);
        let in_use = SocketFile::bind(&path, 0o600).expect_err("somebody is there");
        assert_eq!(in_use.kind(), io::ErrorKind::AddrInUse);
        assert_eq!(mode(&path), 0o660, "it is left as it is");
        // As a program leaves it that is killed.
        drop(listener);
        std::mem::forget(file);
        assert!(path.exists());
        let (listener, file) = SocketFile::bind(&path, 0o600).expect("nobody is there");
        assert_eq!(mode(&path), 0o600);
        drop((listener, file));
        assert!(!path.exists(), "it goes at the end");
    }

    #[tokio::test]
    async fn what_is_no_socket_or_somebody_elses_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("http.sock");
        std::fs::write(&path, "kept").expect("written");
        let refused = SocketFile::bind(&path, 0o660).expect_err("it is a file");
        assert!(refused.to_string().contains("no socket"), "{refused}");
        assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "kept");
        std::fs::remove_file(&path).expect("removed");
        let (before, its_file) = SocketFile::bind(&path, 0o660).expect("it is free");
        drop(before);
        let (_listener, _file) = SocketFile::bind(&path, 0o660).expect("nobody is there");
        drop(its_file);
        assert!(path.exists(), "it is the next one's by now");
    }
}
