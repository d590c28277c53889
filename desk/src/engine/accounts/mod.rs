//! People and their accounts.

pub(crate) mod administration;
pub(crate) mod demo;
pub(crate) mod import;
pub(crate) mod import_plan;
pub(crate) mod users;
