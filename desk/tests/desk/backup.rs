//! A backup is all of one moment, made while everything goes on; restored, it is the store of that
//! moment, where nobody is logged in, and the audit says so.

use std::collections::BTreeSet;
use std::io::{self, Cursor, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use desk::{
    AuditAction, AuditQuery, AuditRow, BackupError, BackupIdentities, BackupOptions, BackupReport,
    BackupSchedule, BackupSettings, BackupTarget, Clock, Desk, GracePeriod, Refusal, Restoring,
    RevokedTokens, Settings, Undone, Verdict, right, verify_backup,
};
use tokio::task::JoinSet;

use super::support::{StoreFolder, World, get, origin, reopen, secret, world};

/// A demo on files, with a folder for what is restored beside it.
pub(crate) struct OnFiles {
    pub(crate) world: World,
    pub(crate) place: StoreFolder,
}

impl OnFiles {
    pub(crate) async fn new(adjust: impl FnOnce(&mut Settings)) -> Self {
        let place = StoreFolder::from(tempfile::tempdir().unwrap());
        let mut settings = Settings {
            store: format!("rocksdb://{}", place.path().join("store").display()),
            demo: true,
            clock: Clock::standing(),
            hash_memory_kib: 64,
            hash_passes: 1,
            tokens_per_minute: u32::MAX,
            ..Settings::default()
        };
        adjust(&mut settings);
        Self { world: World::demo(settings).await, place }
    }

    /// The settings of a store that is to be restored; with a slash at its end, as people write it.
    fn of_copy(&self, name: &str) -> Settings {
        let store = format!("rocksdb://{}/", self.place.path().join(name).display());
        Settings { store, ..self.world.settings.clone() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// Restores a backup as the command does, and opens it as the next start does.
    pub(crate) async fn restored(&self, backup: &[u8], name: &str) -> Desk {
        let settings = self.of_copy(name);
        let restoring = prepare(backup, &settings).await.unwrap();
        let desk = restoring.open().await.unwrap().expect("of this schema");
        desk.close().await;
        drop(desk);
        restoring.put_in_place().await.unwrap();
        reopen(settings).await
    }
}

async fn prepare(backup: &[u8], settings: &Settings) -> Result<Restoring, BackupError> {
    let input = Box::new(Cursor::new(backup.to_vec()));
    Restoring::prepare(input, BackupIdentities::default(), settings).await
}

#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn back_up_with(
    desk: &Desk,
    options: &BackupOptions,
) -> Result<(Vec<u8>, BackupReport), BackupError> {
    let memory = Memory::default();
    let to = memory.clone();
    let target: BackupTarget = Box::new(move || {
        to.0.lock().unwrap().clear();
        let out: Box<dyn Write + Send> = Box::new(to.clone());
        Ok(out)
    });
    let report = desk.console().back_up(target, options).await?;
    let bytes = memory.0.lock().unwrap().clone();
    Ok((bytes, report))
}

pub(crate) async fn back_up(desk: &Desk) -> (Vec<u8>, BackupReport) {
    back_up_with(desk, &BackupOptions::default()).await.unwrap()
}

fn verified(backup: &[u8]) -> Result<BackupReport, BackupError> {
    verify_backup(Box::new(Cursor::new(backup.to_vec())), &BackupIdentities::default())
}

/// All rows of an action, the newest first.
async fn rows(desk: &Desk, action: AuditAction) -> Vec<AuditRow> {
    let (mut rows, mut query) = (Vec::new(), AuditQuery::default());
    action.code().clone_into(&mut query.action);
    loop {
        let page = desk.console().audit(&query).await.unwrap();
        rows.extend(page.rows);
        match page.next {
            Some(next) => query.before = next,
            None => return rows,
        }
    }
}

async fn clients(desk: &Desk) -> BTreeSet<String> {
    let clients = desk.console().clients().await.unwrap();
    clients.into_iter().map(|client| client.name.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn while_everybody_writes_a_backup_has_all_of_before_and_each_change_whole() {
    let files = OnFiles::new(|_| {}).await;
    let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));
    let stop = Arc::new(AtomicBool::new(false));
    let mut writing = JoinSet::new();
    for task in 0..8 {
        let desk = files.world.desk.clone();
        let (acknowledged, stop) = (acknowledged.clone(), stop.clone());
        writing.spawn(async move {
            for n in 0.. {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let name = format!("client{task}-{n}");
                desk.console().add_client(&name).await.unwrap();
                acknowledged.lock().unwrap().insert(name);
            }
        });
    }
    let mut backups = Vec::new();
    for _ in 0..3 {
        // Some more are there each time.
        let many = acknowledged.lock().unwrap().len();
        while acknowledged.lock().unwrap().len() < many + 40 {
            tokio::task::yield_now().await;
        }
        let before = acknowledged.lock().unwrap().clone();
        let (backup, report) = back_up(&files.world).await;
        assert_eq!(verified(&backup).unwrap(), report);
        backups.push((before, backup));
    }
    stop.store(true, Ordering::SeqCst);
    while let Some(written) = writing.join_next().await {
        written.unwrap();
    }
    for (n, (before, backup)) in backups.into_iter().enumerate() {
        let desk = files.restored(&backup, &format!("copy{n}")).await;
        let there = clients(&desk).await;
        let missing: Vec<_> = before.difference(&there).collect();
        assert!(missing.is_empty(), "of {} acknowledged: {missing:?}", before.len());
        let audited: BTreeSet<String> =
            rows(&desk, AuditAction::ClientAdd).await.into_iter().map(|row| row.subject).collect();
        let of_rows: BTreeSet<String> = there
            .iter()
            .filter(|name| audited.iter().any(|of| of.contains(*name)))
            .cloned()
            .collect();
        assert_eq!(of_rows, there, "each with its row");
        assert_eq!(audited.len(), there.len(), "and no row without it");
        assert_eq!(desk.console().verify_audit().await.unwrap().faults, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_store_is_that_of_its_moment_and_nobody_is_logged_in() {
    let files = OnFiles::new(|_| {}).await;
    let world = &files.world;
    let (kept, _) = world.token("tia", "kept").await;
    let (gone, view) = world.token("tia", "revoked").await;
    world.revoke("tia", &view).await;
    let cookie = world.cookie("tia").await;
    let (backup, report) = back_up(world).await;
    let (after, _) = world.token("tia", "made after").await;

    let desk = files.restored(&backup, "copy").await;
    assert!(matches!(desk.verify(kept.expose(), None, &get()).await, Verdict::Good(_)));
    assert_eq!(desk.verify(gone.expose(), None, &get()).await, Verdict::Refused("revoked"));
    assert_eq!(desk.verify(after.expose(), None, &get()).await, Verdict::Refused("unknown"));
    assert!(world.look(&cookie).await.is_ok(), "where it was");
    assert_eq!(desk.visitor(&cookie, &origin()).await.unwrap_err(), Refusal::SessionEnded);
    let written = rows(&desk, AuditAction::StoreRestore).await;
    let [row] = written.as_slice() else { panic!("{written:?}") };
    assert_eq!(
        row.detail,
        format!("copy of {}, SHA-256 {}", report.header.moment.rfc3339(), report.totals.sha256)
    );
    assert_eq!(desk.console().verify_audit().await.unwrap().faults, Vec::<String>::new());

    // The next start finds nothing more to see to.
    let password = secret("tia-netid-password");
    let (cookie, _) = desk.log_in("tia", &password, &origin()).await.unwrap();
    desk.close().await;
    drop(desk);
    let desk = reopen(files.of_copy("copy")).await;
    assert!(desk.visitor(&cookie, &origin()).await.is_ok());
    assert_eq!(rows(&desk, AuditAction::StoreRestore).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_restored_over_anything_and_what_is_not_whole_leaves_nothing() {
    let files = OnFiles::new(|_| {}).await;
    let (backup, _) = back_up(&files.world).await;
    let settings = files.of_copy("copy");
    let beside = files.path("copy.restoring");

    let mut flipped = backup.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let cut = &backup[..backup.len() - 1];
    assert!(matches!(verified(&flipped), Err(BackupError::Damaged(_))));
    assert!(matches!(prepare(&flipped, &settings).await, Err(BackupError::Damaged(_))));
    assert!(matches!(prepare(cut, &settings).await, Err(BackupError::CutShort)));
    let other = Settings { database: "other".to_owned(), ..settings.clone() };
    assert!(matches!(prepare(&backup, &other).await, Err(BackupError::OtherDatabase(_))));
    assert!(!files.path("copy").exists() && !beside.exists());

    // A folder with something in it, before or meanwhile.
    std::fs::create_dir(files.path("copy")).unwrap();
    let late = prepare(&backup, &settings).await.unwrap();
    assert!(matches!(prepare(&backup, &settings).await, Err(BackupError::UnderWay(_))));
    std::fs::write(files.path("copy").join("mine"), "mine").unwrap();
    assert!(matches!(prepare(&backup, &settings).await, Err(BackupError::FolderTaken(_))));
    assert!(matches!(late.put_in_place().await, Err(BackupError::FolderTaken(_))));
    assert_eq!(std::fs::read_to_string(files.path("copy").join("mine")).unwrap(), "mine");
    assert!(!beside.exists());

    // A link is not replaced, wherever it leads.
    let link = files.path("link");
    std::os::unix::fs::symlink(files.path("elsewhere"), &link).unwrap();
    let refused = prepare(&backup, &files.of_copy("link")).await;
    assert!(matches!(refused, Err(BackupError::Folder { .. })), "{refused:?}");

    // What a killed one has left is cleared away, and an empty folder is no obstacle.
    std::fs::remove_file(files.path("copy").join("mine")).unwrap();
    std::fs::create_dir_all(beside.join("store")).unwrap();
    std::fs::write(beside.join("store").join("CURRENT"), "half").unwrap();
    let desk = files.restored(&backup, "copy").await;
    assert!(desk.ready().await && !beside.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_replaced_at_once_since_the_copy_is_one_to_be_revoked_again() {
    let files = OnFiles::new(|_| {}).await;
    let world = &files.world;
    let (_, old) = world.token("tia", "seen by others").await;
    let (_, report) = back_up(world).await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    world.renew_token(&permit, old.id.as_str(), GracePeriod::NONE).await.unwrap();
    let mut undone = Undone::default();
    let renewed = rows(world, AuditAction::TokenRenew).await;
    for row in &renewed {
        undone.add(&report.header, row);
    }
    undone.in_order();
    let expected = RevokedTokens::Some(vec![old.id.short().to_owned()]);
    assert_eq!(undone.tokens.get("tia"), Some(&expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_since_the_copy_is_read_though_a_clock_was_behind() {
    let files = OnFiles::new(|_| {}).await;
    let world = &files.world;
    let (_, old) = world.token("tia", "seen by others").await;
    world.clock.advance(30 * 24 * 3600);
    let (_, report) = back_up(world).await;
    world.clock.advance(-29 * 24 * 3600);
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    world.renew_token(&permit, old.id.as_str(), GracePeriod::NONE).await.unwrap();
    let mut undone = Undone::default();
    world.console().read_since(&report.header, &mut undone).await.unwrap();
    undone.check_source(&report.header).unwrap();
    undone.in_order();
    let expected = RevokedTokens::Some(vec![old.id.short().to_owned()]);
    assert_eq!(undone.tokens.get("tia"), Some(&expected));
    assert_eq!(undone.gaps, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audits_stream_goes_on_where_the_copy_was() {
    let files = OnFiles::new(|_| {}).await;
    let world = &files.world;
    let stream = world.audit_stream("it", true);
    let before = stream.next(10_000).await.unwrap();
    stream.sent(&before).await.unwrap();
    let (backup, _) = back_up(world).await;
    world.token("tia", "sent after the copy").await;
    let after = stream.next(10_000).await.unwrap();
    stream.sent(&after).await.unwrap();

    let desk = files.restored(&backup, "copy").await;
    let again = desk.audit_stream("it", true).next(10_000).await.unwrap();
    let seq = |row: Option<&AuditRow>| row.map(|row| row.link.seq);
    assert_eq!(seq(again.rows.first()), seq(before.rows.last()).map(|seq| seq + 1));
    assert_eq!((again.set_back.len(), again.missing), (0, 0));
    assert!(again.rows.iter().any(|row| row.action.code() == "store.restore"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_is_not_in_its_place_yet_no_backup_is_made_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let schedule = BackupSchedule { folder: folder.path().to_owned(), every_hours: 24, keep: 1 };
    let backups = BackupSettings { schedule: Some(schedule), recipients: Vec::new() };
    let files = OnFiles::new(|settings| settings.backups = backups).await;
    let path = files.world.back_up_if_due().await.unwrap().expect("there is none yet");
    let backup = std::fs::read(&path).unwrap();
    let restoring = prepare(&backup, &files.of_copy("copy")).await.unwrap();
    let desk = restoring.open().await.unwrap().expect("of this schema");
    assert_eq!((desk.last_backup(), desk.back_up_if_due().await.unwrap()), (None, None));
    assert!(path.exists(), "the one that is kept");
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_was_changed_in_the_copy_is_not_put_in_place() {
    let files = OnFiles::new(|settings| {
        settings.audit_key = Some(desk::Secret::new("a key of the operator's own".to_owned()));
    })
    .await;
    files.world.token("tia", "one").await;
    let (backup, _) = back_up(&files.world).await;
    // Whoever had no key wrote rows that do not bear its mark.
    let other = Some(desk::Secret::new("another key than the operator's".to_owned()));
    let settings = Settings { audit_key: other, ..files.of_copy("copy") };
    let restoring = prepare(&backup, &settings).await.unwrap();
    assert!(matches!(restoring.open().await, Err(BackupError::AuditBroken(_))));
    drop(restoring);
    assert!(!files.path("copy").exists() && !files.path("copy.restoring").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_backup_is_restored_by_its_identity_alone() {
    let files = OnFiles::new(|_| {}).await;
    let identity = age::x25519::Identity::generate();
    let options = BackupOptions {
        recipients: vec![identity.to_public().to_string().parse().unwrap()],
        ..BackupOptions::default()
    };
    let (backup, report) = back_up_with(&files.world, &options).await.unwrap();
    assert!(matches!(verified(&backup), Err(BackupError::NeedsIdentity)));
    let settings = files.of_copy("copy");
    assert!(matches!(prepare(&backup, &settings).await, Err(BackupError::NeedsIdentity)));
    let file = {
        use age::secrecy::ExposeSecret as _;
        desk::Secret::new(identity.to_string().expose_secret().to_owned())
    };
    let identities = BackupIdentities::parse(&file).unwrap();
    let input = Box::new(Cursor::new(backup));
    let restoring = Restoring::prepare(input, identities, &settings).await.unwrap();
    assert_eq!(restoring.put_in_place().await.unwrap(), report);
    assert!(reopen(settings).await.ready().await);
}

#[tokio::test]
async fn a_store_that_is_in_no_folder_is_not_backed_up_so() {
    let world = world().await;
    if world.settings.store.starts_with("rocksdb") {
        return;
    }
    let refused = back_up_with(&world, &BackupOptions::default()).await.map(drop);
    assert!(matches!(refused, Err(BackupError::NotInFolder)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_is_told_and_is_no_backup() {
    let files = OnFiles::new(|_| {}).await;
    let target: BackupTarget = Box::new(|| {
        let full: Box<dyn Write + Send> =
            Box::new(std::fs::OpenOptions::new().write(true).open("/dev/full")?);
        Ok(full)
    });
    let options = BackupOptions::default();
    let failed = files.world.console().back_up(target, &options).await;
    let Err(BackupError::Write(error)) = failed else { panic!("{failed:?}") };
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
}
