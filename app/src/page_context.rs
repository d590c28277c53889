//! What every part of a page shares while it is open: who is logged in, the clock, what the live
//! region says, and the news that `/live` brings. Tests: `end2end/tests/live.spec.ts`.

mod api;

use desk::{Action, Denied, Me, Moment, Refusal};
use leptos::prelude::*;
use leptos::task::spawn_local;

pub use api::{LayoutData, ReadLayout};

use crate::client::{call, leaves_by_itself};
use crate::flash::Outcome;
use crate::notice::{Notice, NoticeKind};
use crate::page::Tabs;
use crate::paths;

/// What every page shares while it is open: who is logged in, the clock, the live region.
#[derive(Clone, Copy)]
pub struct PageContext {
    /// Path, query and tabs.
    page: StoredValue<OpenPage>,
    /// What does not change while the page is open.
    layout: StoredValue<LayoutData>,
    /// The forms whose outcome has been shown; the browser's.
    spent: StoredValue<Vec<String>>,
    /// Who is logged in.
    pub me: RwSignal<Option<Me>>,
    /// What is in the way of their tokens or local password; bad: no password helps, it is closed
    /// or has lapsed.
    pub in_the_way: RwSignal<Option<Notice>>,
    /// The clock: the server's time, ticking once the page is alive. The same on the server and as
    /// the page comes to life.
    pub now: RwSignal<Moment>,
    /// Server's clock minus the browser's, in milliseconds.
    ahead: StoredValue<i64>,
    /// What the live region says.
    pub announced: RwSignal<Option<Notice>>,
    /// The script runs: what needs it may be shown.
    pub awake: RwSignal<bool>,
    /// The connection is lost.
    pub lost: RwSignal<bool>,
    /// Counts the news about the person's tokens.
    pub tokens_changed: RwSignal<u32>,
    /// Counts the news about the person's account.
    pub account_changed: RwSignal<u32>,
}

/// What the server was asked for, kept as long as the page is open.
struct OpenPage {
    /// Its path, as the server was asked for it.
    path: String,
    /// Its query, likewise.
    query: String,
    /// The tabs of its set.
    tabs: Tabs,
}

impl std::fmt::Debug for PageContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PageContext").finish_non_exhaustive()
    }
}

impl PageContext {
    /// Begins a visit, and provides it.
    pub(crate) fn begin(path: String, query: String, layout: LayoutData, tabs: Tabs) {
        provide_context(Self {
            page: StoredValue::new(OpenPage { path, query, tabs }),
            spent: StoredValue::default(),
            me: RwSignal::new(layout.me.clone()),
            in_the_way: RwSignal::new(layout.in_the_way.clone()),
            now: RwSignal::new(layout.now),
            ahead: StoredValue::new(0),
            announced: RwSignal::new(first_announcement(&layout.outcomes)),
            awake: RwSignal::new(false),
            lost: RwSignal::new(false),
            tokens_changed: RwSignal::new(0),
            account_changed: RwSignal::new(0),
            layout: StoredValue::new(layout),
        });
    }

    /// The visit that this page is part of.
    ///
    /// # Panics
    /// Outside of the app.
    #[must_use]
    pub fn get() -> Self {
        expect_context::<Self>()
    }

    /// What does not change while the page is open.
    pub fn layout<T>(self, read: impl FnOnce(&LayoutData) -> T) -> T {
        self.layout.with_value(read)
    }

    /// For whom the page was made, by NetID: also where somebody else is logged in by now.
    pub(crate) fn netid(self) -> String {
        self.layout(|layout| layout.me.as_ref().map(|me| me.netid.clone())).unwrap_or_default()
    }

    /// The server's time before it read what the page shows.
    #[must_use]
    pub fn made(self) -> Moment {
        self.layout(|layout| layout.now)
    }

    /// The path as the server was asked for it, without the query.
    #[must_use]
    pub fn path(self) -> String {
        self.page.with_value(|page| page.path.clone())
    }

    /// The tabs of the page's set.
    pub(crate) fn tabs(self) -> Tabs {
        self.page.with_value(|page| page.tabs)
    }

    /// The page's path and query.
    #[must_use]
    pub fn address(self) -> String {
        self.page.with_value(|OpenPage { path, query, .. }| {
            if query.is_empty() { path.clone() } else { format!("{path}?{query}") }
        })
    }

    /// The value of `key` in the page's query.
    #[must_use]
    pub fn query(self, key: &str) -> Option<String> {
        self.page.with_value(|page| paths::query_value(&page.query, key))
    }

    /// What became of the form of this name, posted before this page.
    ///
    /// It is told once: a form opened again later begins afresh.
    #[must_use]
    pub fn outcome(self, form: &str) -> Option<Outcome> {
        let outcome = self.refused(form)?;
        self.spent.update_value(|spent| spent.push(form.to_owned()));
        Some(outcome)
    }

    /// Whether the form of this name was refused before this page: it is then drawn open.
    #[must_use]
    pub fn has_outcome(self, form: &str) -> bool {
        self.refused(form).is_some()
    }

    fn refused(self, form: &str) -> Option<Outcome> {
        if self.spent.with_value(|spent| spent.iter().any(|name| name == form)) {
            return None;
        }
        self.layout(|layout| {
            layout
                .outcomes
                .iter()
                .find(|outcome| outcome.form == form && outcome.refusal.is_some())
                .cloned()
        })
    }

    /// Whether the session is confirmed, so that no local password is asked.
    #[must_use]
    pub fn is_confirmed(self) -> bool {
        let now = self.now.get();
        self.me.with(|me| {
            me.as_ref().and_then(|me| me.confirmed_until).is_some_and(|until| now < until)
        })
    }

    /// What is said of one's local password while it is closed, or has lapsed.
    pub(crate) fn closed(self) -> Option<Notice> {
        self.in_the_way.get().filter(|notice| notice.kind == NoticeKind::Bad)
    }

    /// Why the rules forbid this to whoever is logged in; none: they do not. Showing a button is a
    /// courtesy; the desk checks.
    #[must_use]
    pub fn denied(self, action: Action) -> Option<Denied> {
        self.me.with(|me| me.as_ref().map_or(Some(Denied::RoleTooLow), |me| me.denied(action)))
    }

    /// The live region says this.
    pub fn say(self, notice: Notice) {
        self.announced.set(Some(notice));
    }

    /// The live region falls silent.
    pub fn hush(self) {
        self.announced.set(None);
    }

    /// Asks again who is logged in.
    pub fn refresh(self) {
        spawn_local(async move {
            if let Ok(layout) = call::<ReadLayout>(&[]).await {
                // Nobody any more: before the news of the session's end, which is looked into.
                if layout.me.is_none() && self.me.try_with_untracked(Option::is_some) == Some(true)
                {
                    self.check_session();
                    return;
                }
                self.set_clock(layout.now);
                if self.me.try_with_untracked(|me| *me != layout.me) == Some(true) {
                    self.me.set(layout.me);
                }
                let _ = self.in_the_way.try_set(layout.in_the_way);
            }
        });
    }

    /// The session seems to have ended, as an answer says. It may only have got a new id a moment
    /// ago: asks once more before it leaves for the log-in.
    pub fn session_ended(self) {
        self.look_for_session(true);
    }

    /// The same, as the news say: where the session is still there, nothing is to be said.
    pub(crate) fn check_session(self) {
        self.look_for_session(false);
    }

    fn look_for_session(self, say: bool) {
        if !cfg!(feature = "hydrate") {
            return;
        }
        spawn_local(async move {
            match call::<ReadLayout>(&[]).await {
                Ok(layout) if layout.me.is_some() => {
                    if say {
                        self.say(Notice::bad("Your session was renewed meanwhile. Try again."));
                    }
                    self.account_changed.update(|n| *n += 1);
                }
                Ok(layout) if layout.trouble.is_some() => self.lost.set(true),
                Ok(_) if leaves_by_itself() => self.go(&paths::login_then(&current_path())),
                Ok(_) => {}
                Err(_) => self.lost.set(true),
            }
        });
    }

    /// Goes to another page and loads it whole.
    pub fn go(self, path: &str) {
        let location = window().location();
        // Assigning the address one is at does not load it again.
        let _ = if path == current_path() {
            location.reload()
        } else {
            location.assign(&paths::at(path))
        };
    }

    /// Takes the query off the address: what it opened is closed.
    pub fn forget_query(self) {
        let location = window().location();
        if location.search().is_ok_and(|search| !search.is_empty()) {
            self.set_address(&location.pathname().unwrap_or_default());
        }
    }

    /// Puts another address of this page in the place of the one it was opened by.
    pub fn set_address(self, address: &str) {
        let _ = window().history().and_then(|history| {
            history.replace_state_with_url(
                &leptos::wasm_bindgen::JsValue::NULL,
                "",
                Some(&paths::at(address)),
            )
        });
    }

    /// Sets the clock by the server's.
    fn set_clock(self, now: Moment) {
        self.ahead.set_value(now.0 - browser_now());
        self.tick();
    }

    /// Begins to tick.
    pub(crate) fn start_clock(self) {
        self.ahead.set_value(self.now.get_untracked().0 - browser_now());
        set_interval(move || self.tick(), std::time::Duration::from_secs(15));
    }

    fn tick(self) {
        self.now.set(Moment(browser_now() + self.ahead.get_value()));
    }
}

/// The first outcome that is not beside a field: a refusal, or what was done.
fn first_announcement(outcomes: &[Outcome]) -> Option<Notice> {
    let of = |outcome: &Outcome| match &outcome.refusal {
        Some(refusal) if refusal.field().is_some() => None,
        Some(refusal) if *refusal == Refusal::SessionEnded => {
            let text = "Your session had ended before this was sent. Nothing was done: check what \
                you typed and send it again.";
            Some(Notice { kind: NoticeKind::Warn, text: text.to_owned(), links: Vec::new() })
        }
        Some(refusal) => Some(Notice::bad(refusal.to_string())),
        None => outcome.notice.clone(),
    };
    outcomes.iter().find_map(of)
}

#[expect(clippy::cast_possible_truncation, reason = "whole milliseconds of this age fit")]
fn browser_now() -> i64 {
    js_sys::Date::now() as i64
}

/// Path and query of the page that is open, as the server knows them.
fn current_path() -> String {
    let location = window().location();
    let path = location.pathname().unwrap_or_default();
    format!(
        "{}{}",
        paths::within(&paths::prefix(), &path).unwrap_or(&path),
        location.search().unwrap_or_default()
    )
}
