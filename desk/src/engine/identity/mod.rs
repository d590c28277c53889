//! Who people are: log-in, and what directories and identity systems say of them.
//!
//! | file | what |
//! |---|---|
//! | [`log_in`] | by NetID password, by the campus directory, by single sign-on |
//! | [`browser`] | from which browser, and what counts as its source |
//! | [`directory`] | what a campus directory is to the desk: a port |
//! | [`assertion`] | what somebody trusted says of a person |
//! | [`decision`] | what becomes of a person by that, pure |
//! | [`person_change`] | its outcome in types, and what the audit says of it |
//! | [`provision`] | writing what was decided, with its audit rows |
//! | [`follow`] | what a proxy says with every request, heard with every request |
//! | [`alternating`] | of whom one thing is said with one request and another with the next |
//! | [`binding`] | which accounts the campus log-in may open, and which are the desk's own |
//! | [`names`] | how names that others give are compared |
//! | [`reserved`] | names that are given to nobody |
//! | [`leavers`] | how many people an identity system may take away in an hour |
//! | [`people_count`] | how many people there are, for that |
//! | [`bring_back`] | bringing back those whom a source took away by mistake |
//! | [`presence`] | whose tokens wait for their owner to log in |
//! | [`groups`] | which groups mean which role and privilege |
//! | [`sync`] | synchronising with the directory: a plan, a guard and a shell |
//! | [`scim`] | people whom an identity system pushes here |
//! | [`push_error`] | why somebody was not pushed |
//! | [`members`] | groups into which it puts them |
//! | [`unheard`] | what such groups gave, where the configuration hears of them no longer |
//! | [`page_cursor`] | how far the last reader of a long list has come |

pub(crate) mod alternating;
pub(crate) mod assertion;
#[cfg(test)]
mod at_once_tests;
pub(crate) mod binding;
pub(crate) mod bring_back;
pub(crate) mod browser;
pub(crate) mod decision;
pub(crate) mod directory;
#[cfg(test)]
pub(crate) mod fixtures;
pub(crate) mod follow;
pub(crate) mod groups;
pub(crate) mod leavers;
pub(crate) mod log_in;
pub(crate) mod members;
pub(crate) mod names;
pub(crate) mod page_cursor;
pub(crate) mod people_count;
pub(crate) mod person_change;
pub(crate) mod presence;
pub(crate) mod provision;
pub(crate) mod push_error;
pub(crate) mod reserved;
pub(crate) mod scim;
pub(crate) mod sync;
pub(crate) mod unheard;
