//! What is around every page, and what every page knows.

mod api;
mod bar;
mod theme;
mod view;
mod visit;

pub use api::{DemoRow, Frame, FrameView, frame};
pub use view::Around;
pub(crate) use view::{SEARCH, focus_page};
pub use visit::Visit;
