//! Synchronising with the directory.

pub(crate) mod lease;
pub(crate) mod limit;
pub(crate) mod report;
pub(crate) mod roster;
pub(crate) mod run;
pub(crate) mod stream;
