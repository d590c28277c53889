//! Where a request comes from.

use std::net::IpAddr;

/// Where a request comes from, for the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The client's address.
    pub address: IpAddr,
    /// Its User-Agent, at most 256 characters.
    pub agent: String,
}

impl Origin {
    /// Of a command on this machine.
    #[must_use]
    pub fn console() -> Self {
        Self { address: IpAddr::from([127, 0, 0, 1]), agent: "latchkey command line".to_owned() }
    }

    /// Of what the desk does by itself.
    #[must_use]
    pub fn desk() -> Self {
        Self { address: IpAddr::from([127, 0, 0, 1]), agent: "latchkey".to_owned() }
    }
}
