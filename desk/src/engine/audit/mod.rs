//! The audit: writing its rows, reading them, and whether its chains hold.
//!
//! | file | what |
//! |---|---|
//! | [`entry`] | rows as features write them |
//! | [`refusals`] | refusals that repeat: one row a minute with a count |
//! | [`unwaited`] | those for whose row nobody waits |
//! | [`looks`] | who has looked at whom: one row a day |
//! | [`reading`] | rows by page and filter |
//! | [`slips`] | what is asked for that there is not, and what is near it |
//! | [`verifying`] | whether the audit is as it was written |
//! | [`chain_end`] | how far it has come, for the log |
//! | [`chain_check`] | the same, pure, for one chain |
//! | [`comparing`] | copies of rows and points of chains against the store, pure |
//! | [`pruning`] | removing old rows (by itself: `background/retention.rs`) |
//! | [`checkpoint`] | the row that stands for those that were removed |
//! | [`keeping`] | the same at a word; for how long they are kept: [`keep_days`] |
//! | [`key_hazard`] | whether rows were marked by another key |
//! | [`streaming`] | the audit as it happens, for a target elsewhere |
//! | [`mac`] | the mark of a row by a key that is not in the store |

pub(crate) mod chain_check;
pub(crate) mod chain_end;
pub(crate) mod checkpoint;
pub(crate) mod comparing;
pub(crate) mod entry;
pub(crate) mod keep_days;
pub(crate) mod keeping;
mod key_hazard;
pub(crate) mod looks;
pub(crate) mod mac;
pub(crate) mod pruning;
pub(crate) mod reading;
pub(crate) mod refusals;
pub(crate) mod slips;
pub(crate) mod streaming;
pub(crate) mod unwaited;
pub(crate) mod verifying;
