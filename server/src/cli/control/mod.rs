//! Commands beside a server that runs: they are done by it, since the store is one process's at a
//! time, and their terminal stays with whoever typed them. The server listens on a Unix socket of
//! its own ([`socket`], [`listening`]), of which nobody but its own user and root may use anything;
//! [`session`] is one command there, [`calling`] whoever typed it.
//!
//! The caller trusts the server with the command, and with no more: it opens no file but those that
//! its own command line names ([`files`]). Tests: `tests.rs`, and by the program itself
//! `server/tests/server/command_line/control/`.

mod calling;
mod files;
mod listening;
mod peer;
mod session;
mod socket;
#[cfg(test)]
mod tests;

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use super::terminal::protocol::StoreId;

pub(super) use calling::{not_reached, run_in_server, server_in_words};
pub(super) use files::Files;
pub(super) use listening::listen;

/// How long either side waits until the other has said who it is and what it wants.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);

/// Which store these settings are about.
fn store_id(settings: &desk::Settings) -> StoreId {
    let folder = settings.folder().and_then(|folder| std::fs::metadata(folder).ok());
    folder.map_or_else(
        || StoreId::Address(settings.store.clone()),
        |found| StoreId::Folder(found.dev(), found.ino()),
    )
}

/// The path as people read it.
fn shown(path: &Path) -> String {
    super::show::visible(&path.display().to_string())
}
