//! **Sessions**: where one is logged in.

mod api;
mod page;

pub use page::Sessions;
