//! Who people are: log-in, and what directories and identity systems say of them.

pub(crate) mod assertion;
pub(crate) mod decision;
pub(crate) mod directory;
#[cfg(test)]
pub(crate) mod fixtures;
pub(crate) mod groups;
pub(crate) mod log_in;
pub(crate) mod page_cursor;
pub(crate) mod person_change;
pub(crate) mod provision;
pub(crate) mod scim;
pub(crate) mod sync;
