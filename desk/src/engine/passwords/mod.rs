//! Local passwords, and what they share with NetID passwords: hashing, judging, counting wrong ones.
//!
//! | file | what |
//! |---|---|
//! | [`local`] | who sets whose, and whether one is right |
//! | [`policy`] | which will do, and passphrases to propose |
//! | [`normal`] | one spelling of each, whatever keyboard it comes from |
//! | [`hasher`] | hashing, at the same cost whoever's it is |
//! | [`throttle`] | wrong ones: counted and delayed |
//! | [`closing`] | after how many of them an account is closed |
//! | [`keyed_lock`] | one try at a time for each account |

pub(crate) mod closing;
pub(crate) mod hasher;
pub(crate) mod keyed_lock;
pub(crate) mod local;
pub(crate) mod normal;
pub(crate) mod policy;
pub(crate) mod throttle;

#[cfg(test)]
mod tests;
