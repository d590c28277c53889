//! Damage to the files of a store in a folder: looked for before RocksDB reads them, since it would
//! undo changes without a word (`record_log`), and said with what to do. Tests: here, and
//! `server/tests/server/crash/flipped.rs`.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::store::database::at_home;
use crate::store::record_log;

/// What to do about a file that is damaged.
pub(super) const RESTORE: &str = "Look at the disk, and put a backup in its place: how, step by \
    step, is in docs/operations/crashes.md, “When the start says that the store is damaged”";

/// What the engine and the system say of damage and of a disk that fails, from which word on it is
/// told, and what to do.
const CAUSES: [(&str, &str, &str); 3] = [
    ("Corruption: ", "", RESTORE),
    (
        "Input/output error",
        "IO error: ",
        "The disk fails: look at it (dmesg says more), and where it stays so put a backup on \
         another one: how is in docs/operations/crashes.md, “When the start says that the store is \
         damaged”",
    ),
    (
        "Read-only file system",
        "IO error: ",
        "The disk takes no writes: look why (one that fails is often made read-only, and dmesg \
         says so), and mount it for writing",
    ),
];

/// The file that names the manifest.
const CURRENT: &str = "CURRENT";

/// What the engine says of damage, or of a disk that fails, with what to do; none: it speaks of
/// something else.
pub(super) fn stated(why: &str) -> Option<String> {
    let (word, begins, remedy) = CAUSES.into_iter().find(|(word, ..)| why.contains(word))?;
    let begins = if begins.is_empty() { word } else { begins };
    let what = why.split_once(begins).map_or(why, |(_, what)| what);
    let what = what.strip_suffix(remedy).unwrap_or(what);
    Some(format!("{}. {remedy}", what.trim_end_matches(['.', ' '])))
}

/// What to do, where the engine's own words are said before.
pub(super) fn remedy(error: &surrealdb::Error) -> String {
    let why = error.to_string();
    let cause = CAUSES.iter().find(|(word, ..)| why.contains(word));
    cause.map_or_else(String::new, |(.., remedy)| format!(". {remedy}"))
}

/// What is damaged, without what to do.
pub(crate) fn without_remedy(what: &str) -> &str {
    let found = CAUSES.iter().find_map(|(.., remedy)| what.split_once(*remedy));
    found.map_or(what, |(what, _)| what).trim_end_matches(['.', ' '])
}

/// What is damaged of a store in a folder, with what to do. A folder that cannot be looked into,
/// or is none yet, is left to RocksDB. Its logs are read, from a disk that may fail: nobody who is
/// served waits for that.
pub(super) async fn looked_for(store: &str) -> Option<String> {
    let folder = store.strip_prefix("rocksdb://")?;
    let folder = at_home(folder.split('?').next().unwrap_or(folder));
    let looking = tokio::task::spawn_blocking(move || in_folder(Path::new(&folder)));
    looking.await.unwrap_or_else(|error| Some(format!("its files cannot be looked at: {error}")))
}

fn in_folder(folder: &Path) -> Option<String> {
    let logs = logs(folder)?;
    let current = folder.join(CURRENT);
    match std::fs::read_to_string(&current) {
        // RocksDB would make a new store of it, and remove what is there.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return has_rows(folder)
                .then(|| format!("{} is not there. {RESTORE}", current.display()));
        }
        // What it holds otherwise RocksDB says.
        Err(error) if is_left_to_rocksdb(&error) => {}
        Err(error) => return Some(of_file(&current, &Err(error))),
        Ok(name) => {
            let manifest = folder.join(name.trim_end());
            let is_there = manifest.try_exists().unwrap_or(true);
            // Another process may just have begun another one.
            let is_current = || std::fs::read_to_string(&current).is_ok_and(|now| now == name);
            if !is_there && is_current() {
                return Some(format!(
                    "{} names {}, which is not there. {RESTORE}",
                    current.display(),
                    name.trim_end().escape_debug()
                ));
            }
            if let Some(at) = damaged_at(&manifest).transpose() {
                return Some(of_file(&manifest, &at));
            }
        }
    }
    let newest = logs.last();
    logs.iter().find_map(|log| {
        let at = damaged_at(log).transpose()?;
        let mut what = of_file(log, &at);
        if let (Ok(at), true) = (at, newest == Some(log)) {
            what += &format!(
                ". Without a backup, `truncate -s {at} {}` keeps what was done before, and undoes \
                 whatever came after: tokens revoked then work again",
                for_shell(log)
            );
        }
        Some(what)
    })
}

/// The files of a folder whose names end so.
fn with(folder: &Path, extension: &str) -> Option<Vec<PathBuf>> {
    let files = std::fs::read_dir(folder).ok()?.flatten().map(|file| file.path());
    Some(files.filter(|file| file.extension() == Some(OsStr::new(extension))).collect())
}

/// The logs that hold anything, the oldest first.
fn logs(folder: &Path) -> Option<Vec<PathBuf>> {
    let mut logs = with(folder, "log")?;
    logs.retain(|log| has_content(log));
    // By their numbers, which have six digits at first and more later.
    logs.sort_by_key(|log| (log.as_os_str().len(), log.clone()));
    Some(logs)
}

/// Whether anything of a store is in a folder, whatever it may have lost.
pub(crate) fn has_rows(folder: &Path) -> bool {
    logs(folder).is_some_and(|logs| !logs.is_empty())
        || with(folder, "sst").is_some_and(|tables| !tables.is_empty())
}

/// Cuts the newest log of a copy off where it is damaged; answers which, and from where on.
///
/// # Errors
/// What the system says.
pub(crate) fn cut_off(copy: &Path) -> io::Result<Option<(PathBuf, u64)>> {
    let Some(newest) = logs(copy).and_then(|mut logs| logs.pop()) else { return Ok(None) };
    let Some(at) = damaged_at(&newest)? else { return Ok(None) };
    File::options().write(true).open(&newest)?.set_len(at)?;
    Ok(Some((newest, at)))
}

/// A path as a shell takes it for one word, whatever is in it.
fn for_shell(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@%=".contains(c);
    if !path.starts_with('-') && path.chars().all(is_plain) {
        return path;
    }
    // A quote ends what is quoted, stands by itself, and it goes on.
    let within = path.replace('\'', "'\\''");
    if path.starts_with('-') { format!("'./{within}'") } else { format!("'{within}'") }
}

fn has_content(file: &Path) -> bool {
    file.metadata().is_ok_and(|file| file.len() > 0)
}

/// Where a file of records is damaged.
fn damaged_at(file: &Path) -> io::Result<Option<u64>> {
    match File::open(file).and_then(record_log::look) {
        Err(error) if is_left_to_rocksdb(&error) => Ok(None),
        other => other.map(|found| found.damaged_at),
    }
}

/// The highest number of a write that is in one of these logs; none: it cannot be seen. One that is
/// gone by now holds none.
///
/// # Errors
/// What is damaged, with what to do.
pub(super) fn last_write(logs: impl Iterator<Item = PathBuf>) -> Result<Option<u64>, String> {
    let mut last = None;
    for log in logs {
        match File::open(&log).and_then(record_log::look) {
            Err(error) if is_left_to_rocksdb(&error) => {}
            Err(error) => return Err(of_file(&log, &Err(error))),
            Ok(found) => match found.damaged_at {
                Some(at) => return Err(of_file(&log, &Ok(at))),
                None => last = last.max(found.last),
            },
        }
    }
    Ok(last)
}

/// It is gone by now, or somebody else's, or no such file at all: no disk that fails.
fn is_left_to_rocksdb(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, IsADirectory, NotFound, PermissionDenied};
    matches!(error.kind(), InvalidData | IsADirectory | NotFound | PermissionDenied)
}

fn of_file(file: &Path, at: &io::Result<u64>) -> String {
    let file = file.display();
    match at {
        Ok(at) => format!(
            "{file} is not as it was written, from byte {at} on, and without it changes would be \
             undone. {RESTORE}"
        ),
        Err(error) => format!("{file} cannot be read: {error}. {}", CAUSES[1].2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record of RocksDB's, of nothing: the checksum of one byte, no length, the kind “full”.
    const EMPTY: [u8; 7] = [0x05, 0x2b, 0x28, 0x43, 0, 0, 1];

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, content) in files {
            std::fs::write(folder.path().join(name), content).expect("written");
        }
        folder
    }

    fn named(files: &[(&str, &[u8])]) -> Option<String> {
        let folder = folder(files);
        let found = in_folder(folder.path());
        let here = format!("{}/", folder.path().display());
        found.map(|found| found.replace(&here, ""))
    }

    #[test]
    fn a_folder_without_a_store_or_with_a_whole_one_is_left_to_rocksdb() {
        assert_eq!(in_folder(Path::new("/nonexistent")), None);
        assert_eq!(named(&[]), None);
        // As a start leaves it that was killed while it made the store.
        assert_eq!(named(&[("MANIFEST-000001", &EMPTY), ("LOCK", b"")]), None);
        let whole: [(&str, &[u8]); 4] = [
            ("CURRENT", b"MANIFEST-000005\n"),
            ("MANIFEST-000005", &EMPTY),
            ("000004.log", &EMPTY),
            ("000006.log", b""),
        ];
        assert_eq!(named(&whole), None);
    }

    #[test]
    fn a_store_that_lost_the_file_which_names_its_manifest_is_not_made_anew() {
        let sst = named(&[("000013.sst", b"rows"), ("MANIFEST-000005", &EMPTY)]).expect("found");
        assert!(sst.starts_with("CURRENT is not there. Look at the disk"), "{sst}");
        let log = named(&[("000004.log", &EMPTY)]).expect("found");
        assert!(log.contains(RESTORE), "{log}");
        let other = named(&[("CURRENT", b"MANIFEST-000007\n"), ("MANIFEST-000005", &EMPTY)])
            .expect("found");
        assert!(other.starts_with("CURRENT names MANIFEST-000007, which is not there"), "{other}");
    }

    #[test]
    fn damage_is_named_with_the_file_the_place_and_what_to_do() {
        let mut spoilt = [EMPTY, EMPTY].concat();
        spoilt[9] ^= 1;
        let with = |manifest: &[u8], old: &[u8], new: &[u8]| {
            named(&[
                ("CURRENT", b"MANIFEST-000005\n"),
                ("MANIFEST-000005", manifest),
                ("000004.log", old),
                ("000006.log", new),
            ])
            .expect("found")
        };
        let newest = with(&EMPTY, &EMPTY, &spoilt);
        assert!(newest.starts_with("000006.log is not as it was written, from byte 7"), "{newest}");
        assert!(newest.contains("`truncate -s 7 000006.log`"), "{newest}");
        let older = with(&EMPTY, &spoilt, &EMPTY);
        assert!(older.starts_with("000004.log") && !older.contains("truncate"), "{older}");
        let many = named(&[
            ("CURRENT", b"MANIFEST-000005\n"),
            ("MANIFEST-000005", &EMPTY),
            ("999999.log", &EMPTY),
            ("1000000.log", spoilt.as_slice()),
        ]);
        assert!(many.is_some_and(|many| many.contains("`truncate -s 7 1000000.log`")));
        let manifest = with(&spoilt, &EMPTY, &EMPTY);
        assert!(
            manifest.starts_with("MANIFEST-000005") && manifest.contains(RESTORE),
            "{manifest}"
        );
    }

    #[test]
    fn a_command_with_a_path_is_one_that_a_shell_reads_so() {
        for (path, quoted) in [
            ("/var/lib/latchkey/data/000009.log", "/var/lib/latchkey/data/000009.log"),
            ("my data/000009.log", "'my data/000009.log'"),
            ("it's $(id)/1.log", r"'it'\''s $(id)/1.log'"),
            ("-s/1.log", "'./-s/1.log'"),
        ] {
            assert_eq!(for_shell(Path::new(path)), quoted);
        }
        let folder = folder(&[("000004.log", &EMPTY)]);
        let place = folder.path().join("it's a place");
        std::fs::create_dir(&place).expect("a folder");
        let log = place.join("000004.log");
        std::fs::write(&log, [EMPTY, EMPTY].concat()).expect("written");
        let command = format!("truncate -s 7 {}", for_shell(&log));
        let ran = std::process::Command::new("sh").args(["-c", &command]).status();
        assert!(ran.is_ok_and(|ran| ran.success()));
        assert_eq!(log.metadata().map(|log| log.len()).ok(), Some(7));
    }

    #[test]
    fn the_newest_log_of_a_copy_is_cut_off_where_it_is_damaged_and_no_whole_one_is() {
        let mut spoilt = [EMPTY, EMPTY].concat();
        spoilt[9] ^= 1;
        let whole = folder(&[("000004.log", &EMPTY)]);
        assert_eq!(cut_off(whole.path()).expect("read"), None);
        let copy = folder(&[("000004.log", &EMPTY), ("000006.log", &spoilt)]);
        let log = copy.path().join("000006.log");
        assert_eq!(cut_off(copy.path()).expect("read"), Some((log.clone(), 7)));
        assert_eq!(log.metadata().map(|log| log.len()).ok(), Some(7));
    }

    #[test]
    fn what_rocksdb_says_of_damage_is_said_with_what_to_do() {
        let why = "There was a problem with the key-value store: There was a problem with a \
                   transaction: Corruption: block checksum mismatch: stored = 1, computed = 2 in \
                   data/000013.sst offset 0 size 9862.";
        let what = stated(why).expect("damage");
        assert!(what.starts_with("block checksum mismatch") && what.ends_with(RESTORE), "{what}");
        assert!(what.contains("data/000013.sst offset 0 size 9862. Look"), "{what}");
        assert!(without_remedy(&what).ends_with("data/000013.sst offset 0 size 9862"));
        assert_eq!(stated(&format!("the store failed: Corruption: {what}")), Some(what), "once");
        assert_eq!(stated("IO error: No space left on device"), None);
        let read_only = "There was a problem with a transaction: IO error: While open a file for \
                         lock: data/LOCK: Read-only file system";
        let what = stated(read_only).expect("a disk");
        assert!(what.starts_with("While open a file for lock: data/LOCK: Read-only"), "{what}");
        assert!(what.contains("system. The disk takes no writes: look why"), "{what}");
        let fails = stated("IO error: While fdatasync: data/000009.log: Input/output error");
        assert!(fails.is_some_and(|what| what.contains("The disk fails: look at it")));
        assert!(remedy(&surrealdb::Error::internal(why.to_owned())).contains(RESTORE));
        assert_eq!(remedy(&surrealdb::Error::internal("busy".to_owned())), "");
    }
}
