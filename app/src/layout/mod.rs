//! What is around every page, and what every page knows.

mod api;
mod bar;
mod theme;
mod view;
mod visit;

#[cfg(feature = "ssr")]
pub(crate) use api::layout_data;
pub use api::{LayoutData, ReadLayout};
#[cfg(feature = "ssr")]
pub(crate) use bar::Menu;
pub use view::Layout;
pub(crate) use view::{SEARCH, keep_focus};
pub use visit::PageContext;
