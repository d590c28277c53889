//! Admin: finding people and looking after their accounts, everybody's tokens, and the audit.

pub mod audit;
pub(crate) mod tabs;
pub(crate) mod tokens;
pub(crate) mod user;
pub(crate) mod users;
pub(crate) mod words;
