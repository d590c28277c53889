//! What a page is: what it is called, where it is, how it is drawn. They are listed in
//! `settings/mod.rs` and `admin/mod.rs`. Tests: `end2end/tests/crowd.spec.ts`.

use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::notice::Notice;

/// A page, with what it shows.
pub trait Page: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What it is called, where that does not depend on what it shows.
    const TITLE: &'static str;

    /// The path as axum writes it: `{name}` is one segment, the last. Empty: it is shown instead of
    /// another page.
    const PATH: &'static str = "";

    /// What its tab says; empty: it has none.
    const TAB: &'static str = "";

    /// The name of the page.
    fn title(&self) -> String {
        Self::TITLE.to_owned()
    }

    /// The HTTP status that says the same.
    fn status(&self) -> u16 {
        200
    }

    /// Whether there is something on it that nobody is to see again.
    fn shows_once(&self) -> bool {
        false
    }

    /// What is said above it at first, where what it shows has to be explained.
    fn notice(&self) -> Option<Notice> {
        None
    }

    /// What the browser is told of it.
    #[must_use]
    fn for_browser(&self) -> Self {
        self.clone()
    }

    /// Its view: what the server sends, and what the browser brings to life.
    fn draw(self) -> AnyView;
}

/// A page that belongs to a set, and shows the set's tabs.
pub trait PageSet: Page {
    /// Path and words of each; empty: it has no tabs.
    const TABS: Tabs;

    /// The set, and so the WASM that brings it to life; none: it stays as it is sent.
    const SET: Option<Set>;
}

/// Paths, and what their tabs say; nothing: the page has none.
pub type Tabs = &'static [(&'static str, &'static str)];

/// The sets of pages: each has a WASM of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// What is for everybody.
    Settings,
    /// What some do for others: **Select User**, **Tokens**, **Audit**.
    Admin,
}
