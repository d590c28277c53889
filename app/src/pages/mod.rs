//! The pages: what each of them is told, and how it is drawn. They are listed in
//! [`crate::settings`] and [`crate::admin`].
//!
//! A page is asked for, told and drawn whole by the server (`crate::server::pages`), and what it
//! was told goes with it. The browser draws the same from the same, which brings it to life
//! (`hydrate`). A link leads to another page in the browser's own way: there is no router that
//! would have to be loaded first, and nothing of one page is left over in the next. Without
//! `leptos_router`, resources and suspense, and with the next, a page weighs 110 000 bytes less
//! (`docs/development/pages.md`).
//!
//! There are two sets of pages, each with a WASM of its own: [`AdminPage`], and [`SettingsPage`]
//! with all that is for everybody. Most people never load the former. The style guide needs none.

pub(crate) mod draw;
#[cfg(feature = "hydrate")]
mod hydrate;

pub use crate::admin::AdminPage;
pub use crate::page::{Page, PageSet, Set};
pub use crate::settings::SettingsPage;
#[cfg(feature = "hydrate")]
pub use hydrate::hydrate;
