//! Keeps the store writable: looks at its disk, lets go of what is held back when a change could
//! not be written, opens the store again when there is room, and holds room back again. Where it
//! can only be opened by another process it says so, for this one to end. A server that refuses
//! everything is connected to anew. Tests: `server/tests/server/command_line/full_disk.rs`,
//! `failing_disk.rs`, `desk/tests/desk/refused_sign_in.rs`.

use std::time::{Duration, Instant};

use crate::engine::settings::Settings;
use crate::store::disk::Disk;
use crate::store::handle::Store;
use crate::store::open_error::OpenError;

/// How often the disk is looked at, and a store that takes no changes is tried.
const EVERY: Duration = Duration::from_secs(1);

/// How long to wait, at the most, before a store that could not be opened is tried again.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// The same of a server, which costs it next to nothing.
const MAX_WAIT_FOR_SERVER: Duration = Duration::from_secs(4);

/// How long a server may refuse questions before it is connected to anew: its client may be signing
/// in again.
const REFUSED_FOR: Duration = Duration::from_secs(3);

/// What was said last, so that it is said once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DiskState {
    Well,
    NearlyFull,
    Stopped,
}

/// Keeps the store writable until the desk is gone.
pub(crate) async fn keep_regularly(store: Store, settings: Settings) {
    let disk = settings.folder().map(|folder| Disk::new(folder, settings.disk_reserve));
    let most = if store.is_shared() { MAX_WAIT_FOR_SERVER } else { MAX_WAIT };
    let mut keeper = Keeper {
        store,
        settings,
        disk,
        logged: DiskState::Well,
        in_vain: false,
        refused_since: None,
    };
    let mut wait = EVERY;
    loop {
        let went_well = keeper.keep().await;
        wait = if went_well { EVERY } else { (wait * 2).min(most) };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            // A first failure is looked at at once; those that follow wait like everything.
            () = keeper.store.failed(), if went_well => {}
        }
    }
}

struct Keeper {
    store: Store,
    settings: Settings,
    /// None: a server's, or in memory.
    disk: Option<Disk>,
    logged: DiskState,
    /// It was let go of, and could not be opened.
    in_vain: bool,
    /// Since when a server refuses questions.
    refused_since: Option<Instant>,
}

impl Keeper {
    /// Looks once; false where the store could not be opened.
    async fn keep(&mut self) -> bool {
        let takes_changes = self.store.takes_changes(self.settings.clock.now()).await;
        let Some(disk) = self.disk.clone() else { return self.keep_connected().await };
        if takes_changes {
            self.look_at(&disk);
            return true;
        }
        self.store.set_nearly_full(disk.is_nearly_full());
        // A store that fails for another reason than want of room is opened again too, and keeps
        // what is held back.
        if !disk.has_room_to_open() {
            // What was let go is looked for at the next look: a store is not let go of while
            // somebody takes all the room that there is, since it could still be read.
            let released = disk.release().unwrap_or(false);
            self.store.set_nearly_full(true);
            self.say(if released { DiskState::NearlyFull } else { DiskState::Stopped }, &disk);
            return true;
        }
        match self.store.open_again(&self.settings, self.in_vain).await {
            Ok(()) => {
                self.in_vain = false;
                tracing::warn!(
                    "the store had stopped taking changes; it was opened again and takes them"
                );
                self.look_at(&disk);
                true
            }
            Err(error) => {
                if matches!(error, OpenError::InUse(_)) {
                    tracing::error!("the store’s files are not let go of; another process has to");
                    self.store.set_lost();
                } else {
                    tracing::error!(
                        %error,
                        "the store takes no changes and could not be opened again; trying again",
                    );
                }
                // What was let go is not there: the next look opens it, whatever it says of
                // writing.
                self.in_vain = true;
                self.store.set_failing();
                false
            }
        }
    }

    /// Connects to a server anew that refuses everything; false where that could not be done.
    async fn keep_connected(&mut self) -> bool {
        if !self.store.is_shared() || !self.store.is_refused().await {
            self.refused_since = None;
            return true;
        }
        if self.refused_since.get_or_insert_with(Instant::now).elapsed() < REFUSED_FOR {
            return true;
        }
        match self.store.connect_again(&self.settings).await {
            Ok(()) => {
                tracing::warn!("the store’s server had refused everything; connected to it anew");
                self.refused_since = None;
                true
            }
            Err(error) => {
                tracing::error!(
                    %error,
                    "the store’s server refuses everything and could not be connected to anew; \
                     trying again",
                );
                false
            }
        }
    }

    /// Holds room back where there is some, and says whether the disk is nearly full.
    fn look_at(&mut self, disk: &Disk) {
        if let Err(error) = disk.hold() {
            tracing::debug!(%error, "room on the disk could not be held back");
        }
        let nearly_full = disk.is_nearly_full();
        self.store.set_nearly_full(nearly_full);
        self.say(if nearly_full { DiskState::NearlyFull } else { DiskState::Well }, disk);
    }

    fn say(&mut self, what: DiskState, disk: &Disk) {
        if what == self.logged {
            return;
        }
        self.logged = what;
        let free_mib = disk.free().unwrap_or(0) >> 20;
        match what {
            DiskState::Well => tracing::info!(
                free_mib,
                "there is room again on the disk of the store: everything is done again"
            ),
            DiskState::NearlyFull => tracing::error!(
                free_mib,
                "the disk of the store is nearly full: log-ins and new tokens are refused, so that \
                 rights can still be taken away. Make room, or give the store a larger disk; it \
                 goes on by itself"
            ),
            DiskState::Stopped => tracing::error!(
                free_mib,
                "the disk of the store is full: nothing can be changed, not even revoked, and \
                 tokens go on working. Make room now; it goes on by itself"
            ),
        }
    }
}
