use std::sync::{Arc, OnceLock};

use desk::{Action, Denied, Me, Moment, NetId, Person, Refusal, rules};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{FrameView, frame};
use crate::fault::Fault;
use crate::flash::Outcome;
use crate::parts::{Kind, Notice};
use crate::paths;
use crate::told::Told;

/// What every page shares while it is open: who is logged in, the clock, the live region.
///
/// Await [`Visit::ready`] before reading it; [`crate::parts::loaded`] does.
#[derive(Clone, Copy)]
pub struct Visit {
    first: OnceResource<Result<Told, Fault>>,
    /// What does not change while the page is open, once it is there.
    view: StoredValue<Arc<OnceLock<FrameView>>>,
    /// The forms whose outcome has been shown; the browser's.
    spent: StoredValue<Vec<String>>,
    /// Who is logged in.
    pub me: RwSignal<Option<Me>>,
    /// The clock: the server's time, ticking once the page is alive. The same on the server and as the page comes to life.
    pub now: RwSignal<Moment>,
    /// Server's clock minus the browser's, in milliseconds.
    ahead: StoredValue<i64>,
    /// What the live region says.
    pub said: RwSignal<Option<Notice>>,
    /// The script runs: what needs it may be shown.
    pub awake: RwSignal<bool>,
    /// The connection is lost.
    pub lost: RwSignal<bool>,
    /// Counts the news about the person's tokens.
    pub tokens_changed: RwSignal<u32>,
    /// Counts the news about the person's account.
    pub account_changed: RwSignal<u32>,
}

impl std::fmt::Debug for Visit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Visit").finish_non_exhaustive()
    }
}

impl Visit {
    /// Begins a visit: asks for what every page knows, and provides it.
    pub fn begin() {
        provide_context(Self {
            first: OnceResource::new(async { frame().await.and_then(Told::new) }),
            view: StoredValue::default(),
            spent: StoredValue::default(),
            me: RwSignal::new(None),
            now: RwSignal::new(Moment::default()),
            ahead: StoredValue::new(0),
            said: RwSignal::new(None),
            awake: RwSignal::new(false),
            lost: RwSignal::new(false),
            tokens_changed: RwSignal::new(0),
            account_changed: RwSignal::new(0),
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

    /// Waits until it is known who is there.
    pub async fn ready(self) {
        let told = self.first.await;
        // The server draws parts of a page side by side on its threads, and a value that one of them writes counts as gone
        // for another that reads it meanwhile. So all is written once, by whoever is first, while the others wait.
        self.view.get_value().get_or_init(move || {
            let view = told.and_then(|told| told.read().ok_or(Fault(Refusal::Unreadable)));
            let view: FrameView = view.unwrap_or_else(|fault| FrameView { trouble: Some(fault.0), ..FrameView::default() });
            self.now.set(view.now);
            self.me.set(view.me.clone());
            self.said.set(said_at_first(&view.outcomes));
            view
        });
    }

    /// What does not change while the page is open.
    pub fn view<T>(self, read: impl FnOnce(&FrameView) -> T) -> T {
        read(self.view.get_value().get().unwrap_or(&FrameView::default()))
    }

    /// What became of the form of this name, posted before this page.
    ///
    /// The browser tells it once: a form opened again later begins afresh. The server may draw a page twice.
    #[must_use]
    pub fn outcome(self, form: &str) -> Option<Outcome> {
        let outcome = self.refused(form)?;
        if cfg!(not(feature = "ssr")) {
            self.spent.update_value(|spent| spent.push(form.to_owned()));
        }
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
        self.view(|view| view.outcomes.iter().find(|outcome| outcome.form == form && outcome.refusal.is_some()).cloned())
    }

    /// Whether the session is confirmed, so that no local password is asked.
    #[must_use]
    pub fn is_confirmed(self) -> bool {
        let now = self.now.get();
        self.me.with(|me| me.as_ref().and_then(|me| me.confirmed_until).is_some_and(|until| now < until))
    }

    /// Why the rules forbid this to whoever is logged in; none: they do not. Showing a button is a courtesy; the desk checks.
    #[must_use]
    pub fn denied(self, action: Action) -> Option<Denied> {
        self.me.with(|me| {
            let Some((me, netid)) = me.as_ref().and_then(|me| Some((me, NetId::parse(&me.netid).ok()?))) else {
                return Some(Denied::RoleTooLow);
            };
            let person = Person { netid, role: me.role, privileged: me.privileged, disabled: false, local: me.local.state };
            rules::check(&person, action, None).err()
        })
    }

    /// The live region says this.
    pub fn say(self, notice: Notice) {
        self.said.set(Some(notice));
    }

    /// The live region falls silent.
    pub fn hush(self) {
        self.said.set(None);
    }

    /// Asks again who is logged in.
    pub fn refresh(self) {
        spawn_local(async move {
            if let Ok(view) = frame().await {
                self.set_clock(view.now);
                if self.me.try_with_untracked(|me| *me != view.me) == Some(true) {
                    self.me.set(view.me);
                }
            }
        });
    }

    /// The session seems to have ended, as an answer says. It may only have got a new id a moment ago: asks once more
    /// before it leaves for the log-in.
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
            match frame().await {
                Ok(view) if view.me.is_some() => {
                    if say {
                        self.say(Notice::bad("Your session was renewed meanwhile. Try again."));
                    }
                    self.account_changed.update(|n| *n += 1);
                }
                Ok(view) if view.trouble.is_some() => self.lost.set(true),
                Ok(_) => self.go(&paths::login_then(&current_path())),
                Err(_) => self.lost.set(true),
            }
        });
    }

    /// Goes to another page and loads it whole.
    pub fn go(self, path: &str) {
        let location = window().location();
        // Assigning the address one is at does not load it again.
        let _ = if path == current_path() { location.reload() } else { location.assign(path) };
    }

    /// Takes the query off the address: what it opened is closed.
    pub fn forget_query(self) {
        let location = window().location();
        if location.search().is_ok_and(|search| !search.is_empty()) {
            let path = location.pathname().ok();
            let _ = window()
                .history()
                .and_then(|history| history.replace_state_with_url(&leptos::wasm_bindgen::JsValue::NULL, "", path.as_deref()));
        }
    }

    /// Sets the clock by the server's.
    pub(super) fn set_clock(self, now: Moment) {
        self.ahead.set_value(now.0 - browser_now());
        self.tick();
    }

    /// Begins to tick.
    pub(super) fn start_clock(self) {
        self.ahead.set_value(self.now.get_untracked().0 - browser_now());
        set_interval(move || self.tick(), std::time::Duration::from_secs(15));
    }

    fn tick(self) {
        self.now.set(Moment(browser_now() + self.ahead.get_value()));
    }
}

/// The first outcome that is not beside a field: a refusal, or what was done.
fn said_at_first(outcomes: &[Outcome]) -> Option<Notice> {
    let of = |outcome: &Outcome| match &outcome.refusal {
        Some(refusal) if refusal.field().is_some() => None,
        Some(refusal) if *refusal == Refusal::SessionEnded => {
            let text = "Your session had ended before this was sent. Nothing was done: check what you typed and send it again.";
            Some(Notice { kind: Kind::Warn, text: text.to_owned(), link: None })
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

/// Path and query of the page that is open.
fn current_path() -> String {
    let location = window().location();
    format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default())
}
