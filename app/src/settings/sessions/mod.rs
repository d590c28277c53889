//! **Sessions**: where one is logged in.

mod api;
mod page;

#[cfg(feature = "ssr")]
pub(crate) use api::list;
pub(crate) use page::SessionsPage;
