//! Backups that are made by themselves: when they are due, how many stay, and what is said where
//! one could not be made.

use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use desk::{BackupError, BackupIdentities, BackupSchedule, BackupSettings, verify_backup};

use super::backup::OnFiles;
use super::support::reopen;

const HOUR: i64 = 3600;

/// A desk that makes one each day and keeps two.
async fn daily(recipients: Vec<desk::BackupRecipient>) -> (OnFiles, PathBuf) {
    let folder = tempfile::tempdir().unwrap().keep();
    let schedule = BackupSchedule { folder: folder.clone(), every_hours: 24, keep: 2 };
    let settings = BackupSettings { schedule: Some(schedule), recipients };
    (OnFiles::new(|of_desk| of_desk.backups = settings).await, folder)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_made_a_day_also_over_a_restart_and_two_are_kept() {
    let (OnFiles { world, place }, folder) = daily(Vec::new()).await;
    let first = world.back_up_if_due().await.unwrap().expect("there is none yet");
    let backup = Box::new(std::fs::File::open(&first).unwrap());
    let report = verify_backup(backup, &BackupIdentities::default()).unwrap();
    assert_eq!(report.header.moment, world.now());
    assert_eq!(world.back_up_if_due().await.unwrap(), None, "not yet");
    let last = world.last_backup().expect("they are made");
    assert_eq!((last.made, last.failed), (Some(world.now()), None));

    let (settings, clock) = (world.settings.clone(), world.clock.clone());
    world.close().await;
    drop(world);
    let desk = reopen(settings).await;
    assert_eq!(desk.last_backup().unwrap().made, last.made, "it is known at once");
    clock.advance(23 * HOUR);
    assert_eq!(desk.back_up_if_due().await.unwrap(), None, "nor after a restart");
    assert_eq!(desk.last_backup().unwrap().made, last.made);
    for _ in 0..2 {
        clock.advance(24 * HOUR);
        desk.back_up_if_due().await.unwrap().expect("a day later");
    }
    assert!(!first.exists(), "two are kept");
    assert_eq!(names(&folder).len(), 2, "{:?}", names(&folder));
    std::fs::remove_dir_all(folder).unwrap();
    drop((desk, place));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_is_told_tried_again_and_takes_nothing_away() {
    let (files, folder) = daily(Vec::new()).await;
    let world = &files.world;
    let first = world.back_up_if_due().await.unwrap().expect("there is none yet");
    let moved = folder.with_extension("moved");
    std::fs::rename(&folder, &moved).unwrap();
    world.clock.advance(24 * HOUR);
    let made = world.last_backup().unwrap().made;
    let failed = world.back_up_if_due().await;
    assert!(matches!(failed, Err(BackupError::NoFolder(_))), "{failed:?}");
    assert!(!folder.exists(), "it is not made by itself");
    let last = world.last_backup().unwrap();
    assert!(last.failed.unwrap().contains("backup.to"));
    assert_eq!((last.made, last.tried), (made, Some(world.now())));

    std::fs::rename(&moved, &folder).unwrap();
    assert_eq!(world.back_up_if_due().await.unwrap(), None, "not at once");
    world.clock.advance(600);
    let second = world.back_up_if_due().await.unwrap().expect("ten minutes later");
    assert!(first.exists() && second.exists());
    assert_eq!(world.last_backup().unwrap().failed, None);
    std::fs::remove_dir_all(folder).unwrap();
}

/// RocksDB takes its log to end at a record that it cannot read: without a word a backup would lack
/// what came after, and the schedule would remove those that are whole.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_damaged_while_it_is_written_fails_the_backup_and_removes_none() {
    let (files, folder) = daily(Vec::new()).await;
    let world = &files.world;
    let logs = std::fs::read_dir(files.place.path().join("store")).unwrap();
    let mut logs: Vec<PathBuf> = logs
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .collect();
    logs.sort();
    for _ in 0..2 {
        world.back_up_if_due().await.unwrap().expect("it is due");
        world.clock.advance(24 * HOUR);
    }
    let before = names(&folder);
    world.token("tia", "in the log").await;
    // Of the first record, behind its head.
    let log = std::fs::OpenOptions::new().read(true).write(true).open(logs.last().unwrap());
    let (log, mut byte) = (log.unwrap(), [0; 1]);
    log.read_exact_at(&mut byte, 9).unwrap();
    log.write_all_at(&[byte[0] ^ 1], 9).unwrap();
    world.token("tia", "after the damage").await;
    let failed = world.back_up_if_due().await;
    let Err(BackupError::StoreDamaged(why)) = &failed else { panic!("{failed:?}") };
    assert!(why.contains(".log is not as it was written, from byte 0 on"), "{why}");
    assert!(world.last_backup().unwrap().failed.unwrap().contains("Look at the disk"));
    assert_eq!(names(&folder), before);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_goes_and_one_that_cannot_be_removed_is_in_nobodys_way() {
    let (files, folder) = daily(Vec::new()).await;
    let (left, others) = (".latchkey-2020-01-01T00-00-00Z.backup.0a.part", ".mine.backup.0a.part");
    for name in [left, others] {
        std::fs::write(folder.join(name), "half").unwrap();
    }
    // One of them is too many, and is no file that could be removed.
    let folders = ["latchkey-2020-01-01T00-00-00Z.backup", "latchkey-2020-01-02T00-00-00Z.backup"];
    for name in folders {
        std::fs::create_dir(folder.join(name)).unwrap();
    }
    let path = files.world.back_up_if_due().await.unwrap().expect("there is none yet");
    let made = path.file_name().unwrap().to_str().unwrap();
    assert_eq!(names(&folder), [others, folders[0], folders[1], made]);
    assert_eq!(files.world.last_backup().unwrap().failed, None);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_is_encrypted_to_whom_the_operator_names() {
    let identity = age::x25519::Identity::generate();
    let (files, folder) = daily(vec![identity.to_public().to_string().parse().unwrap()]).await;
    let path = files.world.back_up_if_due().await.unwrap().expect("there is none yet");
    let backup = Box::new(std::fs::File::open(path).unwrap());
    let read = verify_backup(backup, &BackupIdentities::default());
    assert!(matches!(read, Err(BackupError::NeedsIdentity)), "{read:?}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn where_none_are_to_be_made_none_are() {
    let files = OnFiles::new(|_| {}).await;
    assert_eq!(files.world.back_up_if_due().await.unwrap(), None);
    assert_eq!(files.world.last_backup(), None);
}
