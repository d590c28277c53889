//! **Activity**: what happened to one's account.

mod api;
mod page;

pub use page::Activity;
