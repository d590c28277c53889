//! Where to listen: at an address with a port, or at a socket in the file system. Tests: here, and
//! `server/tests/server/command_line/configuration.rs`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error};
use serde::{Serialize, Serializer};

use crate::quoted::quoted;

/// What stands before the path of a socket.
const UNIX: &str = "unix:";

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListenAt {
    /// At an address with a port.
    Address(SocketAddr),
    /// At a socket of this machine's file system, for a proxy on the same machine.
    Socket(PathBuf),
}

impl ListenAt {
    /// Whether nobody but this machine's own programs reaches it.
    pub(crate) fn is_local(&self) -> bool {
        match self {
            Self::Address(address) => address.ip().is_loopback(),
            Self::Socket(_) => true,
        }
    }

    /// The path of a Unix socket; none: it is an address.
    pub(crate) fn socket(&self) -> Option<&Path> {
        match self {
            Self::Address(_) => None,
            Self::Socket(path) => Some(path),
        }
    }
}

impl From<SocketAddr> for ListenAt {
    fn from(address: SocketAddr) -> Self {
        Self::Address(address)
    }
}

impl From<([u8; 4], u16)> for ListenAt {
    fn from(address: ([u8; 4], u16)) -> Self {
        Self::Address(address.into())
    }
}

impl fmt::Display for ListenAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Socket(path) => write!(f, "{UNIX}{}", path.display()),
        }
    }
}

impl Serialize for ListenAt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ListenAt {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

impl FromStr for ListenAt {
    type Err = String;

    /// Reads address and port (`127.0.0.1:3000`, `[::1]:3000`, `localhost:3000`), or a socket
    /// (`unix:/run/latchkey/http.sock`); else it says what to write instead.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(path) = text.strip_prefix(UNIX) {
            if path.starts_with('/') && !path.ends_with('/') {
                return Ok(Self::Socket(path.into()));
            }
            return Err(format!(
                "{} names no socket by its whole path: write one like \
                 unix:/run/latchkey/http.sock",
                quoted(text)
            ));
        }
        parse_address(text).map(Self::Address)
    }
}

/// Reads address and port.
///
/// # Errors
/// What to write instead.
pub(super) fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let text = text.trim();
    let named = text.rsplit_once(':').filter(|(host, _)| host.eq_ignore_ascii_case("localhost"));
    let by_name = named.and_then(|(_, port)| {
        Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port.parse().ok()?))
    });
    by_name.or_else(|| text.parse().ok()).ok_or_else(|| {
        format!(
            "{} is no address with a port: write one like 127.0.0.1:3000 for this machine alone, \
             or 0.0.0.0:3000 or [::]:3000 for every address that it has",
            quoted(text)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_named_by_its_whole_path_and_is_shown_as_it_is_written() {
        let socket: ListenAt = " unix:/run/latchkey/http.sock ".parse().expect("a socket");
        assert_eq!(socket, ListenAt::Socket("/run/latchkey/http.sock".into()));
        assert_eq!(socket.to_string(), "unix:/run/latchkey/http.sock");
        assert!(socket.is_local());
        for text in ["unix:", "unix:http.sock", "unix:/run/latchkey/", "unix://"] {
            let error = text.parse::<ListenAt>().expect_err(text);
            assert!(error.contains("write one like unix:/run/latchkey/http.sock"), "{error}");
        }
        assert!(!"0.0.0.0:1".parse::<ListenAt>().expect("an address").is_local());
    }
}
