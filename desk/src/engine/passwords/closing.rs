//! After how many wrong passwords an account is closed.

/// Wrong passwords in a row after which an account is closed until someone with the right opens it.
pub(crate) const CLOSED_AFTER: i64 = 100;
