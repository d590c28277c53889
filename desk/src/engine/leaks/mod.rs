//! Tokens that were found where strangers can read them: ended, audited and told to their owners.
//!
//! | file | what |
//! |---|---|
//! | [`report`] | strings that somebody found: those that are tokens end at once |
//! | [`found`] | what the audit says of one, read again |
//! | [`identify`] | what a string is, for the operator who has found it |

pub(crate) mod found;
pub(crate) mod identify;
pub(crate) mod report;
