//! Auth tokens from their making to their end: who has which, and what is changed of them.

pub(crate) mod create;
pub(crate) mod edit;
pub(crate) mod list;
pub(crate) mod restore;
pub(crate) mod revoke;
pub(crate) mod shared;
pub(crate) mod sweep;
