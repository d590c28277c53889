//! Logging in and out.

mod api;
#[cfg(feature = "ssr")]
mod around;
mod page;

pub(crate) use api::LogOut;
#[cfg(feature = "ssr")]
pub(crate) use around::ended;
pub use page::LogInPage;

/// The query's key that says that somebody has just logged out: a proxy would log them in again.
#[cfg(feature = "ssr")]
pub(crate) const LOGGED_OUT: &str = "out";

/// Where the log-in form is posted to.
#[cfg(feature = "ssr")]
pub const LOG_IN: &str = <api::LogIn as server_fn::ServerFn>::PATH;

/// The log-in form's name.
pub(crate) const FORM: &str = "log-in";
