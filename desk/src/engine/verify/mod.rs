//! Whether a presented token is good now: from the cache, else from the store.
//!
//! | file | what |
//! |---|---|
//! | [`answer`] | what verify answers: [`Desk::verify`](crate::Desk::verify) |
//! | [`judge`] | its rules, pure |
//! | [`verdict`] | what is asked of it, and what it says |
//! | [`principal`] | who a token stands for |
//! | [`cache`] | what has been read from the store, until it changes |
//! | [`cached_token`] | what is remembered of a token and its owner |
//! | [`known_ids`] | which tokens there are, roughly, remembered or not |
//! | [`stranger_gate`] | whether the store may be asked about what nobody here has heard of |
//! | [`timeout`] | how long it waits for the store |
//! | [`usage`] | when tokens are used: noted in memory, written in batches |
//! | [`noted`] | the uses of one token that are not written yet |
//! | [`network`] | the network that an address is of |
//! | [`written_networks`] | those that are written down already |
//! | [`learning`] | from which networks a token is used, and which of them is new |

pub(crate) mod answer;
pub(crate) mod cache;
pub(crate) mod cached_token;
pub(crate) mod judge;
pub(crate) mod known_ids;
pub(crate) mod learning;
pub(crate) mod network;
pub(crate) mod noted;
pub(crate) mod principal;
pub(crate) mod stranger_gate;
pub(crate) mod timeout;
pub(crate) mod usage;
pub(crate) mod verdict;
pub(crate) mod written_networks;
