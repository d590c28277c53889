//! The desk: its parts, and how they are started and stopped. What it does stands in the folders
//! beside this file, an `impl Desk` for each feature.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::Moment;
use crate::engine::audit::chain_end::note_chain_end;
use crate::engine::audit::looks::Looks;
use crate::engine::audit::refusals::{self, Refusals};
use crate::engine::audit::unwaited::{self, Unwaited};
use crate::engine::authz::under_way::UnderWay;
use crate::engine::background::backups::back_up_regularly;
use crate::engine::background::cleanup::clean_up_regularly;
use crate::engine::background::driver::Driver;
use crate::engine::background::retention::remove_old_rows_regularly;
use crate::engine::background::store_keeper::keep_regularly;
use crate::engine::background::terms::renew_terms;
use crate::engine::backup::restored::see_to_restored;
use crate::engine::backup::scheduled::LastBackups;
use crate::engine::events::{Events, follow};
use crate::engine::figures::counts::Counts;
use crate::engine::identity::alternating::Alternating;
use crate::engine::identity::directory::Directory;
use crate::engine::identity::page_cursor::PageCursor;
use crate::engine::identity::people_count::PeopleCount;
use crate::engine::notices::beginning;
use crate::engine::notices::making::make_regularly;
use crate::engine::passwords::guessed_at::GuessedAt;
use crate::engine::passwords::hasher::Hasher;
use crate::engine::passwords::judging::Judging;
use crate::engine::passwords::keyed_lock::KeyedLocks;
use crate::engine::passwords::unwritten::{UnwrittenCounts, UnwrittenTries};
use crate::engine::request_tracker::flights::OldStrings;
use crate::engine::secret::Secret;
use crate::engine::sessions::unkept::Unkept;
use crate::engine::settings::Settings;
use crate::engine::verify::cache::Cache;
use crate::engine::verify::known_ids;
use crate::engine::verify::timeout::VERIFY_TIMEOUT;
use crate::engine::verify::usage::{STOP_TIMEOUT, Usage, write_regularly};
use crate::store::connect::{AS_ROOT, is_root};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::open_error::OpenError;

/// How long a stop waits for what the audit still has to write.
const END_AUDIT_TIMEOUT: Duration = Duration::from_millis(800);

/// The desk. Cheap to clone; its background tasks end with the last clone.
#[derive(Clone)]
pub struct Desk {
    pub(crate) inner: Arc<Inner>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}

/// The desk's parts.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) store: Store,
    pub(crate) hasher: Hasher,
    pub(crate) judging: Judging,
    pub(crate) directory: Option<Arc<dyn Directory>>,
    /// One password of a person from one source is looked at at a time.
    pub(crate) turns: KeyedLocks,
    /// One form is done at a time.
    pub(crate) forms: UnderWay,
    pub(crate) guessed_at: GuessedAt,
    pub(crate) alternating: Alternating,
    pub(crate) unwritten_counts: UnwrittenCounts,
    pub(crate) unwritten_tries: UnwrittenTries,
    /// By which browsers are marked and networks are counted, once it was read.
    pub(crate) sources_key: OnceCell<Secret>,
    /// From when on log-ins are written down.
    pub(crate) log_ins_since: Moment,
    /// How many people there were when an identity system last took somebody away.
    pub(crate) people_counted: PeopleCount,
    pub(crate) page_cursor: Mutex<Option<PageCursor>>,
    pub(crate) cache: Arc<Cache>,
    /// Strings of Request Tracker that are looked at for the first time.
    pub(crate) old_strings: OldStrings,
    pub(crate) usage: Arc<Usage>,
    pub(crate) counts: Counts,
    pub(crate) events: Arc<Events>,
    pub(crate) refusals: Arc<Refusals>,
    pub(crate) unwaited: Arc<Unwaited>,
    pub(crate) looks: Looks,
    /// New tokens without script that the store could not keep for the page that shows them.
    pub(crate) unkept: Unkept,
    pub(crate) last_backups: Arc<LastBackups>,
    driver: Driver,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Tasks of its own may be in the middle of a question while the process ends.
        self.store.let_go();
    }
}

impl Desk {
    /// What is to be said of these settings once the store's server has been asked; none: nothing.
    pub async fn store_hazard(settings: &Settings) -> Option<&'static str> {
        is_root(settings).await.then_some(AS_ROOT)
    }

    /// Opens the store, brings it to this program's schema and starts the desk with the built-in
    /// directory alone.
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
    pub async fn open_with(
        settings: Settings,
        directory: Option<Arc<dyn Directory>>,
    ) -> Result<Self, OpenError> {
        let hasher = Hasher::new(
            settings.hash_memory_kib,
            settings.hash_passes,
            settings.hash_lanes,
            settings.hash_threads,
        )
        .map_err(OpenError::Hashing)?;
        // Embedded, the store is this process's alone.
        let cache = Arc::new(Cache::new(settings.cached_tokens, settings.store.starts_with("ws")));
        let store = Store::open(&settings, cache.clone()).await?;
        let unreachable = |error: StoreError| OpenError::of(&settings.store, error.to_string());
        see_to_restored(&store, settings.clock.now()).await.map_err(unreachable)?;
        beginning::begin(&store, &settings).await;
        let log_ins_since = store.log_ins_since().await.map_err(unreachable)?;
        let last_backups = LastBackups::noted(&store, &settings).await.map_err(unreachable)?;
        let events = Arc::new(Events::new(settings.clock.clone()));
        let usage = Arc::new(Usage::default());
        let refusals = Arc::new(Refusals::default());
        let unwaited = Arc::new(Unwaited::new(refusals.clone()));
        let driver = Driver::default();
        start(&driver, &store, &cache, &events, &usage, &settings);
        start_backups(&driver, &store, &settings, &last_backups);
        let counting = (store.clone(), refusals.clone(), settings.clock.clone());
        driver.run("writing repeated refusals", move || {
            let (store, refusals, clock) = counting.clone();
            refusals::write_regularly(store, refusals, clock)
        });
        let noting = (store.clone(), unwaited.clone());
        driver.run("writing refused log-ins", move || {
            let (store, unwaited) = noting.clone();
            unwaited::write_regularly(store, unwaited)
        });
        let inner = Inner {
            settings,
            store,
            hasher,
            judging: Judging::default(),
            directory,
            turns: KeyedLocks::default(),
            forms: UnderWay::default(),
            guessed_at: GuessedAt::default(),
            alternating: Alternating::default(),
            unwritten_counts: UnwrittenCounts::default(),
            unwritten_tries: UnwrittenTries::default(),
            sources_key: OnceCell::new(),
            log_ins_since,
            people_counted: PeopleCount::default(),
            page_cursor: Mutex::default(),
            cache,
            old_strings: OldStrings::default(),
            usage,
            counts: Counts::default(),
            events,
            refusals,
            unwaited,
            looks: Looks::default(),
            unkept: Unkept::default(),
            last_backups,
            driver,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Ends the background tasks, writes what is noted in memory only, and lets go of the store:
    /// whoever still asks for something is told that it is not there. Call it at an orderly stop,
    /// after the last request. It takes some seconds at most, whatever the store does: what could
    /// not be written by then is forgotten, and the log says so.
    pub async fn close(&self) {
        self.write_last().await;
        self.inner.driver.stop();
        self.inner.store.let_go();
    }

    async fn write_last(&self) {
        let usage = &self.inner.usage;
        let writing = async {
            // What is being written by itself is written first.
            let turns = (usage.turn().await, self.inner.unwaited.turn().await);
            self.inner.driver.stop();
            drop(turns);
            usage.write(&self.inner.store, self.now()).await;
        };
        let written = tokio::time::timeout(STOP_TIMEOUT, writing).await;
        if written.is_err() || usage.left() > 0 {
            tracing::warn!(
                left = usage.left(),
                "uses of tokens are not written: there are too many, or the store does not answer"
            );
            // It would only be waited for once more: a stop ends within ten seconds.
            return;
        }
        if tokio::time::timeout(END_AUDIT_TIMEOUT, self.write_audit_ends()).await.is_err() {
            tracing::warn!("the store is too slow for the audit's last rows");
        }
    }

    /// Ends what runs by itself.
    pub(crate) fn end_background(&self) {
        self.inner.driver.stop();
    }

    /// Writes what is noted in memory only, as happens by itself every so often: uses of tokens,
    /// repeated refusals, how far the audit has come.
    pub async fn write_noted(&self) {
        self.inner.usage.write(&self.inner.store, self.now()).await;
        self.write_audit_ends().await;
    }

    async fn write_audit_ends(&self) {
        let store = &self.inner.store;
        // What could not be written is counted, and the next line tells of it.
        let _ = self.inner.unwaited.write(store).await;
        if let Err(error) = self.inner.refusals.write_all(store, self.now()).await {
            tracing::warn!(%error, "repeated refusals could not be written to the audit");
        }
        self.note_chain_ends().await;
    }

    /// Writes to the log, and notes in the store, how far this node's chain of audit rows has come.
    pub async fn note_chain_ends(&self) {
        note_chain_end(&self.inner.store, self.now()).await;
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

    /// Whether the store's disk is so nearly full that nothing new is made.
    #[must_use]
    pub fn is_nearly_full(&self) -> bool {
        self.inner.store.is_nearly_full()
    }

    /// Waits until the store cannot be taken up again by this process, which its engine keeps from
    /// it for good: whoever serves the desk ends then, for another to be started.
    pub async fn lost(&self) {
        self.inner.store.lost().await;
    }

    /// Whether the store answers, and takes changes as far as is known.
    pub async fn ready(&self) -> bool {
        // A store that is silent is not ready either, and whoever watches wants to know soon.
        tokio::time::timeout(VERIFY_TIMEOUT, self.inner.store.is_ready()).await.unwrap_or(false)
    }
}

/// Starts what runs by itself.
fn start(
    driver: &Driver,
    store: &Store,
    cache: &Arc<Cache>,
    events: &Arc<Events>,
    usage: &Arc<Usage>,
    settings: &Settings,
) {
    let following = (store.clone(), cache.clone(), events.clone());
    driver.run("the live feed", move || {
        let (store, cache, events) = following.clone();
        follow(store, cache, events)
    });
    let writing = (store.clone(), usage.clone(), settings.clock.clone());
    driver.run("writing uses of tokens", move || {
        let (store, usage, clock) = writing.clone();
        write_regularly(store, usage, clock)
    });
    let keeping = (store.clone(), settings.clone());
    driver.run("keeping the store writable", move || {
        let (store, settings) = keeping.clone();
        keep_regularly(store, settings)
    });
    let reading = (store.clone(), cache.ids.clone());
    driver.run("reading which tokens there are", move || {
        let (store, known) = reading.clone();
        known_ids::read_regularly(store, known)
    });
    let renewing = store.clone();
    driver.run("making anew what people are found by", move || renew_terms(renewing.clone()));
    let cleaning = (store.clone(), settings.clone());
    driver.run("cleaning up", move || {
        let (store, settings) = cleaning.clone();
        clean_up_regularly(store, settings)
    });
    let making = (store.clone(), settings.clone());
    driver.run("making notices", move || {
        let (store, settings) = making.clone();
        make_regularly(store, settings)
    });
    let removing = (store.clone(), settings.clone());
    driver.run("removing old rows of the audit", move || {
        let (store, settings) = removing.clone();
        remove_old_rows_regularly(store, settings)
    });
}

/// Starts making backups, and notes how they went.
fn start_backups(driver: &Driver, store: &Store, settings: &Settings, last: &Arc<LastBackups>) {
    let copying = (store.clone(), settings.clone(), last.clone());
    driver.run("making backups", move || {
        let (store, settings, last) = copying.clone();
        back_up_regularly(store, settings, last)
    });
}
