//! The table of pages: what each of them is told, and how it is drawn.
//!
//! A page is asked for, told and drawn whole by the server ([`mod@serve`]), and what it was told goes with it. The browser
//! draws the same from the same, which brings it to life (`hydrate`). A link leads to another page in the browser's own
//! way: there is no router that would have to be loaded first, and nothing of one page is left over in the next.
//!
//! There are two sets of pages, each with a WASM of its own: [`admin`], and [`settings`] with all that is for everybody.
//! Most people never load the former. The style guide needs none.

mod admin;
#[cfg(feature = "ssr")]
mod destination;
#[cfg(feature = "ssr")]
mod document;
mod draw;
#[cfg(feature = "hydrate")]
mod hydrate;
#[cfg(feature = "ssr")]
mod serve;
mod settings;

pub use admin::AdminPage;
#[cfg(feature = "ssr")]
pub use destination::{PATHS, destination};
pub use draw::{Page, Set};
#[cfg(feature = "hydrate")]
pub use hydrate::hydrate;
#[cfg(feature = "ssr")]
pub use serve::{arrives, let_in, not_found, refused, serve};
pub use settings::SettingsPage;
