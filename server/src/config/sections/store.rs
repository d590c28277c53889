//! `[store]` and `[audit]`: where the data is, and the key that marks the audit.

use confique::Config;
use desk::{KeepDays, Secret};
use serde::Serialize;
use url::Url;

use super::hidden::{HiddenText, secret};
use super::server::is_loopback;
use super::{filled, names_somebody};
use crate::config::ConfigError;

/// The shortest key of the audit: whoever guesses it writes rows that nobody tells from ours.
const AUDIT_KEY_LEAST: usize = 32;

/// With less the engine's own index of a large store has no room.
const MEMORY_LEAST_MIB: u32 = 64;

/// Where the data is.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct StoreSection {
    /// rocksdb://FOLDER keeps it in a folder of this machine, for one latchkey at a time;
    /// wss://HOST:PORT at a SurrealDB server or cluster, for any number of them (ws:// within this
    /// machine: beyond it everything would be readable on the network); mem:// forgets everything
    /// at the end.
    #[config(env = "LATCHKEY_STORE", default = "rocksdb://data")]
    pub url: String,

    /// How many MiB the folder's engine takes for what it has read and for what waits to be
    /// written, at least 64. Where many are at work in a large store, more of it saves reading from
    /// the disk; the default leaves room for the rest on a machine with 1 GiB.
    #[config(env = "LATCHKEY_STORE_MEMORY_MIB", default = 192)]
    pub memory_mib: u32,

    /// How many MiB of the folder's disk are held back, so that rights can still be taken away when
    /// it is full: below that log-ins and new tokens are refused first. 0: none.
    #[config(env = "LATCHKEY_DISK_RESERVE_MIB", default = 64)]
    pub disk_reserve_mib: u32,

    /// User name at a SurrealDB server: a user of Latchkey's database, no root.
    #[config(env = "LATCHKEY_STORE_USER")]
    pub user: Option<String>,

    /// Their password. No flag: arguments are visible to everybody on the machine.
    #[config(env = "LATCHKEY_STORE_PASSWORD")]
    pub password: Option<HiddenText>,
}

/// The keys of `[audit]`, as they are written.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct Audit {
    /// A key outside the store that marks each row of the audit (HMAC-SHA256), so that whoever can
    /// write to the store cannot write rows that pass for Latchkey's. At least 32 characters, such
    /// as `openssl rand -hex 32` prints; the same at every node, and kept for as long as the audit
    /// is: rows marked by another key do not verify. Left out: no marks.
    #[config(env = "LATCHKEY_AUDIT_KEY")]
    pub key: Option<HiddenText>,

    /// For how many days rows of the audit are kept, at least 30; then they are removed, a day's at
    /// a time, and a checkpoint in the audit stands for them, so that the rest still verifies. 0:
    /// for ever.
    #[config(env = "LATCHKEY_AUDIT_KEEP_DAYS", default = 0)]
    pub keep_days: u32,
}

impl StoreSection {
    /// How many bytes its engine takes.
    pub(in crate::config) fn memory(&self) -> Result<usize, ConfigError> {
        if self.memory_mib < MEMORY_LEAST_MIB {
            let what = "the store would read nearly everything from the disk: use 64 or more.";
            return Err(ConfigError::senseless("store.memory_mib", what));
        }
        Ok(usize::try_from(self.memory_mib).unwrap_or(usize::MAX).saturating_mul(1 << 20))
    }

    /// The store's address: one that can be opened, without a name or a password in it.
    pub(in crate::config) fn address(&self) -> Result<String, ConfigError> {
        let wrong = |what| Err(ConfigError::senseless("store.url", what));
        let url = self.url.trim();
        if !["mem://", "rocksdb://", "ws://", "wss://"].iter().any(|scheme| url.starts_with(scheme))
        {
            return wrong("a store begins with rocksdb://, ws://, wss:// or mem://.");
        }
        if url.strip_prefix("rocksdb://").is_some_and(|folder| folder.trim().is_empty()) {
            return wrong(
                "name the folder, for example rocksdb://data or rocksdb:///var/lib/latchkey.",
            );
        }
        if !url.starts_with("ws") {
            return Ok(url.to_owned());
        }
        let Ok(address) = Url::parse(url) else { return wrong("write it like wss://HOST:PORT.") };
        if names_somebody(&address) {
            return wrong(
                "give the user name and password as store.user and store.password, not in the \
                    address.",
            );
        }
        if address.scheme() == "ws" && !is_loopback(&address) {
            return wrong(
                "everything in the store would be readable on the network, the store's password \
                    too: use wss://.",
            );
        }
        Ok(url.to_owned())
    }

    /// Who signs in there.
    pub(in crate::config) fn login(&self) -> Result<Option<(String, Secret)>, ConfigError> {
        match (filled(self.user.clone()), secret(self.password.clone())) {
            (Some(user), Some(password)) => Ok(Some((user, password))),
            (None, None) => Ok(None),
            _ => Err(ConfigError::senseless(
                "store.user, store.password",
                "give both or neither. The password belongs in a file of the credentials folder, \
                    store.password, or in the variable LATCHKEY_STORE_PASSWORD.",
            )),
        }
    }
}

impl Audit {
    /// For how long it is kept; none: for ever.
    pub(in crate::config) fn keep(&self) -> Result<Option<KeepDays>, ConfigError> {
        let keep = Some(self.keep_days).filter(|days| *days > 0).map(KeepDays::new).transpose();
        keep.map_err(|error| {
            ConfigError::senseless("audit.keep_days", format!("{error}. 0: for ever."))
        })
    }

    /// What rows of the audit are marked by; none: they have no marks.
    pub(in crate::config) fn key(&self) -> Result<Option<Secret>, ConfigError> {
        let key = secret(self.key.clone());
        if key.as_ref().is_some_and(|key| key.expose().len() < AUDIT_KEY_LEAST) {
            let what = "use at least 32 characters that nobody can guess, such as `openssl rand \
                -hex 32` prints.";
            return Err(ConfigError::senseless("audit.key", what));
        }
        Ok(key)
    }
}
