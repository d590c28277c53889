//! Opening the store.

use std::sync::Arc;
use std::time::Instant;

use surrealdb::Surreal;
use surrealdb::engine::any;
use surrealdb::opt::auth;
use tokio::sync::Mutex;

use crate::engine::secret::Secret;
use crate::engine::settings::{OlderStore, Settings};
use crate::store::chain::Chain;
use crate::store::connection::Connection;
use crate::store::damage;
use crate::store::database::Database;
use crate::store::demo;
use crate::store::error::StoreError;
use crate::store::handle::{CommitObserver, STORE_TIMEOUT, Store};
use crate::store::migrations::{self, SchemaError};
use crate::store::retry::{MAX_TRIES, jitter};
use crate::store::vars::vars;

/// SurrealDB's words for a transaction that met another one.
const CONFLICT: &str = "can be retried";

/// SurrealDB's namespace of everything that is Latchkey's.
const NAMESPACE: &str = "latchkey";

/// What is said of a desk that is root there.
pub(crate) const AS_ROOT: &str = "signed in to the SurrealDB server as root, who may do anything \
    there: define a user of Latchkey's database instead (docs/operations/store.md) and name that \
    one in store.user";

/// As whom Latchkey has signed in to a SurrealDB server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SignedIn {
    /// A user of Latchkey's database, who can do nothing beyond it.
    DatabaseUser,
    /// The server's root.
    Root,
}

/// Whether it signs in to a SurrealDB server as root: one desk's password is the whole server's.
/// False also where the server does not answer, or refuses.
pub(crate) async fn is_root(settings: &Settings) -> bool {
    let Some((user, password)) = &settings.store_login else { return false };
    if !settings.store.starts_with("ws") {
        return false;
    }
    let queries = async {
        let db = any::connect(settings.store.as_str()).await?;
        sign_in(&db, &settings.database, user, password).await
    };
    let answer = tokio::time::timeout(STORE_TIMEOUT, queries).await;
    answer.is_ok_and(|signed_in| signed_in.is_ok_and(|signed_in| signed_in == SignedIn::Root))
}

/// Signs in as a user of the database; as root only where there is no such user.
async fn sign_in<C: surrealdb::Connection>(
    db: &Surreal<C>,
    database: &str,
    user: &str,
    password: &Secret,
) -> surrealdb::Result<SignedIn> {
    let password = || password.expose().to_owned();
    let of_database = auth::Database {
        namespace: NAMESPACE.to_owned(),
        database: database.to_owned(),
        username: user.to_owned(),
        password: password(),
    };
    if db.signin(of_database).await.is_ok() {
        return Ok(SignedIn::DatabaseUser);
    }
    db.signin(auth::Root { username: user.to_owned(), password: password() }).await?;
    Ok(SignedIn::Root)
}

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
    /// An older Latchkey wrote it, and it is to stay as it is ([`Settings::older_store`]).
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

impl Store {
    /// Connects, signs in where a user is set, and applies the migrations. Nodes that start at the
    /// same time may meet at the schema: the one that comes second tries again.
    pub(crate) async fn open(
        settings: &Settings,
        observer: Arc<dyn CommitObserver>,
    ) -> Result<Self, OpenError> {
        let mut tries = 0;
        loop {
            match Self::open_once(settings, observer.clone()).await {
                Err(OpenError::Unreachable { why, .. } | OpenError::Migration { why, .. })
                    if why.contains(CONFLICT) && tries < MAX_TRIES =>
                {
                    jitter(tries).await;
                    tries += 1;
                }
                other => return other,
            }
        }
    }

    async fn open_once(
        settings: &Settings,
        observer: Arc<dyn CommitObserver>,
    ) -> Result<Self, OpenError> {
        let db = connect(settings).await?;
        let store = settings.store.as_str();
        let unreachable = |error: surrealdb::Error| OpenError::of(store, error.to_string());
        // Before anything is written: another kind's store stays as it is, at the schema that it
        // has.
        if settings.demo && !demo::claim(&db).await.map_err(unreachable)? {
            return Err(OpenError::NotDemo(store.to_owned()));
        }
        if !settings.demo && demo::is_demo(&db).await.map_err(unreachable)? {
            return Err(OpenError::Demo(store.to_owned()));
        }
        if settings.older_store != OlderStore::Upgrade
            && let Some((found, known)) = migrations::older(&db).await.map_err(unreachable)?
            && (found > 0 || settings.older_store == OlderStore::RefuseEmptyToo)
        {
            return Err(OpenError::Older { found, known });
        }
        migrations::apply(&db).await.map_err(|error| match error {
            SchemaError::Newer { found, known } => OpenError::Newer { found, known },
            SchemaError::Failed { why, .. } if damage::stated(&why).is_some() => {
                OpenError::of(store, why)
            }
            SchemaError::Failed { to, why } => OpenError::Migration { to, why },
        })?;
        // And again, now that it cannot become one any more: another node may have made a demo's of
        // it meanwhile.
        if !settings.demo && demo::is_demo(&db).await.map_err(unreachable)? {
            return Err(OpenError::Demo(store.to_owned()));
        }
        let shared = store.starts_with("ws");
        let opened = Self {
            connection: Arc::new(Connection::new(db)),
            observer,
            failing: Arc::default(),
            has_failed: Arc::default(),
            lost: Arc::default(),
            nearly_full: Arc::default(),
            chain: Arc::new(Mutex::new(Chain::default())),
            queue: Arc::default(),
            lookups: Arc::default(),
            counts: Arc::default(),
            audit_key: settings.audit_key.clone(),
            shared,
            clock: Arc::default(),
            let_go: Arc::default(),
            #[cfg(test)]
            queries: Arc::default(),
        };
        let failed = |error: StoreError| OpenError::of(store, error.to_string());
        let deadline = Instant::now() + STORE_TIMEOUT;
        let end = opened.chain_end(&settings.node, deadline).await.map_err(failed)?;
        opened.counts.ends(end.seq);
        *opened.chain.lock().await = end;
        opened.by_its_clock(deadline).await.map_err(failed)?;
        Ok(opened)
    }
}

/// Connects, signs in where a user is set, and chooses the database.
pub(super) async fn connect(settings: &Settings) -> Result<Database, OpenError> {
    let store = settings.store.as_str();
    let known =
        ["mem://", "rocksdb://", "ws://", "wss://"].iter().any(|scheme| store.starts_with(scheme));
    if store.starts_with("surrealkv") {
        return Err(OpenError::SurrealKv);
    }
    if !known || store == "rocksdb://" {
        return Err(OpenError::NotAStore(store.to_owned()));
    }
    if let Some(what) = damage::looked_for(store).await {
        return Err(OpenError::Damaged(store.to_owned(), what));
    }
    let unreachable = |error: surrealdb::Error| OpenError::of(store, error.to_string());
    let db = Database::connect(store, settings.store_memory).await.map_err(unreachable)?;
    let database = settings.database.as_str();
    if database.is_empty() || !database.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_') {
        return Err(OpenError::NotAStore(format!("{store} with database {database}")));
    }
    let may_define = match &settings.store_login {
        Some((user, password)) => {
            let signed_in = match &db {
                Database::InFolder(db) => sign_in(db, database, user, password).await,
                Database::Elsewhere(db) => sign_in(db, database, user, password).await,
            };
            signed_in.map_err(unreachable)? == SignedIn::Root
        }
        None => true,
    };
    if let (true, Some((user, _))) = (may_define, &settings.store_login) {
        tracing::warn!(user, "{AS_ROOT}");
    }
    if may_define {
        // Checked above: a name cannot be bound as a variable here.
        let define = format!(
            "DEFINE NAMESPACE IF NOT EXISTS {NAMESPACE}; USE NS {NAMESPACE}; DEFINE \
            DATABASE IF NOT EXISTS {database}"
        );
        db.query(&define, vars! {})
            .await
            .and_then(surrealdb::IndexedResults::check)
            .map_err(unreachable)?;
    }
    db.choose(NAMESPACE, database).await.map_err(unreachable)?;
    Ok(db)
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
        for why in [
            "IO error: While open a file for lock: data/LOCK: Is a directory",
            "IO error: No space left on device: /srv/LOCKERS/x",
        ] {
            assert!(
                matches!(of("rocksdb:///srv/LOCKERS/x", why), OpenError::Unreachable { .. }),
                "{why}"
            );
        }
    }
}
