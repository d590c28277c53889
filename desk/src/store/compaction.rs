//! RocksDB's threads that put its files in order, at a lower priority than everything else: whoever
//! checks a token does not wait for them, also where there are as few processors as threads. They
//! are there once a store is opened, and for every store of the process. Tests: below.

#[cfg(target_os = "linux")]
use rustix_process::process::{Pid, getpriority_process, setpriority_process};

/// By how much nicer they are than the rest of the program (`nice(2)`, on Linux of one thread), as
/// those that judge passwords are. With less of a processor than is left to them then, they would
/// not keep up where much is written, and RocksDB holds up writing.
#[cfg(target_os = "linux")]
const NICER: i32 = 10;

/// There is nothing nicer.
#[cfg(target_os = "linux")]
const NICEST: i32 = 19;

/// What RocksDB calls these threads (`ThreadPoolImpl::Impl::StartBGThreads`).
#[cfg(target_os = "linux")]
const NAME: &str = "rocksdb:low";

/// Lowers it. Where the system does not allow that, or is another, they are as the others.
#[cfg(target_os = "linux")]
pub(super) fn lower_priority() {
    for thread in threads() {
        let _ = setpriority_process(Some(thread), lowered());
    }
}

#[cfg(target_os = "linux")]
fn lowered() -> i32 {
    (getpriority_process(None).unwrap_or_default() + NICER).min(NICEST)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn lower_priority() {}

#[cfg(target_os = "linux")]
fn threads() -> impl Iterator<Item = Pid> {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    tasks.filter_map(|task| {
        let name = std::fs::read_to_string(task.path().join("comm")).ok()?;
        let number = task.file_name().to_str()?.parse().ok()?;
        name.starts_with(NAME).then(|| Pid::from_raw(number))?
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::store::database::Database;

    #[tokio::test]
    async fn whatever_puts_files_in_order_is_nicer_than_whoever_asks() {
        let folder = tempfile::tempdir().expect("a folder");
        let address = format!("rocksdb://{}", folder.path().display());
        let store = Database::connect(&address, 64 << 20).await.expect("a store");
        let all: Vec<i32> =
            threads().map(|thread| getpriority_process(Some(thread)).expect("one")).collect();
        assert!(!all.is_empty(), "they are there, and called so");
        assert!(all.iter().all(|nice| *nice == lowered()), "{all:?}, not {}", lowered());
        drop(store);
    }
}
