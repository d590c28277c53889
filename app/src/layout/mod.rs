//! What is around every page. What every page knows is [`crate::page_context`]’s.

pub(crate) mod bar;
mod theme;
mod view;

pub use crate::page_context::{LayoutData, PageContext, ReadLayout};
pub use view::Layout;
pub(crate) use view::{SEARCH, keep_focus};
