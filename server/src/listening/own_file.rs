//! The file of a socket that this program listens on: one that nobody listens on any more makes
//! way, and ours goes at the end, unless another is in its place by then. Tests: here, in
//! [`super::socket_file`] and in `cli/control/socket.rs`.

use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use tokio::net::UnixStream;

/// The file, which is removed with this if it is still the same.
#[derive(Debug)]
pub(crate) struct OwnFile {
    path: PathBuf,
    id: Id,
}

/// Which file it is on which disk, and when it was made: numbers of files are given again. Where it
/// is a link, the link's.
type Id = (u64, u64, i64, i64);

fn id_of(path: &Path) -> io::Result<Id> {
    let found = std::fs::symlink_metadata(path)?;
    Ok((found.dev(), found.ino(), found.mtime(), found.mtime_nsec()))
}

impl OwnFile {
    /// Of the socket that was just made there.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), id: id_of(path)? })
    }
}

impl Drop for OwnFile {
    fn drop(&mut self) {
        // The next program may have put its own in its place.
        if id_of(&self.path).is_ok_and(|id| id == self.id) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// What is where a socket is to be made, and stays.
#[derive(Debug)]
pub(crate) enum InTheWay {
    /// Something that is no socket, be it a link to one.
    NoSocket,
    /// A socket that somebody listens on, or may: of one that is not ours that cannot be told.
    InUse,
    /// One that nobody listens on and that cannot be removed.
    Stays(io::Error),
    /// It cannot be seen what it is.
    Unseen(io::Error),
}

/// Removes a socket that nobody listens on. Waits for nobody: a listener whose queue is full is
/// there.
///
/// # Errors
/// What is in the way.
pub(crate) async fn make_way(path: &Path) -> Result<(), InTheWay> {
    let found = match std::fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(InTheWay::Unseen(error)),
    };
    if !found.file_type().is_socket() {
        return Err(InTheWay::NoSocket);
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
            std::fs::remove_file(path).map_err(InTheWay::Stays)
        }
        _ => Err(InTheWay::InUse),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::UnixSocket;

    use super::*;

    #[tokio::test]
    async fn a_listener_whose_queue_is_full_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("http.sock");
        let socket = UnixSocket::new_stream().expect("a socket");
        socket.bind(&path).expect("it is free");
        let _listener = socket.listen(1).expect("listening");
        let mut waiting = Vec::new();
        while let Ok(stream) = UnixStream::connect(&path).await {
            waiting.push(stream);
            assert!(waiting.len() < 1000, "its queue is never full");
        }
        let made = tokio::time::timeout(Duration::from_mins(1), make_way(&path)).await;
        assert!(matches!(made.expect("it waits for nobody"), Err(InTheWay::InUse)));
        assert!(path.exists());
    }

    /// As where the system gives the number of a file to the next one.
    #[test]
    fn a_later_file_of_the_same_number_is_another() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("http.sock");
        let file = std::fs::File::create(&path).expect("made");
        let own = OwnFile::of(&path).expect("it is there");
        let later = std::time::SystemTime::now() + Duration::from_mins(1);
        file.set_modified(later).expect("set");
        drop(own);
        assert!(path.exists());
        drop(OwnFile::of(&path).expect("it is there"));
        assert!(!path.exists());
    }
}
