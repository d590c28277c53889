//! Opening the store.

use std::sync::Arc;
use std::time::{Duration, Instant};

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
use crate::store::disk::Disk;
use crate::store::error::StoreError;
use crate::store::handle::{CommitObserver, STORE_TIMEOUT, Store};
use crate::store::migrations::{self, SchemaError};
use crate::store::open_error::OpenError;
use crate::store::retry::{MAX_TRIES, jitter};
use crate::store::vars::vars;

/// How long the engine may take to let go of what it could not open.
const LET_GO_TIMEOUT: Duration = Duration::from_secs(10);

/// A pause before it is tried again.
const AGAIN_AFTER: Duration = Duration::from_millis(50);

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

impl Store {
    /// Connects, signs in where a user is set, and applies the migrations. Nodes that start at the
    /// same time may meet at the schema: the one that comes second tries again.
    pub(crate) async fn open(
        settings: &Settings,
        observer: Arc<dyn CommitObserver>,
    ) -> Result<Self, OpenError> {
        let mut tries = 0;
        // Until when the files are waited for that a first try has to let go of.
        let mut let_go_until: Option<Instant> = None;
        loop {
            match Self::open_once(settings, observer.clone()).await {
                // Once: with what was held back it opens, and the server holds room back again when
                // there is some.
                Err(OpenError::DiskFull { .. })
                    if let_go_until.is_none() && gives_up_reserve(settings) =>
                {
                    let_go_until = Some(Instant::now() + LET_GO_TIMEOUT);
                }
                Err(OpenError::InUse(_)) if let_go_until.is_some_and(|at| Instant::now() < at) => {
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
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
            SchemaError::Failed { to, why } => match OpenError::of(store, why.clone()) {
                cause @ (OpenError::Damaged(..) | OpenError::DiskFull { .. }) => cause,
                _ => OpenError::Migration { to, why },
            },
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

/// Gives up what is held back of a store's disk, which is full; false: there is nothing.
fn gives_up_reserve(settings: &Settings) -> bool {
    let Some(folder) = settings.folder() else { return false };
    let released = Disk::new(folder, settings.disk_reserve).release();
    match &released {
        Ok(true) => tracing::error!(
            "the disk of the store is full: what was held back there (latchkey.reserve) is given \
             up, so that the store opens and rights can be taken away. Make room now"
        ),
        Ok(false) => {}
        Err(error) => tracing::error!(
            %error, "the disk of the store is full, and what is held back cannot be given up",
        ),
    }
    released.unwrap_or(false)
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
