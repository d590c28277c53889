//! Auth tokens from their making to their end.

pub(crate) mod lifecycle;
