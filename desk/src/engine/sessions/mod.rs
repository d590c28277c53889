//! Who is logged in.
//!
//! Ours, and no crate of sessions: those keep a bag of values by an id of their own in a store of
//! their own. Here a session is a row that begins, changes its id and ends in the same transactions
//! as what it is about, each with its row in the audit, and that the permit's premises name.
//!
//! | file | what |
//! |---|---|
//! | [`visitor`] | who is logged in, and for how long |
//! | [`renewal`] | a new id for a session that is confirmed |
//! | [`ending`] | by their owner, the Help Desk, or the provider that logged them in |
//! | [`one_time_reveal`] | a new token or passphrase for the next page view, once |
//! | [`unkept`] | what the store could not keep for that, in memory for a minute |

pub(crate) mod ending;
pub(crate) mod one_time_reveal;
pub(crate) mod renewal;
pub(crate) mod unkept;
pub(crate) mod visitor;
