//! Local passwords, and what they share with NetID passwords: hashing, judging, counting wrong ones.
//!
//! | file | what |
//! |---|---|
//! | [`local`] | who sets whose, and whether one is right |
//! | [`policy`] | which will do, and passphrases to propose |
//! | [`guesses`] | how many guesses one takes, at a bounded cost |
//! | [`judging`] | judging on a thread of its own, one at a time for each session |
//! | [`normal`] | one spelling of each, whatever keyboard it comes from |
//! | [`pool`] | a bounded number of threads, and of those who wait |
//! | [`hasher`] | hashing, at the same cost whoever's it is |
//! | [`throttle`] | wrong ones: counted and delayed |
//! | [`closing`] | after how many of them an account is closed |
//! | [`keyed_lock`] | one try at a time for each account |

pub(crate) mod closing;
pub(crate) mod guesses;
pub(crate) mod hasher;
pub(crate) mod judging;
pub(crate) mod keyed_lock;
pub(crate) mod local;
pub(crate) mod normal;
pub(crate) mod policy;
pub(crate) mod pool;
pub(crate) mod throttle;

#[cfg(test)]
mod tests;
