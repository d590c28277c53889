//! Auth tokens from their making to their end: who has which, and what is changed of them.
//!
//! | file | what |
//! |---|---|
//! | [`create`] | making one, and one in the place of another; how many and how fast |
//! | [`list`] | which somebody has, and which still show |
//! | [`everybody`] | which tokens of everybody are such as an officer asks for |
//! | [`review`] | what may be asked of them, and why one is named |
//! | [`not_moved`] | which of Request Tracker's nobody has used here yet |
//! | [`edit`] | what one is for, from where it works and until when |
//! | [`revoke`] | ending them: one's own, another's, the one in the hand |
//! | [`networks`] | from which networks one was used, and that a new one is its owner's |
//! | [`restore`] | letting work again what a directory's word had ended |
//! | [`cleanup`] | what ended long ago goes out of the store into the audit |
//! | [`cleanup_old_strings`] | the same of those that ended with Request Tracker's strings |
//! | [`named`] | what the audit calls them |
//! | [`shared`] | whose they are, what a failed change answers |

pub(crate) mod cleanup;
pub(crate) mod cleanup_old_strings;
pub(crate) mod create;
pub(crate) mod edit;
pub(crate) mod everybody;
pub(crate) mod list;
pub(crate) mod named;
pub(crate) mod networks;
pub(crate) mod not_moved;
pub(crate) mod restore;
pub(crate) mod review;
pub(crate) mod revoke;
pub(crate) mod shared;
