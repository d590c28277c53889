//! Admin → Users → Select User.

mod api;
mod page;
mod results;

pub(crate) use api::Found;
#[cfg(feature = "ssr")]
pub(crate) use api::find;
pub(crate) use page::UsersPage;
