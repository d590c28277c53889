//! SurrealDB itself: on RocksDB in a folder, with memory that is measured out to it, or wherever
//! else an address leads. Left to itself the engine would take half of the machine's memory for
//! what it has read, and its variables in the environment are not read where it is embedded: so the
//! store in a folder is made by hand, as SurrealDB's own client makes it. Tests: here, and whatever
//! opens a store.

use std::sync::Arc;
use std::time::Duration;

use surrealdb::engine::any::{self, Any};
use surrealdb::engine::local::Db;
use surrealdb::opt::Config;
use surrealdb::types::Variables;
use surrealdb::{IndexedResults, Surreal};
use surrealdb_cnf::{ConfigMap, NOTIFICATIONS_CHANNEL_SIZE};
use surrealdb_engine_local::{Datastore, EngineOptions};

use crate::store::compaction;

/// How many statements may wait for a connection to a server. Without a bound all that is asked
/// during an outage would be kept, and sent at its end, long after whoever asked has gone.
const WAITING: usize = 1024;

/// How many tables in memory RocksDB writes to its disk from, one after the other: with fewer a
/// large change waits for the disk.
const WRITE_BUFFERS: usize = 4;

/// Of the memory that RocksDB is given, one in so many bytes is for what waits to be written; the
/// rest for what was read.
const WRITE_PART: usize = 4;

/// Less for one of them, and what waits is written in files too small.
const LEAST_WRITE_BUFFER: usize = 4 << 20;

/// How long an engine in this process waits before it first collects what is old of changefeeds,
/// where zero would be taken for its own half a minute: no process is there for a century. There
/// are none of them here, and the collection is all that asks for the engine's own time, which
/// never goes back: after the machine's clock was set back it turns on the spot until that has
/// caught up, for an hour if need be, and a thread of the server with it.
const NEVER: Duration = Duration::from_hours(100 * 365 * 24);

/// What RocksDB reads and unpacks at once, in bytes. A look-up wants one row of some hundred:
/// nearly all of the 64 KiB that SurrealDB takes would be unpacked in vain.
const BLOCK: usize = 8 << 10;

/// Files that RocksDB keeps open: each keeps some of its index in memory besides.
const OPEN_FILES: usize = 512;

/// After how many seconds a file of the store is written anew although nothing in it has changed:
/// RocksDB's own thirty days, where SurrealDB says an hour. A store of a million people is three
/// gigabytes, and writing them keeps two processors busy for a minute: hourly, and at each start.
const WRITTEN_ANEW: u64 = 30 * 24 * 60 * 60;

/// Threads in which RocksDB works by itself, each with some megabytes for what it reads ahead.
const MAX_JOBS: usize = 4;

/// A connection.
#[derive(Clone, Debug)]
pub(super) enum Database {
    /// RocksDB in a folder, in this process.
    InFolder(Surreal<Db>),
    /// In memory, or a server's.
    Elsewhere(Surreal<Any>),
}

impl From<Surreal<Any>> for Database {
    fn from(db: Surreal<Any>) -> Self {
        Self::Elsewhere(db)
    }
}

impl Database {
    /// Connects to an address; in a folder with `memory` bytes for what was read and what waits to
    /// be written.
    ///
    /// # Errors
    /// In the engine's words.
    pub(super) async fn connect(address: &str, memory: usize) -> surrealdb::Result<Self> {
        if let Some(folder) = address.strip_prefix("rocksdb://") {
            return Box::pin(in_folder(&at_home(folder), memory)).await.map(Self::InFolder);
        }
        let never = Config::new().changefeed_gc_interval(NEVER);
        any::connect((address, never)).with_capacity(WAITING).await.map(Self::Elsewhere)
    }

    /// Asks.
    ///
    /// # Errors
    /// In the engine's words, where it was not asked at all: each statement has an error of its
    /// own.
    pub(super) async fn query(
        &self,
        sql: &str,
        vars: Variables,
    ) -> surrealdb::Result<IndexedResults> {
        match self {
            Self::InFolder(db) => db.query(sql).bind(vars).await,
            Self::Elsewhere(db) => db.query(sql).bind(vars).await,
        }
    }

    /// Chooses a database.
    ///
    /// # Errors
    /// In the engine's words.
    pub(super) async fn choose(&self, namespace: &str, database: &str) -> surrealdb::Result<()> {
        match self {
            Self::InFolder(db) => db.use_ns(namespace).use_db(database).await.map(drop),
            Self::Elsewhere(db) => db.use_ns(namespace).use_db(database).await.map(drop),
        }
    }
}

/// What RocksDB is told of the memory that it has.
fn measured_out(memory: usize) -> ConfigMap {
    let write_buffer = (memory / WRITE_PART / WRITE_BUFFERS).max(LEAST_WRITE_BUFFER);
    let read = memory.saturating_sub(write_buffer * WRITE_BUFFERS).max(memory / 2);
    ConfigMap::empty()
        .with_key_value("rocksdb_block_cache_size", read.to_string())
        .with_key_value("rocksdb_block_size", BLOCK.to_string())
        .with_key_value("rocksdb_write_buffer_size", write_buffer.to_string())
        .with_key_value("rocksdb_max_write_buffer_number", WRITE_BUFFERS.to_string())
        .with_key_value("rocksdb_max_open_files", OPEN_FILES.to_string())
        .with_key_value("rocksdb_periodic_compaction_seconds", WRITTEN_ANEW.to_string())
        // One of them writes what waits in memory; the others, one at least, put files in order,
        // each in one thread.
        .with_key_value("rocksdb_jobs_count", jobs().to_string())
        .with_key_value("rocksdb_max_concurrent_subcompactions", "1".to_owned())
}

/// No more than some memory is left for, however many processors there are.
fn jobs() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).clamp(2, MAX_JOBS)
}

/// As the client opens an embedded store: each step in its order, since whatever runs by itself
/// there must not write before the version is.
async fn in_folder(folder: &str, memory: usize) -> surrealdb::Result<Surreal<Db>> {
    let words = |error: &dyn std::fmt::Display| surrealdb::Error::internal(error.to_string());
    let (tell, received) = async_channel::bounded(NOTIFICATIONS_CHANNEL_SIZE);
    let datastore: Arc<Datastore> = Datastore::builder()
        .with_config(measured_out(memory))
        .with_notify(tell)
        .with_engine_options(EngineOptions::default().with_changefeed_gc_interval(NEVER))
        .without_maintenance_tasks()
        .build_with_path(&format!("rocksdb://{folder}"))
        .await
        .map_err(|error| words(&error))?;
    if let Err(error) = begin(&datastore).await {
        // Its threads would hold the files for as long as this process is there.
        let _ = datastore.shutdown().await;
        return Err(error);
    }
    compaction::lower_priority();
    datastore.start_maintenance_tasks();
    Surreal::<Db>::unstable_from_datastore(datastore, Some(received)).await
}

/// What is done with a store before anybody asks it anything.
async fn begin(datastore: &Datastore) -> surrealdb::Result<()> {
    let words = |error: &dyn std::fmt::Display| surrealdb::Error::internal(error.to_string());
    // Where a file is damaged, `check_version` tries again for minutes: this says so at once.
    let stamped = datastore.storage_version().await.map_err(|error| words(&error))?;
    if stamped.is_some() {
        datastore.get_version().await.map_err(|error| words(&error))?;
    }
    datastore.check_version().await.map_err(|error| words(&error))?;
    datastore.bootstrap().await.map_err(|error| words(&error))?;
    Ok(())
}

/// With `~` as the shell has it.
pub(super) fn at_home(folder: &str) -> String {
    match (folder.strip_prefix("~/"), std::env::var("HOME")) {
        (Some(below), Ok(home)) => format!("{home}/{below}"),
        _ => folder.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What RocksDB's own reading makes of it.
    #[derive(Default)]
    struct Share {
        read: usize,
        buffer: usize,
        buffers: usize,
    }

    impl surrealdb_cnf::Config for Share {
        fn parse(&mut self, map: &ConfigMap) {
            map.parse_key("rocksdb_block_cache_size", &mut self.read)
                .parse_key("rocksdb_write_buffer_size", &mut self.buffer)
                .parse_key("rocksdb_max_write_buffer_number", &mut self.buffers);
        }
    }

    #[test]
    fn what_is_read_and_what_waits_take_no_more_than_was_given() {
        for mib in [64, 192, 1024, 16 * 1024] {
            let received: Share = measured_out(mib << 20).load();
            assert_eq!(received.read + received.buffer * received.buffers, mib << 20, "{mib}");
            assert!(received.read >= received.buffer * received.buffers, "{mib}");
        }
    }

    /// By what RocksDB writes down of itself beside its files: a key that SurrealDB calls otherwise
    /// would be passed over without a word.
    #[tokio::test]
    async fn rocksdb_works_as_it_was_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let address = format!("rocksdb://{}", folder.path().display());
        let store = Database::connect(&address, 192 << 20).await.expect("a store");
        let names = std::fs::read_dir(folder.path()).expect("files").flatten();
        let options = names
            .map(|file| file.path())
            .filter(|path| path.to_string_lossy().contains("OPTIONS-"))
            .max()
            .expect("its options");
        let options = std::fs::read_to_string(options).expect("read");
        for (key, value) in [
            ("periodic_compaction_seconds", WRITTEN_ANEW.to_string()),
            ("max_background_jobs", jobs().to_string()),
            ("max_subcompactions", "1".to_owned()),
            ("max_open_files", OPEN_FILES.to_string()),
            ("block_size", BLOCK.to_string()),
            ("max_write_buffer_number", WRITE_BUFFERS.to_string()),
            ("write_buffer_size", ((192 << 20) / WRITE_PART / WRITE_BUFFERS).to_string()),
        ] {
            let line = format!("{key}={value}");
            assert!(options.lines().any(|one| one.trim() == line), "{line}\n{options}");
        }
        drop(store);
    }
}
