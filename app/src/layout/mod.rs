//! What is around every page, and what every page knows.

mod api;
pub(crate) mod bar;
mod theme;
mod view;
mod visit;

pub use api::{LayoutData, ReadLayout};
pub use view::Layout;
pub(crate) use view::{SEARCH, keep_focus};
pub use visit::PageContext;
