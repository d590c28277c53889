//! How a page is drawn from what it is told, in the same way on the server and in the browser.
//! Tests: `end2end/tests/crowd.spec.ts`.

use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::layout::{Layout, LayoutData, PageContext};

/// Everything that a page is drawn from, on the server and in the browser.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PageData<P> {
    /// The address's path.
    pub(crate) path: String,
    /// The address's query, without the `?`.
    pub(crate) query: String,
    /// What every page knows.
    pub(crate) layout: LayoutData,
    /// What this one knows.
    pub(crate) page: P,
}

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
    fn notice(&self) -> Option<crate::components::Notice> {
        None
    }

    /// What the browser is told of it.
    #[must_use]
    fn for_browser(&self) -> Self {
        self.clone()
    }

    /// Draws it.
    fn draw(self) -> AnyView;
}

/// One of a set of pages.
pub trait PageSet: Page {
    /// The set, and so the WASM that brings it to life; none: it stays as it is sent.
    const SET: Option<Set>;
}

/// The sets of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// What is for everybody.
    Settings,
    /// Admin.
    Admin,
}

/// The page in its layout.
pub(crate) fn draw<P: PageSet>(data: PageData<P>) -> AnyView {
    let PageData { path, query, layout, page } = data;
    PageContext::begin(path, query, layout);
    let in_admin = P::SET == Some(Set::Admin);
    view! { <Layout in_admin>{page.draw()}</Layout> }.into_any()
}
