//! Takes the store up again where it has stopped taking changes, and says whether its disk is
//! nearly full. Tests: here, and on a disk that fills
//! `server/tests/server/command_line/full_disk.rs`, on one that fails `failing_disk.rs`.
//!
//! A write that RocksDB could not make whole (there was no room) ends all writing to the open
//! store, for good: what is in memory is not what is on the disk. Opened again it goes on from what
//! is on the disk, which is all that was acknowledged. And a connection to a server that refuses
//! everything is made anew: `desk/tests/desk/refused_sign_in.rs`.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::Moment;
use crate::engine::settings::Settings;
use crate::store::chain::Chain;
use crate::store::connect::connect;
use crate::store::counts::Counted;
use crate::store::database::Database;
use crate::store::error::StoreError;
use crate::store::handle::{STORE_TIMEOUT, Store};
use crate::store::migrations;
use crate::store::open_error::OpenError;

/// How long the questions under way, and the engine itself, may take to let go of the files.
const LET_GO_TIMEOUT: Duration = Duration::from_mins(1);

/// The same once it could not be opened: what SurrealDB began then it may never let go of.
const LET_GO_AGAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// How long to wait before the files are tried again: at first, and at the most. RocksDB leaves a
/// file behind for each try.
const AGAIN_AFTER: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

impl Store {
    /// Tries a write, where the last change could not be written; whether the store takes changes.
    pub(crate) async fn takes_changes(&self, now: Moment) -> bool {
        if !self.failing.load(Ordering::Relaxed) {
            return true;
        }
        let written = self.note_written(now).await.is_ok();
        if written {
            self.failing.store(false, Ordering::Relaxed);
        }
        written
    }

    /// Whether the last change could not be written, and nothing since.
    pub(crate) fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    /// Says whether the disk is nearly full: what makes something new is refused then.
    pub(crate) fn set_nearly_full(&self, is: bool) {
        self.nearly_full.store(is, Ordering::Relaxed);
    }

    /// Whether the disk is nearly full.
    pub(crate) fn is_nearly_full(&self) -> bool {
        self.nearly_full.load(Ordering::Relaxed)
    }

    /// Waits until the last change could not be written.
    pub(crate) async fn failed(&self) {
        self.has_failed.notified().await;
    }

    /// Lets go of the store and opens it again. Meanwhile it cannot be asked; what verify remembers
    /// goes on. Whatever was read before is read anew.
    ///
    /// # Errors
    /// [`OpenError`]. It is not there then: try again, with `in_vain`. But [`OpenError::InUse`]
    /// says that this process holds its files for good: only another one can open it.
    pub(crate) async fn open_again(
        &self,
        settings: &Settings,
        in_vain: bool,
    ) -> Result<(), OpenError> {
        // Nobody writes meanwhile, nor takes an end of the chain for the present one.
        let mut chain = self.chain.lock().await;
        self.connection.let_go();
        let timeout = if in_vain { LET_GO_AGAIN_TIMEOUT } else { LET_GO_TIMEOUT };
        let db = once_let_go(settings, timeout).await?;
        self.go_on_with(db, &mut chain, settings).await
    }

    /// Connects to the server anew and goes on with that. SurrealDB's client signs in again where
    /// the connection broke; but once that was refused (a server that was starting, with another
    /// password) it never tries again, and refuses every question by itself.
    ///
    /// # Errors
    /// [`OpenError`]; the connection of before is there then as it was.
    pub(crate) async fn connect_again(&self, settings: &Settings) -> Result<(), OpenError> {
        let unreachable =
            |why: String| OpenError::Unreachable { store: settings.store.clone(), why };
        let connecting = async {
            let db = connect(settings).await?;
            let older =
                migrations::older(&db).await.map_err(|error| unreachable(error.to_string()));
            match older? {
                Some((found, known)) => Err(OpenError::Older { found, known }),
                None => Ok(db),
            }
        };
        let db = tokio::time::timeout(STORE_TIMEOUT, connecting)
            .await
            .map_err(|_| unreachable(StoreError::Silent.to_string()))??;
        let mut chain = self.chain.lock().await;
        self.connection.let_go();
        self.go_on_with(db, &mut chain, settings).await
    }

    /// Goes on with a new connection. Whatever was read before is read anew.
    async fn go_on_with(
        &self,
        db: Database,
        chain: &mut Chain,
        settings: &Settings,
    ) -> Result<(), OpenError> {
        self.connection.set(db);
        self.clock.set(None);
        self.observer.everything();
        let unreachable = |error: StoreError| OpenError::of(&settings.store, error.to_string());
        let deadline = Instant::now() + STORE_TIMEOUT;
        *chain = self.chain_end(&chain.node, deadline).await.map_err(unreachable)?;
        self.counts.ends(chain.seq);
        self.counts.add(Counted::Reopening);
        self.failing.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Whether the server, or the client by itself, refuses questions: not that it is away.
    pub(crate) async fn is_refused(&self) -> bool {
        self.has_schema().await.is_err_and(|error| {
            matches!(error, StoreError::Failed(_)) && !error.is_of_the_connection()
        })
    }

    /// Says that this process cannot have the store any more.
    pub(crate) fn set_lost(&self) {
        self.lost.notify_one();
    }

    /// Waits until this process cannot have the store any more.
    pub(crate) async fn lost(&self) {
        self.lost.notified().await;
    }
}

/// Opens the store once its files are let go of.
async fn once_let_go(settings: &Settings, timeout: Duration) -> Result<Database, OpenError> {
    let deadline = Instant::now() + timeout;
    let (mut wait, most) = AGAIN_AFTER;
    loop {
        match connect(settings).await {
            Err(OpenError::InUse(_)) if Instant::now() < deadline => {}
            other => return other,
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(most);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tempfile::TempDir;

    use super::*;
    use crate::engine::verify::cache::Cache;
    use crate::store::chain_lock::ChainLock;
    use crate::store::change::{AuditEntry, Change};
    use crate::store::vars::vars;

    const NOW: Moment = Moment(1_000);

    fn marked(mark: &str) -> Change {
        Change::new(
            "UPSERT type::record('meta', $mark) SET at = 1",
            vars! { "mark" => mark.to_owned() },
        )
        .audited(AuditEntry::sample())
    }

    /// Settings of a store on files, and their folder.
    fn on_files() -> (TempDir, Settings) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = format!("rocksdb://{}", folder.path().join("store").display());
        (folder, Settings { store, ..Settings::default() })
    }

    async fn opened(settings: &Settings) -> Store {
        Store::open(settings, Arc::new(Cache::new(1, false))).await.expect("a new one")
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_written_is_there_after_it_was_opened_again_and_writing_goes_on() {
        let (_folder, settings) = on_files();
        let store = opened(&settings).await;
        store.commit(marked("before"), NOW).await.expect("written");
        let mut gone = store.connection.watch();
        store.open_again(&settings, false).await.expect("it lets go of its files");
        assert!(gone.has_changed().expect("it is there"));
        gone.mark_unchanged();
        store.commit(marked("after"), NOW).await.expect("written");
        for mark in ["before", "after"] {
            let sql = "SELECT VALUE at FROM type::record('meta', $mark)";
            let found =
                store.row::<i64>(sql, vars! { "mark" => mark.to_owned() }).await.expect("read");
            assert_eq!(found, Some(1), "{mark}");
        }
        assert_eq!(store.own_chain_end().await.map(|end| end.seq), Some(2));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_looked_up_waits_for_it_and_does_not_keep_it_from_being_opened() {
        let (_folder, settings) = on_files();
        let store = opened(&settings).await;
        store.commit(marked("one"), NOW).await.expect("written");
        let rows = store.chain_rows("main", 0, 1).await.expect("read");
        let mut turn = ChainLock::take(&store).await;
        store.connection.let_go();
        let deadline = Instant::now() + LET_GO_TIMEOUT;
        let (landed, opened) = tokio::join!(
            store.landed(&mut turn, &rows[0].uuid, None, deadline),
            store.open_again(&settings, false),
        );
        opened.expect("nobody keeps it from that");
        assert!(landed.expect("asked once it was there"));
    }

    #[tokio::test]
    async fn files_that_are_held_are_waited_for_ever_more_seldom_and_not_for_ever() {
        let (folder, settings) = on_files();
        let _held = connect(&settings).await.expect("a new one");
        let opened = once_let_go(&settings, AGAIN_AFTER.0 * 10).await;
        assert!(matches!(opened, Err(OpenError::InUse(_))), "{opened:?}");
        let left = std::fs::read_dir(folder.path().join("store")).expect("a folder");
        let logs = left.flatten().filter(|file| file.file_name().to_string_lossy().contains("LOG"));
        assert!(logs.count() < 8, "a file for each try");
    }

    #[tokio::test]
    async fn while_it_is_made_anew_it_is_not_there() {
        let store = opened(&Settings::default()).await;
        store.connection.let_go();
        assert!(matches!(store.commit(marked("none"), NOW).await, Err(StoreError::Silent)));
        assert!(!store.is_ready().await);
    }

    #[tokio::test]
    async fn on_a_disk_that_is_nearly_full_only_what_takes_rights_away_is_written() {
        use crate::{AuditAction, Outcome};
        let store = opened(&Settings::default()).await;
        store.set_nearly_full(true);
        let of = |action, outcome| {
            Change::default().audited(AuditEntry { action, outcome, ..AuditEntry::sample() })
        };
        for action in AuditAction::ALL {
            let done = store.commit(of(*action, Outcome::Done), NOW).await;
            assert_eq!(
                matches!(done, Err(StoreError::NearlyFull)),
                action.needs_room(),
                "{action:?}: {done:?}"
            );
            store
                .commit(of(*action, Outcome::Refused), NOW)
                .await
                .expect("refusals are counted by the minute");
            store
                .commit(of(*action, Outcome::Done).even_if_nearly_full(), NOW)
                .await
                .expect("the Help Desk logs in");
        }
        store.set_nearly_full(false);
        store
            .commit(of(AuditAction::TokenCreate, Outcome::Done), NOW)
            .await
            .expect("there is room again");
    }
}
