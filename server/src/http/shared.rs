//! What every request needs: the desk, and what the configuration says of proxies, pages and allowances.

use std::sync::Arc;

use app::here::PageSettings;
use desk::{Desk, Secret};
use governor::clock::MonotonicClock;
use ipnet::IpNet;
use tokio::sync::watch;
use url::Url;

use super::limiter::{Limiter, MAX_KEYS, NetworkLimiter};
use crate::config::{ConfigError, Configuration, FirstPassword, RemoteHeaders};
use crate::sign_on::{self, Provider};
use crate::site;

/// Wrong client secrets from one address in a minute. They are 256 random bits: this is for the log's sake and the store's.
const WRONG_CLIENTS_PER_MINUTE: u32 = 30;

/// What every request needs. Cloned for each of them: one counter, and not one for every part.
#[derive(Clone, Debug)]
pub struct Shared(Arc<Parts>);

impl std::ops::Deref for Shared {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What is shared.
#[derive(Debug)]
pub struct Parts {
    /// The desk.
    pub desk: Desk,
    pages: Arc<PageSettings>,
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) public_url: Option<Url>,
    pub(crate) remote: Option<RemoteHeaders>,
    /// The OpenID provider.
    pub(crate) sign_on: Option<Provider>,
    /// The bearer token of whoever pushes people.
    pub(crate) scim_token: Option<Secret>,
    /// Pages are reached by https only, as far as the configuration tells.
    pub(crate) always_secure: bool,
    pub(crate) log_ins: NetworkLimiter,
    /// Log-ins from browsers that have logged in before as the same person, where their address has had too many.
    pub(crate) known_browsers: Limiter<String>,
    /// Wrong client secrets, by address.
    pub(crate) wrong_clients: NetworkLimiter,
    /// Becomes true when the server stops: what would go on for ever ends then.
    pub(crate) stopping: watch::Receiver<bool>,
}

impl Shared {
    pub(crate) fn new(configuration: &Configuration, desk: Desk, demo: bool, stopping: watch::Receiver<bool>) -> Result<Self, ConfigError> {
        let sign_on = sign_on::of(configuration)?;
        let always_secure = match &configuration.public_url {
            Some(url) => url.scheme() == "https",
            None => !configuration.listen.ip().is_loopback(),
        };
        let pages = PageSettings {
            demo,
            help_desk_contact: configuration.help_desk_contact.clone(),
            log_out_url: configuration.log_out_url.clone(),
            sign_on: configuration.directories.oidc.as_ref().map(|oidc| oidc.name.clone()).unwrap_or_default(),
            token_cap_days: configuration.desk.token_cap_days,
            site: site::names().into_owned(),
            self_service: configuration.first_password == FirstPassword::SelfService,
        };
        Ok(Self(Arc::new(Parts {
            desk,
            pages: Arc::new(pages),
            trusted_proxies: configuration.trusted_proxies.clone(),
            public_url: configuration.public_url.clone(),
            remote: configuration.remote.clone(),
            sign_on,
            scim_token: configuration.directories.scim_token.clone(),
            always_secure,
            log_ins: NetworkLimiter::per_minute(configuration.log_ins_per_minute),
            known_browsers: Limiter::with_clock(configuration.log_ins_per_minute, MAX_KEYS, &MonotonicClock),
            wrong_clients: NetworkLimiter::per_minute(WRONG_CLIENTS_PER_MINUTE),
            stopping,
        })))
    }
}

impl Shared {
    /// What pages need of the configuration, with the site's files as they are named now: during development they
    /// change under a running server.
    pub(crate) fn pages(&self) -> Arc<PageSettings> {
        let site = site::names();
        if *site == self.pages.site {
            self.pages.clone()
        } else {
            Arc::new(PageSettings { site: site.into_owned(), ..(*self.pages).clone() })
        }
    }
}
