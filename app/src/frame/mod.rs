//! What is around every page, and what every page knows.

mod api;
mod bar;
mod theme;
mod view;
mod visit;

#[cfg(feature = "ssr")]
pub(crate) use api::frame_view;
pub use api::{DemoRow, Frame, FrameView};
#[cfg(feature = "ssr")]
pub(crate) use bar::Menu;
pub use view::Around;
pub(crate) use view::{SEARCH, focus_page};
pub use visit::Visit;
