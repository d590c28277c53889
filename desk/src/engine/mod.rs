//! The desk itself: accounts, local passwords, tokens, sessions and the audit, on SurrealDB.

mod administer;
mod audit;
mod clients;
mod clock;
mod console;
mod demo;
mod directory;
mod gate;
mod groups;
mod hasher;
mod import;
mod live;
mod login;
mod next_view;
mod passwords;
mod people;
mod policy;
mod provision;
mod push;
mod quiet;
mod secret;
mod sessions;
mod settings;
mod store;
mod sweep;
mod sync;
mod throttle;
mod tokens;
mod uses;
mod verify;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;

pub use administer::AccountChange;
pub use clients::{Client, ClientSecret, ClientView};
pub use clock::Clock;
pub use demo::{DEMO, DemoAccount, DemoError};
pub use directory::{Directory, DirectoryError, Extent, Vouched};
pub use gate::Permit;
pub use groups::GroupRules;
pub use import::{ImportReport, ImportUser};
pub use live::Change;
pub use login::Arrival;
pub use passwords::PasswordChange;
pub use policy::{PASSWORD_MAX, PASSWORD_MIN, generate_passphrase};
pub use push::{Push, PushError, PushedUser};
pub use quiet::Quiet;
pub use secret::{Cookie, PlainToken, Secret, TOKEN_LENGTH, TOKEN_PREFIX, random_form_key, short_hash};
pub use sessions::Visitor;
pub use settings::Settings;
pub use store::OpenError;
pub use sync::{MostLeaving, Planned, SyncError, SyncReport, SyncStep};
pub use tokens::{NewToken, TokenEdit};
pub use verify::{Good, Pass, Verdict, VerifyRequest};

use crate::Moment;
use hasher::Hasher;
use store::{AuditEntry, Store};
use throttle::Turns;
use uses::Uses;

/// The name of the command line's user in the audit.
pub const CONSOLE: &str = "(console)";

/// Where a request comes from, for the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The client's address.
    pub address: IpAddr,
    /// Its User-Agent, at most 256 characters.
    pub agent: String,
}

impl Origin {
    /// Of a command on this machine.
    #[must_use]
    pub fn console() -> Self {
        Self { address: IpAddr::from([127, 0, 0, 1]), agent: "latchkey command line".to_owned() }
    }
}

/// The desk. Cheap to clone; its background tasks end with the last clone.
#[derive(Clone, Debug)]
pub struct Desk {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    settings: Settings,
    store: Store,
    hasher: Hasher,
    directory: Option<Arc<dyn Directory>>,
    turns: Turns,
    crawl: Mutex<Option<push::Crawl>>,
    directory_turns: Turns,
    uses: Arc<Uses>,
    news: Arc<live::News>,
    tasks: Mutex<Vec<AbortHandle>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        let tasks = self.tasks.get_mut().unwrap_or_else(PoisonError::into_inner);
        tasks.drain(..).for_each(|task| task.abort());
    }
}

impl Desk {
    /// Opens the store, brings it to this program's schema and starts the desk with the built-in directory alone.
    ///
    /// # Errors
    /// [`OpenError`], each of which says what to do.
    pub async fn open(settings: Settings) -> Result<Self, OpenError> {
        Self::open_with(settings, None).await
    }

    /// As [`Desk::open`], with a directory beside the built-in one.
    ///
    /// # Errors
    /// [`OpenError`], each of which says what to do.
    pub async fn open_with(settings: Settings, directory: Option<Arc<dyn Directory>>) -> Result<Self, OpenError> {
        let hasher = Hasher::new(settings.hash_memory_kib, settings.hash_passes, settings.hash_lanes, settings.hash_threads)
            .map_err(OpenError::Hashing)?;
        let store = Store::open(&settings).await?;
        let news = Arc::new(live::News::new(settings.clock.clone()));
        let uses = Arc::new(Uses::default());
        let inner = Inner {
            settings,
            store,
            hasher,
            directory,
            turns: Turns::default(),
            crawl: Mutex::default(),
            directory_turns: Turns::default(),
            uses,
            news,
            tasks: Mutex::default(),
        };
        let desk = Self { inner: Arc::new(inner) };
        desk.start_tasks();
        Ok(desk)
    }

    fn start_tasks(&self) {
        let (store, uses, news) = (self.inner.store.clone(), self.inner.uses.clone(), self.inner.news.clone());
        let tasks = [
            tokio::spawn(live::follow(store.clone(), news)).abort_handle(),
            tokio::spawn(uses::write_regularly(store.clone(), uses)).abort_handle(),
            tokio::spawn(sweep::sweep_regularly(store, self.inner.settings.clone())).abort_handle(),
        ];
        lock(&self.inner.tasks).extend(tasks);
    }

    /// Ends the background tasks and writes what is noted in memory only. Call it at an orderly stop, after the last request.
    pub async fn close(&self) {
        let turn = self.inner.uses.turn().await;
        lock(&self.inner.tasks).drain(..).for_each(|task| task.abort());
        drop(turn);
        self.inner.uses.write(&self.inner.store).await;
    }

    /// The operator's settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// What time it is for the desk.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.inner.settings.clock.now()
    }

    /// Whether the store answers, and takes changes where it did not take the last one.
    pub async fn ready(&self) -> bool {
        // A store that is silent is not ready either, and whoever watches wants to know soon.
        tokio::time::timeout(verify::PATIENCE, self.inner.store.is_ready(self.now())).await.unwrap_or(false)
    }

    /// An audit row about `subject`; the caller fills in the outcome's detail.
    fn entry(actor: &str, subject: &str, action: &'static str, origin: &Origin) -> AuditEntry {
        AuditEntry {
            actor: actor.to_owned(),
            subject: subject.to_owned(),
            action,
            outcome: "done",
            address: origin.address.to_string(),
            agent: origin.agent.chars().take(256).collect(),
            detail: String::new(),
        }
    }
}

/// "1 token", "2 tokens".
fn counted(many: usize, what: &str) -> String {
    format!("{many} {what}{}", if many == 1 { "" } else { "s" })
}

/// A lock whose holder panicked is taken all the same: what these guard is whole between any two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
