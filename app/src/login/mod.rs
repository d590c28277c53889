//! Logging in and out.

mod api;
mod page;

pub(crate) use api::{LogIn, LogOut};
pub use page::LogInPage;

/// The log-in form's name.
pub(crate) const FORM: &str = "log-in";
