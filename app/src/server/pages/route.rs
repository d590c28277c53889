//! Who may ask for a page, and what it shows: the server's part of a page.

use std::future::Future;
use std::pin::Pin;

use desk::Refusal;

use crate::admin::users;
use crate::pages::{AdminPage, Page, SettingsPage};
use crate::server::RequestContext;
use crate::settings::about_me::AboutMe;

/// Every part of pages, in demo mode.
pub(super) const STYLEGUIDE: &str = "/styleguide";

/// Who works at the desk begins there.
pub(super) const SELECT_USER: &str = users::FoundUsers::PATH;

/// Paths that lead to a page.
pub(super) const LEADING: [(&str, &str); 2] =
    [("/settings", AboutMe::PATH), ("/admin", SELECT_USER)];

/// The paths of the pages, as axum writes them.
pub fn paths() -> impl Iterator<Item = &'static str> {
    let leading = LEADING.into_iter().map(|(path, _)| path);
    ["/", STYLEGUIDE].into_iter().chain(leading).chain(entries().map(|entry| entry.path))
}

/// Who may ask for a page at all. What they may see there, the desk decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// Anybody.
    Open,
    /// Who is logged in; everybody else is led to the log-in first.
    LoggedIn,
}

/// What becomes of asking for a page.
#[derive(Debug)]
pub(crate) enum Loaded<P> {
    /// It is shown.
    Page(P),
    /// It leads to another path.
    Elsewhere(String),
    /// There is nothing.
    Nothing,
}

impl<P> Loaded<P> {
    pub(crate) fn map<Q>(self, page: impl FnOnce(P) -> Q) -> Loaded<Q> {
        match self {
            Self::Page(shown) => Loaded::Page(page(shown)),
            Self::Elsewhere(path) => Loaded::Elsewhere(path),
            Self::Nothing => Loaded::Nothing,
        }
    }
}

/// A page that is asked for by its path.
pub(crate) trait PageRoute: Page {
    /// Who may ask for it.
    const GUARD: Guard = Guard::LoggedIn;

    /// What it shows.
    ///
    /// # Errors
    /// Why it shows nothing.
    fn load(context: &RequestContext)
    -> impl Future<Output = Result<Loaded<Self>, Refusal>> + Send;
}

/// What `P` shows to this request, or why it shows nothing.
pub(crate) async fn found<P: PageRoute>(context: &RequestContext) -> Result<Loaded<P>, Refusal> {
    P::load(context).await
}

/// A page of either set.
#[expect(clippy::large_enum_variant, reason = "there is one of them, once a page")]
pub(crate) enum Answer {
    Settings(SettingsPage),
    Admin(AdminPage),
}

impl From<SettingsPage> for Answer {
    fn from(page: SettingsPage) -> Self {
        Self::Settings(page)
    }
}

impl From<AdminPage> for Answer {
    fn from(page: AdminPage) -> Self {
        Self::Admin(page)
    }
}

type Loading<'a> = Pin<Box<dyn Future<Output = Result<Loaded<Answer>, Refusal>> + Send + 'a>>;

/// A page of a set, as the server needs it.
pub(crate) struct Entry {
    pub(super) path: &'static str,
    pub(super) guard: Guard,
    pub(super) load: for<'a> fn(&'a RequestContext) -> Loading<'a>,
}

impl Entry {
    pub(crate) const fn of<P: PageRoute>(
        load: for<'a> fn(&'a RequestContext) -> Loading<'a>,
    ) -> Self {
        Self { path: P::PATH, guard: P::GUARD, load }
    }

    /// Whether this is the page of a path.
    pub(super) fn is_at(&self, path: &str) -> bool {
        match self.path.split_once('{') {
            Some((before, _)) => path
                .strip_prefix(before)
                .is_some_and(|rest| !rest.is_empty() && !rest.contains('/')),
            None => self.path == path,
        }
    }
}

/// Every page, in whichever set it is.
pub(super) fn entries() -> impl Iterator<Item = &'static Entry> {
    SettingsPage::ENTRIES.iter().chain(AdminPage::ENTRIES)
}
