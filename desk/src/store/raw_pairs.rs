//! The keys and values of a store in a folder as RocksDB has them, past SurrealDB: all of one
//! moment, for a backup, and put back into a new folder. Tests: below, `desk/tests/desk/backup.rs`.
//!
//! While SurrealDB's own handle writes, the folder is opened a second time, for reading alone,
//! which takes no lock and writes nothing. What is read then is what the manifest has and after it
//! the logs, up to the last whole transaction. Every acknowledged one is there: SurrealDB flushes
//! the log before it answers, in the mode in which it is used here. Two things could still make a
//! gap, and so the logs are looked at before and after:
//!
//! - A log that was there when the manifest was read, and went (its pairs are in a new table by
//!   then) before the logs were listed.
//! - A log that has a successor while its own last bytes are not in the file yet. They are once
//!   there is something in the successor: so the newest log has to hold something already.
//!
//! Where the same logs are there before and after, and the newest is not empty, there is no gap;
//! else it is tried again, after a write that brings the newest log something.
//!
//! A log that is damaged would make one without a word: RocksDB takes it to end there. So the logs
//! are read by `record_log` before, as at a start, and what RocksDB has read must reach as far as
//! what was seen in them.
//!
//! Tables are held open from then on (`max_open_files = -1`), whatever compaction removes
//! meanwhile. Large values lie in files of their own, which are opened as they are come to: one
//! that is gone by then is an error, and the backup is begun again.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rocksdb::{DB, DBCompressionType, Options, ReadOptions, WriteBatch, WriteOptions};

use crate::Moment;
use crate::store::damage;
use crate::store::error::StoreError;
use crate::store::handle::Store;

/// How often the folder is opened until no file moved meanwhile.
const MAX_TRIES: u32 = 100;

/// How often in a row they have to look damaged, since they are written to meanwhile.
const MAX_DAMAGED: u32 = 10;

/// A pause between: a flush is over by then, or soon.
const AGAIN_AFTER: Duration = Duration::from_millis(20);

/// How much is read ahead.
const READ_AHEAD: usize = 1 << 20;

/// How much is written back at a time, and held until it is written to a file.
const BATCH: usize = 4 << 20;
const WRITE_BUFFER: usize = 64 << 20;

/// Files that are kept open of a store that is filled, or only tried.
const OPEN_FILES: i32 = 512;

/// What RocksDB calls the one family of columns that SurrealDB has.
const FAMILY: &str = "default";

/// Why the pairs cannot be read.
#[derive(Debug)]
pub(crate) enum RawError {
    /// The store does not answer.
    Store(StoreError),
    /// Files moved each time that they were looked at.
    Moving(String),
    /// A file is not as it was written, or its disk fails: what, with what to do.
    Damaged(String),
}

impl RawError {
    /// What RocksDB's words mean. A file that is gone by now is none that is damaged, whatever
    /// RocksDB calls it.
    fn of(why: String) -> Self {
        let is_gone = why.contains("No such file or directory");
        match damage::stated(&why).filter(|_| !is_gone) {
            Some(what) => Self::Damaged(what),
            None => Self::Moving(why),
        }
    }

    /// The files have not all that the store has answered for.
    pub(crate) fn lacking(what: &str) -> Self {
        Self::Damaged(format!(
            "its files lack changes that it has answered for ({what}). {}",
            damage::RESTORE
        ))
    }
}

/// All pairs of one moment.
pub(crate) struct RawPairs {
    db: DB,
}

impl Store {
    /// All pairs of this moment: whatever was acknowledged before is among them.
    ///
    /// # Errors
    /// [`RawError`].
    pub(crate) async fn raw_pairs(&self, folder: &Path, now: Moment) -> Result<RawPairs, RawError> {
        let mut why = RawError::Moving(String::new());
        let mut damaged = 0;
        for _ in 0..MAX_TRIES {
            // So that the newest log holds something.
            self.note_written(now).await.map_err(RawError::Store)?;
            let folder = folder.to_owned();
            let opened = tokio::task::spawn_blocking(move || open_once(&folder)).await;
            match opened {
                Ok(Ok(pairs)) => return Ok(pairs),
                Ok(Err(error)) => why = error,
                Err(error) => why = RawError::Moving(error.to_string()),
            }
            damaged = if matches!(why, RawError::Damaged(_)) { damaged + 1 } else { 0 };
            if damaged == MAX_DAMAGED {
                break;
            }
            tokio::time::sleep(AGAIN_AFTER).await;
        }
        Err(why)
    }
}

/// Opens the folder for reading, unless its logs move meanwhile, or are damaged.
fn open_once(folder: &Path) -> Result<RawPairs, RawError> {
    let words = |error: io::Error| RawError::of(error.to_string());
    let moving = |why: &str| RawError::Moving(why.to_owned());
    let before = logs(folder).map_err(words)?;
    if before.last_key_value().is_none_or(|(_, size)| *size == 0) {
        return Err(moving("its log is empty"));
    }
    let files = before.keys().map(|number| folder.join(format!("{number:06}.log")));
    let last = damage::last_write(files).map_err(RawError::Damaged)?;
    let mut options = Options::default();
    options.set_max_open_files(-1);
    options.set_skip_stats_update_on_db_open(true);
    // By the name of its family: else RocksDB tries another way first, for stores that are never
    // written to.
    let db = DB::open_cf_for_read_only(&options, folder, [FAMILY], false)
        .map_err(|error| RawError::of(error.to_string()))?;
    let after = logs(folder).map_err(words)?;
    if !before.keys().eq(after.keys()) {
        return Err(moving("its log was changed for another"));
    }
    let read = db.latest_sequence_number();
    if let Some(last) = last.filter(|last| *last > read) {
        return Err(RawError::lacking(&format!("write {last} is in its log, and {read} is read")));
    }
    Ok(RawPairs { db })
}

/// The logs of a store by their numbers, each with its size.
fn logs(folder: &Path) -> io::Result<BTreeMap<u64, u64>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".log"));
        if let Some(number) = number.and_then(|number| number.parse().ok()) {
            // One that goes at this moment is missing at the next look.
            found.insert(number, entry.metadata().map_or(0, |file| file.len()));
        }
    }
    Ok(found)
}

impl RawPairs {
    /// Visits each in the order of the keys, for as long as the visitor wants.
    ///
    /// # Errors
    /// The visitor's; `unreadable` of what RocksDB says.
    pub(crate) fn each<E>(
        &self,
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<(), E>,
        unreadable: impl Fn(RawError) -> E,
    ) -> Result<(), E> {
        let mut reading = ReadOptions::default();
        reading.fill_cache(false);
        reading.set_readahead_size(READ_AHEAD);
        reading.set_verify_checksums(true);
        let mut pairs = self.db.raw_iterator_opt(reading);
        pairs.seek_to_first();
        while let Some((key, value)) = pairs.item() {
            visit(key, value)?;
            pairs.next();
        }
        pairs.status().map_err(|error| unreadable(RawError::of(error.to_string())))
    }
}

/// A new store that is filled with pairs.
pub(crate) struct RawStore {
    db: DB,
    folder: PathBuf,
    batch: WriteBatch,
}

impl RawStore {
    /// Makes it in a folder that holds no store.
    ///
    /// # Errors
    /// In RocksDB's words.
    pub(crate) fn create(folder: &Path) -> Result<Self, String> {
        let mut options = Options::default();
        options.create_if_missing(true);
        options.set_error_if_exists(true);
        options.set_write_buffer_size(WRITE_BUFFER);
        options.set_max_open_files(OPEN_FILES);
        options.set_compression_type(DBCompressionType::Lz4);
        let db = DB::open(&options, folder).map_err(|error| error.to_string())?;
        Ok(Self { db, folder: folder.to_owned(), batch: WriteBatch::default() })
    }

    /// Adds a pair.
    ///
    /// # Errors
    /// In RocksDB's words.
    pub(crate) fn pair(&mut self, key: &[u8], value: &[u8]) -> Result<(), String> {
        self.batch.put(key, value);
        if self.batch.size_in_bytes() >= BATCH { self.write() } else { Ok(()) }
    }

    /// Writes what is left of it, and has it on the disk.
    ///
    /// # Errors
    /// In RocksDB's words, or the system's.
    pub(crate) fn finish(mut self) -> Result<(), String> {
        self.write()?;
        // Nothing was written to a log: all of it goes to files, which are synced.
        self.db.flush().map_err(|error| error.to_string())?;
        let Self { db, folder, .. } = self;
        drop(db);
        sync_all(&folder).map_err(|error| error.to_string())
    }

    fn write(&mut self) -> Result<(), String> {
        let mut options = WriteOptions::default();
        options.disable_wal(true);
        let batch = std::mem::take(&mut self.batch);
        self.db.write_opt(batch, &options).map_err(|error| error.to_string())
    }
}

/// Waits until nobody in this process has a store's files open any more; false: somebody still has.
///
/// # Errors
/// In RocksDB's words: the store does not open.
pub(crate) async fn is_let_go(folder: &Path, timeout: Duration) -> Result<bool, String> {
    let waiting = async {
        loop {
            let folder = folder.to_owned();
            let opened = tokio::task::spawn_blocking(move || {
                let mut options = Options::default();
                options.set_max_open_files(OPEN_FILES);
                DB::open(&options, folder).map(drop).map_err(|error| error.to_string())
            });
            match opened.await {
                Ok(Err(why)) if why.contains("lock hold by current process") => {}
                Ok(opened) => return opened,
                Err(error) => return Err(error.to_string()),
            }
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    };
    match tokio::time::timeout(timeout, waiting).await {
        Ok(opened) => opened.map(|()| true),
        Err(_) => Ok(false),
    }
}

/// Has all files of a folder on the disk, and the folder itself.
pub(crate) fn sync_all(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::File::open(entry.path())?.sync_all()?;
        }
    }
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::settings::Settings;
    use crate::engine::verify::cache::Cache;
    use crate::store::vars::vars;

    fn all_of(pairs: &RawPairs) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut found = Vec::new();
        let visit = |key: &[u8], value: &[u8]| {
            found.push((key.to_vec(), value.to_vec()));
            Ok::<(), String>(())
        };
        pairs.each(visit, |error| format!("{error:?}")).expect("read");
        found
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn pairs_are_of_one_moment_in_their_order_and_a_new_store_has_all_of_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("store");
        let settings =
            Settings { store: format!("rocksdb://{}", store.display()), ..Settings::default() };
        let opened = Store::open(&settings, Arc::new(Cache::new(1, false))).await.expect("new");
        let mark = |mark: &str| {
            let vars = vars! { "mark" => mark.to_owned() };
            opened.note("UPSERT type::record('meta', $mark) SET at = 1", vars)
        };
        mark("first-mark").await.expect("written");
        let pairs = opened.raw_pairs(&store, Moment(1)).await.expect("of this moment");
        mark("later-mark").await.expect("written");
        let found = all_of(&pairs);
        assert_eq!(found, all_of(&pairs), "and stays of that moment");
        assert!(found.is_sorted_by(|(one, _), (next, _)| one < next));
        let has = |mark: &str| {
            found.iter().any(|(key, _)| key.windows(mark.len()).any(|part| part == mark.as_bytes()))
        };
        assert!(has("first-mark") && !has("later-mark"));

        let copy = folder.path().join("copy");
        let mut filled = RawStore::create(&copy).expect("a new one");
        for (key, value) in &found {
            filled.pair(key, value).expect("written");
        }
        filled.finish().expect("on the disk");
        assert!(RawStore::create(&copy).is_err(), "there is one");
        assert_eq!(is_let_go(&copy, Duration::from_secs(10)).await, Ok(true));
        let copied = Settings { store: format!("rocksdb://{}", copy.display()), ..settings };
        let copied = Store::open(&copied, Arc::new(Cache::new(1, false))).await.expect("opens");
        let read = copied.row::<i64>("SELECT VALUE at FROM meta:`first-mark`", vars! {});
        assert_eq!(read.await.expect("read"), Some(1));
    }

    #[test]
    fn a_file_that_is_damaged_is_told_from_one_that_went() {
        let of = |why: &str| RawError::of(why.to_owned());
        let damaged = of("Corruption: block checksum mismatch: in data/000013.sst");
        assert!(matches!(&damaged, RawError::Damaged(what) if what.contains("Look at the disk")));
        assert!(matches!(of("IO error: Input/output error"), RawError::Damaged(_)));
        for gone in [
            "Corruption: Can't access /000013.sst: IO error: No such file or directory: while stat",
            "IO error: No such file or directory: data/000014.blob",
            "its log is empty",
        ] {
            assert!(matches!(of(gone), RawError::Moving(why) if why == gone), "{gone}");
        }
    }

    #[test]
    fn a_log_that_is_empty_or_not_there_is_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let is_empty = |folder: &Path| {
            let why = open_once(folder).map(drop).expect_err("none");
            matches!(why, RawError::Moving(why) if why.contains("empty"))
        };
        assert!(is_empty(folder.path()));
        std::fs::write(folder.path().join("000004.log"), "something").expect("written");
        std::fs::write(folder.path().join("000007.log"), "").expect("written");
        std::fs::write(folder.path().join("LOG"), "no log of its pairs").expect("written");
        assert_eq!(logs(folder.path()).expect("read"), BTreeMap::from([(4, 9), (7, 0)]));
        assert!(is_empty(folder.path()));
    }

    #[test]
    fn a_log_that_is_damaged_is_not_taken_to_end_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut options = Options::default();
        options.create_if_missing(true);
        let db = DB::open(&options, folder.path()).expect("new");
        for key in ["one", "two", "three"] {
            db.put(key, key).expect("written");
        }
        assert!(open_once(folder.path()).is_ok_and(|pairs| all_of(&pairs).len() == 3));
        let (number, _) = logs(folder.path()).expect("read").pop_last().expect("a log");
        let log = folder.path().join(format!("{number:06}.log"));
        let mut bytes = std::fs::read(&log).expect("read");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&log, &bytes).expect("written");
        let refused = open_once(folder.path()).map(drop);
        let Err(RawError::Damaged(why)) = &refused else { panic!("{refused:?}") };
        assert!(why.contains(".log is not as it was written"), "{why}");
        assert!(why.contains("Look at the disk"), "{why}");
        drop(db);
    }
}
