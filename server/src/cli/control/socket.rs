//! The socket that a server listens on for commands: where it is made, and what is in its place
//! before. Tests: here, and `server/tests/server/command_line/control/door.rs`.

use std::io;
use std::path::Path;

use rustix_process::fs::{Mode, fchmod};
use tokio::net::{UnixListener, UnixSocket};

use super::shown;
use crate::config::sections::MAX_SOCKET_PATH;
use crate::listening::{InTheWay, OwnFile, make_way};

/// How many wait until they are taken in.
const BACKLOG: u32 = 128;

/// A socket that listens. It goes with this, unless another one is in its place by then.
#[derive(Debug)]
pub(super) struct Socket {
    /// It is here for its end alone, before the listener's.
    _file: OwnFile,
    pub(super) listener: UnixListener,
}

impl Socket {
    /// Makes it, its owner's alone from the first moment, and listens. What a server that is gone
    /// has left is taken away; whatever else is there stays, and a link is not followed.
    ///
    /// # Errors
    /// A sentence: what is in the way, and what to do.
    pub(super) async fn make(path: &Path) -> Result<Self, String> {
        let place = shown(path);
        let length = path.as_os_str().len();
        if length > MAX_SOCKET_PATH {
            return Err(format!(
                "{place}, the socket for commands, has {length} bytes, and a socket's path may \
                 have {MAX_SOCKET_PATH}: name a shorter one by server.control, such as \
                 /run/latchkey/control.sock."
            ));
        }
        make_room(path, &place).await?;
        bound(path).map_err(|error| {
            format!(
                "{place}, the socket for commands, cannot be made: {error}. Name another place by \
                 server.control, in a folder that the server may write to."
            )
        })
    }
}

fn bound(path: &Path) -> io::Result<Socket> {
    let socket = UnixSocket::new_stream()?;
    // The file is made with the mode that the socket has.
    fchmod(&socket, Mode::RUSR | Mode::WUSR)?;
    // It follows no link: what has the name already is in the way.
    socket.bind(path)?;
    let file = OwnFile::of(path)?;
    Ok(Socket { _file: file, listener: socket.listen(BACKLOG)? })
}

/// Takes away what a server that is gone has left.
async fn make_room(path: &Path, place: &str) -> Result<(), String> {
    match make_way(path).await {
        // Of what cannot be seen, making the socket says so.
        Ok(()) | Err(InTheWay::Unseen(_)) => Ok(()),
        Err(InTheWay::NoSocket) => Err(format!(
            "{place} is in the way of the socket for commands: it is no socket. Move it away, or \
             name another place by server.control."
        )),
        Err(InTheWay::Stays(error)) => Err(format!(
            "{place}, the socket of a server that is gone, cannot be removed: {error}. Remove it, \
             or name another place by server.control."
        )),
        Err(InTheWay::InUse) => Err(format!(
            "Another program listens at {place}. Give each server a place of its own by \
             server.control, or stop the other one."
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    async fn in_the_way(path: &Path) -> String {
        Socket::make(path).await.map(|_| ()).expect_err("in the way")
    }

    #[tokio::test]
    async fn it_is_its_owner_s_alone_and_goes_with_its_server() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("latchkey.sock");
        let socket = Socket::make(&path).await.expect("made");
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let live = in_the_way(&path).await;
        assert!(live.starts_with("Another program listens at "), "{live}");
        drop(socket);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn what_a_killed_server_left_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("latchkey.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).expect("bound"));
        assert!(path.exists());
        let _socket = Socket::make(&path).await.expect("made");
    }

    #[tokio::test]
    async fn no_link_is_followed_and_nothing_else_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("file"), "kept").expect("written");
        drop(std::os::unix::net::UnixListener::bind(path("stale")).expect("bound"));
        for target in ["file", "stale", "nowhere"] {
            let link = path(&format!("to-{target}"));
            symlink(path(target), &link).expect("linked");
            let why = in_the_way(&link).await;
            assert!(why.contains("it is no socket"), "{target}: {why}");
            assert!(std::fs::read_link(&link).is_ok(), "{target}");
        }
        assert!(in_the_way(&path("file")).await.contains("it is no socket"));
        assert_eq!(std::fs::read(path("file")).expect("read"), b"kept");
        assert!(path("stale").exists() && !path("nowhere").exists());
    }

    #[tokio::test]
    async fn what_took_its_place_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("latchkey.sock");
        let socket = Socket::make(&path).await.expect("made");
        std::fs::rename(&path, folder.path().join("old")).expect("moved");
        std::fs::write(&path, "another's").expect("written");
        drop(socket);
        assert_eq!(std::fs::read(&path).expect("read"), b"another's");
    }

    #[tokio::test]
    async fn a_path_that_is_too_long_says_what_to_do() {
        let path = Path::new("/tmp").join("x".repeat(120));
        let why = in_the_way(&path).await;
        assert!(why.contains("may have 107") && why.contains("server.control"), "{why}");
        let none = in_the_way(Path::new("/not/there/latchkey.sock")).await;
        assert!(none.contains("cannot be made"), "{none}");
    }
}
