//! A socket in the file system: who may connect is said by its permissions before anybody can, one
//! that nobody listens on any more is replaced, and it goes when the server stops. Tests: here, and
//! `server/tests/server/listening/socket.rs`.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tokio::net::UnixListener;

use super::own_file::{InTheWay, OwnFile, make_way};

/// Listens there. The program's umask lets nobody else connect until the permissions are set.
pub(super) async fn bind(path: &Path, mode: u32) -> io::Result<(UnixListener, OwnFile)> {
    make_way(path).await.map_err(|in_the_way| match in_the_way {
        InTheWay::NoSocket => {
            io::Error::new(io::ErrorKind::AlreadyExists, "there is a file that is no socket")
        }
        InTheWay::InUse => io::ErrorKind::AddrInUse.into(),
        InTheWay::Stays(error) | InTheWay::Unseen(error) => error,
    })?;
    let listener = UnixListener::bind(path)?;
    let file = OwnFile::of(path)?;
    std::fs::set_permissions(path, Permissions::from_mode(mode))?;
    Ok((listener, file))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).expect("it is there").mode() & 0o777
    }

    #[tokio::test]
    async fn a_stale_socket_is_replaced_and_one_that_is_listened_on_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("http.sock");
        let (listener, file) = bind(&path, 0o660).await.expect("it is free");
        assert_eq!(mode(&path), 0o660);
        let in_use = bind(&path, 0o600).await.expect_err("somebody is there");
        assert_eq!(in_use.kind(), io::ErrorKind::AddrInUse);
        assert_eq!(mode(&path), 0o660, "it is left as it is");
        // As a program leaves it that is killed.
        drop(listener);
        std::mem::forget(file);
        assert!(path.exists());
        let (listener, file) = bind(&path, 0o600).await.expect("nobody is there");
        assert_eq!(mode(&path), 0o600);
        drop((listener, file));
        assert!(!path.exists(), "it goes at the end");
    }

    #[tokio::test]
    async fn what_is_no_socket_or_somebody_elses_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("http.sock");
        std::fs::write(&path, "kept").expect("written");
        let refused = bind(&path, 0o660).await.expect_err("it is a file");
        assert!(refused.to_string().contains("no socket"), "{refused}");
        assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "kept");
        std::fs::remove_file(&path).expect("removed");
        let (before, its_file) = bind(&path, 0o660).await.expect("it is free");
        drop(before);
        let (_listener, _file) = bind(&path, 0o660).await.expect("nobody is there");
        drop(its_file);
        assert!(path.exists(), "it is the next one's by now");
    }
}
