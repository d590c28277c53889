//! Opening the store.

use std::sync::Arc;
use std::time::Instant;

use surrealdb::engine::any;
use tokio::sync::Mutex;

use crate::engine::secret::Secret;
use crate::engine::settings::Settings;
use crate::store::chain::Chain;
use crate::store::demo;
use crate::store::error::StoreError;
use crate::store::handle::{CommitObserver, STORE_TIMEOUT, Store};
use crate::store::migrations::{self, SchemaError};
use crate::store::retry::{MAX_TRIES, jitter};

/// How many statements may wait for a connection. Without a bound all that is asked during an outage would be kept, and sent
/// at its end, long after whoever asked has gone.
const WAITING: usize = 1024;

/// SurrealDB's words for a transaction that met another one.
const CONFLICT: &str = "can be retried";

/// Why the desk cannot be opened, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The setting is no store.
    #[error("`store = \"{0}\"` is not a store. Use rocksdb://FOLDER, ws://HOST:PORT, wss://HOST:PORT or mem:// (for tests: forgets all)")]
    NotAStore(String),
    /// SurrealKV loses acknowledged transactions (docs/architecture.md, “Why RocksDB”).
    #[error("surrealkv:// is not supported: it has lost acknowledged transactions in trials. Use rocksdb://FOLDER")]
    SurrealKv,
    /// Another process holds the folder.
    #[error("the store {0} is in use by another latchkey process. Stop that one first, or make the change on its pages")]
    InUse(String),
    /// There is nothing in the folder.
    #[error(
        "there is no store at {0}. Is the name right, and the working folder? A new one is made by `latchkey serve`, `user import`, `client add` and `directory sync`"
    )]
    NotThere(String),
    /// It is a demo's, and the desk is for real people.
    #[error(
        "the store {0} is a demo's: everybody knows its accounts' passwords. For real people set another `store`, or \
         delete this one, and bring them in with `latchkey user import`. To go on with the demo, add --demo"
    )]
    Demo(String),
    /// The desk is a demo, and the store is none's.
    #[error(
        "the store {0} is not a demo's, and with --demo no other is opened. Leave --demo out, or give the demo a store \
         of its own: --store rocksdb://demo-data"
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
    /// A newer Latchkey wrote it.
    #[error(
        "the store was written by a newer Latchkey (its schema is {found}, this program knows {known}). Start the newer program, or restore a backup"
    )]
    Newer {
        /// The store's schema.
        found: i64,
        /// The newest this program knows.
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

impl Store {
    /// Connects, signs in where a user is set, and applies the migrations. Nodes that start at the same time may meet at
    /// the schema: the one that comes second tries again.
    pub(crate) async fn open(settings: &Settings, observer: Arc<dyn CommitObserver>) -> Result<Self, OpenError> {
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

    async fn open_once(settings: &Settings, observer: Arc<dyn CommitObserver>) -> Result<Self, OpenError> {
        let store = settings.store.as_str();
        let known = ["mem://", "rocksdb://", "ws://", "wss://"].iter().any(|scheme| store.starts_with(scheme));
        if store.starts_with("surrealkv") {
            return Err(OpenError::SurrealKv);
        }
        if !known || store == "rocksdb://" {
            return Err(OpenError::NotAStore(store.to_owned()));
        }
        let unreachable = |error: surrealdb::Error| {
            let why = error.to_string();
            // RocksDB's own words for its LOCK file.
            if why.contains("LOCK") || why.contains("lock hold") {
                OpenError::InUse(store.to_owned())
            } else {
                OpenError::Unreachable { store: store.to_owned(), why }
            }
        };
        let db = any::connect(store).with_capacity(WAITING).await.map_err(unreachable)?;
        if let Some((user, password)) = &settings.store_login {
            let login = surrealdb::opt::auth::Root { username: user.clone(), password: Secret::expose(password).to_owned() };
            db.signin(login).await.map_err(unreachable)?;
        }
        let database = settings.database.as_str();
        if database.is_empty() || !database.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_') {
            return Err(OpenError::NotAStore(format!("{store} with database {database}")));
        }
        // Checked above: a name cannot be bound as a variable here.
        db.query(format!("DEFINE NAMESPACE IF NOT EXISTS latchkey; USE NS latchkey; DEFINE DATABASE IF NOT EXISTS {database}"))
            .await
            .and_then(surrealdb::IndexedResults::check)
            .map_err(unreachable)?;
        db.use_ns("latchkey").use_db(database).await.map_err(unreachable)?;
        // Before anything is written: another kind's store stays as it is, at the schema that it has.
        if settings.demo && !demo::claim(&db).await.map_err(unreachable)? {
            return Err(OpenError::NotDemo(store.to_owned()));
        }
        if !settings.demo && demo::is_demo(&db).await.map_err(unreachable)? {
            return Err(OpenError::Demo(store.to_owned()));
        }
        migrations::apply(&db).await.map_err(|error| match error {
            SchemaError::Newer { found, known } => OpenError::Newer { found, known },
            SchemaError::Failed { to, why } => OpenError::Migration { to, why },
        })?;
        // And again, now that it cannot become one any more: another node may have made a demo's of it meanwhile.
        if !settings.demo && demo::is_demo(&db).await.map_err(unreachable)? {
            return Err(OpenError::Demo(store.to_owned()));
        }
        let shared = store.starts_with("ws");
        let opened = Self {
            db,
            observer,
            failing: Arc::default(),
            chain: Arc::new(Mutex::new(Chain::default())),
            queue: Arc::default(),
            audit_key: settings.audit_key.clone(),
            shared,
            clock: Arc::default(),
            let_go: Arc::default(),
        };
        let failed = |error: StoreError| OpenError::Unreachable { store: store.to_owned(), why: error.to_string() };
        let deadline = Instant::now() + STORE_TIMEOUT;
        *opened.chain.lock().await = opened.chain_end(&settings.node, deadline).await.map_err(failed)?;
        opened.by_its_clock(deadline).await.map_err(failed)?;
        Ok(opened)
    }
}
