//! `[audit_stream]`: where the audit goes as it happens. Tests: `config/tests/streams.rs`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::ValueEnum;
use confique::Config;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::lenient::word;
use super::server::is_loopback;
use super::{filled, names_somebody};
use crate::config::ConfigError;

/// The port of syslog by TCP (RFC 6587), and by TLS (RFC 5425).
const PORTS: (u16, u16) = (601, 6514);

/// Where a new target begins: the values of `audit_stream.from`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum StreamFrom {
    /// With what happens from now on
    #[default]
    Now,
    /// With the oldest row that there is
    Start,
}

/// Syslog's word for what a message is about, with its number (RFC 5424 §6.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Facility {
    /// 1
    User = 1,
    /// 3
    Daemon = 3,
    /// 4
    Auth = 4,
    /// 10
    #[default]
    Authpriv = 10,
    /// 13
    Audit = 13,
    /// 16
    Local0 = 16,
    /// 17
    Local1,
    /// 18
    Local2,
    /// 19
    Local3,
    /// 20
    Local4,
    /// 21
    Local5,
    /// 22
    Local6,
    /// 23
    Local7,
}

impl Facility {
    /// Its number, as it goes into a message's priority.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// Where the audit goes.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct AuditStreamSection {
    /// Where each row of the audit goes as it is written: file:///var/log/latchkey/audit.jsonl
    /// (JSON lines, as `latchkey audit export --json` prints them), syslog+tls://HOST:6514 (RFC
    /// 5425), syslog://HOST:601 (by TCP, for a receiver on this machine: beyond it everything would
    /// be readable on the network), or unix:///dev/log (this machine's syslog). What cannot be
    /// sent waits, and rows wait with it that `audit.keep_days` would remove. Left out: nowhere.
    #[config(env = "LATCHKEY_AUDIT_STREAM_URL")]
    pub url: Option<String>,

    /// Where a target begins that is new: "now", or "start" for all rows that there are.
    #[config(env = "LATCHKEY_AUDIT_STREAM_FROM", default = "now", deserialize_with = word)]
    pub from: StreamFrom,

    /// Syslog's facility: "authpriv", "auth", "audit", "daemon", "user", or "local0" to "local7".
    #[config(
        env = "LATCHKEY_AUDIT_STREAM_FACILITY", default = "authpriv", deserialize_with = word
    )]
    pub facility: Facility,

    /// PEM file with the authorities to trust with syslog+tls://; left out: the system's.
    #[config(env = "LATCHKEY_AUDIT_STREAM_CA_FILE")]
    pub ca_file: Option<PathBuf>,
}

/// Where the audit goes, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditStreamTo {
    /// As it was written: what the store keeps its place by.
    pub name: String,
    /// Where rows are sent.
    pub target: StreamTarget,
    /// All rows that there are, where the target is new.
    pub from_start: bool,
    /// Syslog's facility.
    pub facility: Facility,
}

/// Where rows are sent, by how `audit_stream.url` begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamTarget {
    /// JSON lines at the end of a file.
    File(PathBuf),
    /// A syslog receiver.
    Syslog {
        /// Its name, or its address.
        host: String,
        /// Its port; where none is written, the usual one: 6514 by TLS, else 601.
        port: u16,
        /// By TLS, and whom to trust; none: readable by everybody on the way.
        tls: Option<Authorities>,
    },
    /// This machine's syslog, by its socket.
    Socket(PathBuf),
}

/// Whom to trust.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authorities {
    /// A file with them; none: the system's.
    pub file: Option<PathBuf>,
}

impl AuditStreamSection {
    /// Where it goes; none: nowhere.
    pub(in crate::config) fn target(&self) -> Result<Option<AuditStreamTo>, ConfigError> {
        let authorities = self.ca_file.clone().filter(|path| !path.as_os_str().is_empty());
        let Some(url) = filled(self.url.clone()) else {
            if authorities.is_some() {
                let what = "it is for audit_stream.url, which is not set.";
                return Err(ConfigError::senseless("audit_stream.ca_file", what));
            }
            return Ok(None);
        };
        let target = read(&url, authorities.clone())?;
        let is_by_tls = matches!(target, StreamTarget::Syslog { tls: Some(_), .. });
        if authorities.is_some() && !is_by_tls {
            let what = "it is for syslog+tls:// alone: leave it out, or send by TLS.";
            return Err(ConfigError::senseless("audit_stream.ca_file", what));
        }
        Ok(Some(AuditStreamTo {
            name: url,
            target,
            from_start: self.from == StreamFrom::Start,
            facility: self.facility,
        }))
    }

    /// What is to be said of where it goes: whoever is on the way could read it, or write it.
    pub(in crate::config) fn hazard(&self) -> Option<String> {
        let url = Url::parse(filled(self.url.clone())?.as_str()).ok()?;
        let is_readable = url.scheme() == "syslog" && !is_here(&url);
        is_readable.then(|| {
            "audit_stream.url is syslog:// to another machine: whoever is on the way reads who \
             does what, and can leave it out or write it. Use syslog+tls://."
                .to_owned()
        })
    }
}

/// Whether an address is this machine's own, also where its kind of address has names alone.
fn is_here(url: &Url) -> bool {
    let is_address = |name: &str| {
        name.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
    };
    is_loopback(url) || matches!(url.host(), Some(Host::Domain(name)) if is_address(name))
}

fn read(url: &str, authorities: Option<PathBuf>) -> Result<StreamTarget, ConfigError> {
    let wrong = |what: &str| Err(ConfigError::senseless("audit_stream.url", what));
    for (scheme, example) in [("file://", "/var/log/latchkey/audit.jsonl"), ("unix://", "/dev/log")]
    {
        let Some(path) = url.strip_prefix(scheme) else { continue };
        if !path.starts_with('/') || path.ends_with('/') {
            return wrong(&format!("name the file from / on, for example {scheme}{example}."));
        }
        let path = PathBuf::from(path);
        return Ok(match scheme {
            "file://" => StreamTarget::File(path),
            _ => StreamTarget::Socket(path),
        });
    }
    let is_known = |url: &Url| matches!(url.scheme(), "syslog" | "syslog+tls");
    let Some(url) = Url::parse(url).ok().filter(is_known) else {
        return wrong(
            "a target begins with file://, syslog+tls://, syslog:// or unix://, for example \
                syslog+tls://log.example.edu:6514.",
        );
    };
    if names_somebody(&url) {
        return wrong("a syslog server asks for no name and password: leave them out.");
    }
    let host = url.host().map(|host| match host {
        // A name, where a number is one too: these addresses are none of a browser's.
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    });
    let has_more = !matches!(url.path(), "" | "/") || url.query().is_some();
    let Some(host) = host.filter(|host| !host.is_empty() && !has_more) else {
        return wrong("write it like syslog+tls://log.example.edu:6514.");
    };
    let is_by_tls = url.scheme() == "syslog+tls";
    let port = url.port().unwrap_or(if is_by_tls { PORTS.1 } else { PORTS.0 });
    let tls = is_by_tls.then_some(Authorities { file: authorities });
    Ok(StreamTarget::Syslog { host, port, tls })
}
