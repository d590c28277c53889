//! People and their accounts.
//!
//! | file | what |
//! |---|---|
//! | [`users`] | finding people, and what is shown of one |
//! | [`standing`] | whether a local password is closed, and whom its owner asks |
//! | [`administration`] | what an administrator changes: role, privilege, disabled or not |
//! | [`import`] | bringing people in from a file |
//! | [`import_plan`] | what that does with each of them, pure |
//! | [`words`] | by which words people are found, and what a query asks for |
//! | [`demo`] | the demo accounts, in an empty store only |

pub(crate) mod administration;
pub(crate) mod demo;
pub(crate) mod import;
pub(crate) mod import_plan;
pub(crate) mod standing;
pub(crate) mod users;
pub(crate) mod words;
