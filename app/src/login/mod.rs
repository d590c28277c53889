//! Logging in and out.

mod api;
mod page;

pub(crate) use api::LogOut;
#[cfg(feature = "ssr")]
pub(crate) use page::demo;
pub(crate) use page::LoginPage;

/// The log-in form's name.
pub(crate) const FORM: &str = "log-in";
