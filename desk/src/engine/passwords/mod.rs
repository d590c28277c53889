//! Local passwords, and what they share with NetID passwords: hashing, judging, counting wrong
//! ones.
//!
//! | file | what |
//! |---|---|
//! | [`local`] | who sets whose, and whether one is right |
//! | [`imported`] | local passwords that came from Request Tracker |
//! | [`policy`] | which will do, and passphrases to propose |
//! | [`guesses`] | how many guesses one takes, at a bounded cost |
//! | [`judging`] | judging on a thread of its own, one at a time for each session |
//! | [`normal`] | one spelling of each, whatever keyboard it comes from |
//! | [`pool`] | a bounded number of threads, and of those who wait |
//! | [`workers`] | threads that give way to all others |
//! | [`hasher`] | hashing, at the same cost whoever's it is |
//! | [`throttle`] | wrong ones: counted before they are looked at, delayed, closed at last |
//! | [`count`] | how much each counts: pure arithmetic |
//! | [`source`] | from where a password is tried, and under which keys that counts |
//! | [`unwritten`] | the same on a disk that is nearly full: in memory alone |
//! | [`device`] | browsers that have logged in to an account before |
//! | [`directory_tries`] | how many wrong ones the campus directory hears |
//! | [`guessed_at`] | says in the log who is guessed at |
//! | [`keyed_lock`] | one try at a time for each account and source |

pub(crate) mod count;
pub(crate) mod device;
pub(crate) mod directory_tries;
pub(crate) mod guessed_at;
pub(crate) mod guesses;
pub(crate) mod hasher;
pub(crate) mod imported;
pub(crate) mod judging;
pub(crate) mod keyed_lock;
pub(crate) mod local;
pub(crate) mod normal;
pub(crate) mod policy;
pub(crate) mod pool;
pub(crate) mod source;
pub(crate) mod throttle;
pub(crate) mod unwritten;
pub(crate) mod workers;

#[cfg(test)]
mod imported_tests;
#[cfg(test)]
mod log_in_cost_tests;
#[cfg(test)]
mod tests;
