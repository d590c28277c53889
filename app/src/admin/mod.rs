//! Admin: finding people and looking after their accounts, and the audit of all.

pub mod audit;
mod tabs;
pub mod user;
pub mod users;
mod words;
