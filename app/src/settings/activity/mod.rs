//! **Activity**: what happened to one's account.

mod api;
mod page;

#[cfg(feature = "ssr")]
pub(crate) use api::list;
pub(crate) use page::ActivityPage;
