//! Why the desk cannot be opened, and what to do: what the engine's and the system's words mean.
//! Tests: here, and on a disk that is full `server/tests/server/command_line/full_disk.rs`.

use crate::store::damage;

/// What the system says where there is no room.
const NO_SPACE: &str = "No space left on device";

/// Why the desk cannot be opened, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The setting is no store.
    #[error(
        "“{0}” is not a store (store.url). Use rocksdb://FOLDER, ws://HOST:PORT, wss://HOST:PORT \
            or mem:// (for tests: forgets all)"
    )]
    NotAStore(String),
    /// SurrealKV loses acknowledged transactions (docs/development/decisions.md, 10).
    #[error(
        "surrealkv:// is not supported: it has lost acknowledged transactions in trials. Use \
            rocksdb://FOLDER"
    )]
    SurrealKv,
    /// Another process holds the folder.
    #[error(
        "the store {0} is in use by another latchkey process: a server that runs, or a command. \
            Stop the server first, or wait until the command has ended"
    )]
    InUse(String),
    /// Its files are somebody else's.
    #[error(
        "the store {store} cannot be opened: {path}: permission denied. It belongs to another \
         user: it may have been made by a command that was run as root. Give all of it to the user \
         whom latchkey runs as: chown -R USER {folder}"
    )]
    NotAllowed {
        /// The setting.
        store: String,
        /// What may not be read or written.
        path: String,
        /// Where the store is.
        folder: String,
    },
    /// The process may open too few files.
    #[error(
        "the store {0} cannot be opened: this process may open too few files. Raise the limit: \
         `ulimit -n 65536`, or LimitNOFILE=65536 in systemd’s unit"
    )]
    TooFewFiles(String),
    /// There is nothing in the folder.
    #[error(
        "there is no store at {0}. Is the name right, and the working folder? A new one is made by \
            `latchkey serve`, `user import`, `client add` and `directory sync`"
    )]
    NotThere(String),
    /// It is a demo's, and the desk is for real people.
    #[error(
        "the store {0} is a demo's: everybody knows its accounts' passwords. For real people set \
         another store.url, or delete this one, and bring them in with \
         `latchkey user import FILE`. To go on with the demo, add --demo"
    )]
    Demo(String),
    /// The desk is a demo, and the store is none's.
    #[error(
        "the store {0} is not a demo's, and with --demo no other is opened. Leave --demo out, or \
         give the demo a store of its own: --store rocksdb://demo-data"
    )]
    NotDemo(String),
    /// Connecting failed.
    #[error("the store {store} cannot be opened: {why}")]
    Unreachable {
        /// The setting.
        store: String,
        /// What the engine says.
        why: String,
    },
    /// A file of it is not as it was written, or its disk fails.
    #[error("the store {0} cannot be opened: {1}")]
    Damaged(String, String),
    /// There is no room on its disk, nor any that is held back.
    #[error(
        "the store {store} cannot be opened: its disk is full, and nothing is held back there any \
         more. Make some MiB of room on the disk of {folder}, by removing what is not the store’s, \
         or give it a larger one; no file in the folder itself may go"
    )]
    DiskFull {
        /// The setting.
        store: String,
        /// Where the store is.
        folder: String,
    },
    /// A newer Latchkey wrote it.
    #[error(
        "the store was written by a newer Latchkey (its schema is {found}, this program knows \
            {known}). Start the newer program, or restore a backup"
    )]
    Newer {
        /// The store's schema.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// An older Latchkey wrote it, and it is to stay as it is ([`crate::Settings::older_store`]).
    #[error(
        "the store has schema {found}, and this program’s is {known}. Starting this program \
         (`latchkey serve`) brings the store there, and no other command does: stop every node and \
         back it up first. Until then use the program that runs on it"
    )]
    Older {
        /// The store's schema; 0 where there is nothing in it.
        found: i64,
        /// What this program brings it to.
        known: i64,
    },
    /// A migration failed; the store is as it was before it.
    #[error("the store could not be brought to schema {to}: {why}")]
    Migration {
        /// The schema that was to be reached.
        to: i64,
        /// What the engine says.
        why: String,
    },
    /// A setting that argon2 does not take.
    #[error("the password hashing settings do not fit: {0}")]
    Hashing(String),
}

impl OpenError {
    /// What RocksDB's own words, and the system's, mean. Only a lock that somebody holds is one:
    /// other trouble with the same file has other words.
    pub(crate) fn of(store: &str, why: String) -> Self {
        const NOT_ALLOWED: &str = ": Permission denied";
        if let Some(what) = damage::stated(&why) {
            return Self::Damaged(store.to_owned(), what);
        }
        let is_held = why.contains("lock hold by current process")
            || why.contains("LOCK: Resource temporarily unavailable");
        if is_held {
            return Self::InUse(store.to_owned());
        }
        if let (true, Some(folder)) = (why.contains(NO_SPACE), store.strip_prefix("rocksdb://")) {
            return Self::DiskFull { store: store.to_owned(), folder: folder.to_owned() };
        }
        if why.contains("Too many open files") {
            return Self::TooFewFiles(store.to_owned());
        }
        if let (Some((before, _)), Some(folder)) =
            (why.split_once(NOT_ALLOWED), store.strip_prefix("rocksdb://"))
        {
            let path = before.find(folder).map_or(folder, |at| &before[at..]);
            return Self::NotAllowed {
                store: store.to_owned(),
                path: path.to_owned(),
                folder: folder.to_owned(),
            };
        }
        Self::Unreachable { store: store.to_owned(), why }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_store_that_somebody_holds_is_in_use() {
        let of = |store: &str, why: &str| {
            OpenError::of(store, format!("There was a problem with the datastore: {why}"))
        };
        for why in [
            "IO error: While lock file: data/LOCK: Resource temporarily unavailable",
            "IO error: lock hold by current process, acquire time 1795511101 acquiring thread 7: \
                data/LOCK: No locks available",
        ] {
            assert!(matches!(of("rocksdb://data", why), OpenError::InUse(_)), "{why}");
        }
        for (store, why, path) in [
            (
                "rocksdb://data",
                "IO error: While open a file for lock: data/LOCK: Permission denied",
                "data/LOCK",
            ),
            (
                "rocksdb:///srv/LOCKERS/data",
                "IO error: while open a file: /srv/LOCKERS/data/LOG: Permission denied",
                "/srv/LOCKERS/data/LOG",
            ),
        ] {
            let error = of(store, why).to_string();
            let folder = store.trim_start_matches("rocksdb://");
            assert!(error.contains(&format!("{path}: permission denied")), "{error}");
            assert!(error.contains(&format!("chown -R USER {folder}")), "{error}");
        }
        let few = of(
            "rocksdb://data",
            "IO error: While open a file for lock: data/LOCK: Too many open files",
        )
        .to_string();
        assert!(few.contains("ulimit -n"), "{few}");
        let other = "IO error: While open a file for lock: data/LOCK: Is a directory";
        assert!(matches!(of("rocksdb://data", other), OpenError::Unreachable { .. }));
        let full = "IO error: No space left on device: /srv/LOCKERS/x";
        let error = of("rocksdb:///srv/LOCKERS/x", full);
        assert!(matches!(error, OpenError::DiskFull { .. }), "{error}");
        assert!(error.to_string().contains("room on the disk of /srv/LOCKERS/x"), "{error}");
        assert!(matches!(of("ws://there", full), OpenError::Unreachable { .. }), "a server's own");
    }
}
