//! Local passwords, and what they share with NetID passwords: hashing, judging, counting wrong ones.

pub(crate) mod closing;
pub(crate) mod hasher;
pub(crate) mod keyed_lock;
pub(crate) mod local;
pub(crate) mod normal;
pub(crate) mod policy;
pub(crate) mod throttle;

#[cfg(test)]
mod tests;
