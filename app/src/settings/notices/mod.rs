//! **Notices**: which mails one gets, and the private address of one's calendar.

#[cfg(feature = "ssr")]
mod api;
mod page;

#[cfg(feature = "ssr")]
pub(crate) use api::{EndCalendar, NewCalendar, SetNotices};
pub use page::Notices;
