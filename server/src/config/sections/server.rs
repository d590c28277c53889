//! `[server]`: where people reach Latchkey.

use std::net::SocketAddr;

use confique::Config;
use serde::Serialize;
use url::{Host, Url};

use super::lenient::listen;
use super::said;
use crate::config::ConfigError;

/// Where people reach Latchkey.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct Server {
    /// Address and port to listen on. Put a proxy that speaks https before it for anything but a
    /// trial.
    #[config(env = "LATCHKEY_LISTEN", default = "127.0.0.1:3000", deserialize_with = listen)]
    pub listen: SocketAddr,

    /// The address that people type, such as `https://latchkey.example.edu`. The cookies are then
    /// Secure and named __Host-…, and browsers are told to use https only. Left out, that is so when
    /// listening beyond loopback, or when a trusted proxy says that it speaks https.
    #[config(env = "LATCHKEY_PUBLIC_URL")]
    pub public_url: Option<String>,

    /// This node's name. Nodes that share a store need different ones: each writes a chain of its
    /// own in the audit.
    #[config(env = "LATCHKEY_NODE", default = "main")]
    pub node: String,
}

/// Whether an address is this machine's own.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl Server {
    /// The address that people type.
    pub(in crate::config) fn address(&self) -> Result<Option<Url>, ConfigError> {
        let wrong = |what| ConfigError::senseless("server.public_url", what);
        let Some(text) = said(self.public_url.clone()) else { return Ok(None) };
        let origin = |url: &Url| {
            matches!(url.scheme(), "http" | "https")
                && url.host().is_some()
                && url.path() == "/"
                && url.query().is_none()
                && url.username().is_empty()
        };
        let url = Url::parse(&text).ok().filter(origin);
        let url = url.ok_or_else(|| wrong("write it like https://latchkey.example.edu, without a path."))?;
        if url.scheme() == "http" && !is_loopback(&url) {
            return Err(wrong("passwords and sessions would be readable on the network: use https://."));
        }
        Ok(Some(url))
    }

    /// The node's name.
    pub(in crate::config) fn node(&self) -> Result<String, ConfigError> {
        let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if self.node.is_empty() || self.node.len() > 64 || !self.node.bytes().all(good) {
            let what = "use 1 to 64 letters, digits, dots, hyphens and underscores.";
            return Err(ConfigError::senseless("server.node", what));
        }
        Ok(self.node.clone())
    }
}
