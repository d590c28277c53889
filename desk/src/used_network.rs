//! A network that a token was used from, as lists have it. How a token learns them:
//! `engine/verify/learning.rs`.

use crate::Moment;

/// A network that a token was used from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedNetwork {
    /// `192.0.2.0/24`, `2001:db8:7::/48`.
    pub network: String,
    /// The first use from there.
    pub first: Moment,
    /// The first use of the latest day on which there was one.
    pub last: Moment,
    /// It is no news: the token was still learning, or its owner has said that it was them.
    pub answered: bool,
}
