//! Admin: finding people and looking after their accounts, and the audit of all.

pub mod audit;
pub(crate) mod tabs;
pub(crate) mod user;
pub(crate) mod users;
pub(crate) mod words;
