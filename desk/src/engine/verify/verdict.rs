//! What is asked of verify, and what it says.

use std::net::IpAddr;
use std::sync::Arc;

use crate::engine::verify::cached_token::CachedToken;
use crate::engine::verify::principal::Principal;

/// The request that an application asks about.
#[derive(Clone, Copy, Debug)]
pub struct VerifyRequest<'a> {
    /// Its method (of the original request, where a proxy asks).
    pub method: &'a str,
    /// The client's address; none where the application does not say: a token bound to networks is
    /// then forbidden.
    pub address: Option<IpAddr>,
}

/// Whether a presented token is good now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Good, for this person.
    Good(VerifiedToken),
    /// Not good. The reason is for the log and the metrics only: from outside all look the same.
    Refused(&'static str),
    /// Good, but its access or its networks forbid this request.
    Forbidden(&'static str),
    /// The store cannot say.
    Unavailable,
    /// Nobody here has heard of it, and too many such are asked about: the store is not asked
    /// before so many seconds are over.
    TooMany {
        /// How long to wait.
        seconds: u32,
    },
}

/// A good token's [`Principal`]. Cheap to clone.
#[derive(Clone)]
pub struct VerifiedToken(Arc<CachedToken>);

impl VerifiedToken {
    pub(crate) fn of(known: Arc<CachedToken>) -> Self {
        Self(known)
    }

    pub(crate) fn cached(&self) -> &Arc<CachedToken> {
        &self.0
    }
}

impl std::ops::Deref for VerifiedToken {
    type Target = Principal;
    fn deref(&self) -> &Principal {
        &self.0.principal
    }
}

impl std::fmt::Debug for VerifiedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.principal.fmt(f)
    }
}

impl PartialEq for VerifiedToken {
    fn eq(&self, other: &Self) -> bool {
        self.0.principal == other.0.principal
    }
}

impl Eq for VerifiedToken {}
