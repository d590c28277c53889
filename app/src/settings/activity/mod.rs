//! **Activity**: what happened to one's account.

mod api;
mod page;
mod words;

pub use page::ActivityPage;
