//! The audit: writing its rows, reading them, and whether its chains hold.

pub(crate) mod entry;
pub(crate) mod reading;
