//! Admin → Users → Select User.

mod api;
mod page;
mod results;

pub use api::FoundUsers;
