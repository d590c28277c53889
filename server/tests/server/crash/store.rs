//! The store of a server that was killed, looked at by the commands: on a copy, so that it is a
//! server that first opens what the kill has left.

use std::path::Path;
use std::process::Command;

use super::account;
use super::client::{Client, Work};
use super::journal::Row;
use super::tokens;
use crate::support::{Ended, Latchkey};

/// Where the copy is.
const COPY: &str = "copy";

/// More files than a store that was killed again and again has: what RocksDB compacts has four, its
/// own logs are ten, and each start begins a few.
const MAX_FILES: usize = 64;

/// Copies a folder to where there is none.
pub(super) fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-r").arg(from).arg(to).status();
    assert!(copied.unwrap().success());
}

/// Runs a command on this store.
pub(super) fn run(latchkey: &Latchkey, store: &str, args: &[&str]) -> Ended {
    let args = [args, &["--demo", "--store", store]].concat();
    let ended = latchkey
        .command(&args)
        .env("LATCHKEY_DISK_RESERVE_MIB", "0")
        .env("LATCHKEY_NODE", "look")
        .output()
        .unwrap();
    Ended {
        code: ended.status.code(),
        out: String::from_utf8(ended.stdout).unwrap(),
        err: String::from_utf8(ended.stderr).unwrap(),
    }
}

/// What a command says that must go well.
fn output(latchkey: &Latchkey, store: &str, args: &[&str]) -> String {
    let ended = run(latchkey, store, args);
    assert_eq!(ended.code, Some(0), "{args:?}: {}{}", ended.out, ended.err);
    ended.out
}

/// Looks at what a kill has left in the folder `data`; gives how many rows its audit has.
///
/// # Panics
/// It is not what was told.
pub(super) fn look(latchkey: &Latchkey, clients: &mut [Client]) -> usize {
    copy(&latchkey.path("data"), &latchkey.path(COPY));
    let rows = look_at(latchkey, &format!("rocksdb://{COPY}"), clients, true);
    std::fs::remove_dir_all(latchkey.path(COPY)).unwrap();
    rows
}

/// The same of any store that no server has open, or that many may; where it is not to be `whole`,
/// of its rows alone.
///
/// # Panics
/// As [`look`].
pub(super) fn look_at(
    latchkey: &Latchkey,
    store: &str,
    clients: &mut [Client],
    whole: bool,
) -> usize {
    if whole {
        output(latchkey, store, &["audit", "verify"]);
    }
    let rows = Row::all(&output(latchkey, store, &["audit", "export", "--json"]));
    for client in clients {
        let own = client.journal.look(&rows);
        if !whole {
            continue;
        }
        let whose = client.journal.actor;
        match &client.work {
            Work::Tokens(_) => {
                let list = output(latchkey, store, &["token", "list", whose, "--json"]);
                tokens::assert_as_audited(&list, &own);
            }
            Work::Account(account) => {
                let show = output(latchkey, store, &["user", "show", account.netid, "--json"]);
                account::assert_as_audited(&show, &own);
            }
            Work::Password(_) | Work::Sessions(_) => {}
        }
    }
    rows.len()
}

/// Kills leave no files behind that grow in number.
///
/// # Panics
/// They do.
pub(super) fn assert_tidy(latchkey: &Latchkey) {
    let files = std::fs::read_dir(latchkey.path("data")).unwrap();
    let names: Vec<String> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let is_temporary = |name: &&String| name.ends_with("tmp");
    assert_eq!(names.iter().filter(is_temporary).count(), 0, "{names:?}");
    assert!(names.len() <= MAX_FILES, "{} files: {names:?}", names.len());
}

/// The name of the log that RocksDB writes to.
pub(super) fn newest_log(folder: &Path) -> String {
    let files = std::fs::read_dir(folder).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| Path::new(name).extension() == Some("log".as_ref())).max().expect("a log")
}
