//! How a page is drawn from what it is told, in the same way on the server and in the browser.
//! Tests: `end2end/tests/crowd.spec.ts`.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::layout::Layout;
use crate::page::{PageSet, Set};
use crate::page_context::{LayoutData, PageContext};

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

/// The page in its layout.
pub(crate) fn draw<P: PageSet>(data: PageData<P>) -> AnyView {
    let PageData { path, query, layout, page } = data;
    PageContext::begin(path, query, layout, P::TABS);
    let in_admin = P::SET == Some(Set::Admin);
    view! { <Layout in_admin>{page.draw()}</Layout> }.into_any()
}
