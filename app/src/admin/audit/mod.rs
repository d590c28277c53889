//! Admin → Audit: what happened at the desk, to whom and by whom.

pub(crate) mod api;
mod chain;
pub(crate) mod filters;
mod page;
mod rows;
mod table;

pub use page::Audit;
