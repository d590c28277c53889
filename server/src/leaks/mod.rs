//! What those say who have found tokens where strangers can read them, and how GitHub proves that
//! it is GitHub. The doors are `leak_routes/`; what becomes of the strings the desk decides
//! ([`desk::Desk::report_leaked`]).

mod found;
mod github_keys;
mod known_keys;

pub(crate) use found::{Found, labels, strings_in};
pub(crate) use github_keys::{GitHubKeys, is_signed};
