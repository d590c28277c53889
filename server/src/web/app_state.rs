//! What every request needs: the desk, and what the configuration says of proxies, pages and
//! allowances.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use app::server::request_context::PageSettings;
use axum::body::Bytes;
use desk::{Desk, Secret};
use governor::clock::MonotonicClock;
use tokio::sync::{Semaphore, watch};
use url::Url;

use super::known_secrets::KnownSecrets;
use super::limiter::{Limiter, MAX_KEYS, NetworkLimiter};
use super::live_streams::Streams;
use super::proxies::Proxies;
use super::session_pace::SessionPace;
use super::strangers::{Allowance, Strangers};
use crate::audit_stream::StreamStatus;
use crate::config::{ConfigError, Configuration, FirstPassword, RemoteHeaders};
use crate::figures::DoorFigures;
use crate::leaks::GitHubKeys;
use crate::notices::NoticesStatus;
use crate::oidc::{self, Provider};
use crate::site;
use crate::tls::Tls;

/// Wrong client secrets from one address in a minute. They are 256 random bits: this is for the
/// log's sake and the store's.
const WRONG_CLIENTS_PER_MINUTE: u32 = 30;

/// Tokens that are nobody's, each new, in a minute. An application that goes on with a revoked
/// token is not among them: it is remembered.
const UNKNOWN_TOKENS: Allowance = Allowance { each: 60, all: 12_000 };

/// Names and secrets that are no client's, in a minute.
const UNKNOWN_CLIENTS: Allowance = Allowance { each: WRONG_CLIENTS_PER_MINUTE, all: 6_000 };

/// Reports of tokens that leaked, of one address in an hour.
const LEAK_REPORTS_PER_HOUR: u32 = 60;

/// Strings of such reports that are nobody's tokens, each new, in a minute: apart from what verify
/// has for those, so that no report takes anything from there.
const LEAKED_STRINGS: Allowance = Allowance { each: 60, all: 600 };

/// Reports to GitHub's door that GitHub has not signed, in a minute.
const UNSIGNED_REPORTS: Allowance = Allowance { each: 60, all: 6_000 };

/// Addresses of calendars that are nobody's, in a minute.
const UNKNOWN_CALENDARS: Allowance = Allowance { each: 30, all: 6_000 };

/// As many times an address's returns that let nobody in there may be of all addresses together:
/// each asks the provider.
const RETURNS_OF_ALL: u32 = 100;

/// Large requests of whoever pushes people, at a time: read, one takes many times its length.
const LARGE_BODIES: usize = 2;

/// What every request needs. Cloned for each of them: one counter, and not one for every part.
#[derive(Clone, Debug)]
pub struct AppState(Arc<AppStateInner>);

impl std::ops::Deref for AppState {
    type Target = AppStateInner;
    fn deref(&self) -> &AppStateInner {
        &self.0
    }
}

/// What is shared.
#[derive(Debug)]
pub struct AppStateInner {
    /// What decides: no handler has a rule of its own.
    pub desk: Desk,
    pages: Arc<PageSettings>,
    pub(crate) proxies: Proxies,
    /// The certificate, where https is spoken here.
    pub(crate) tls: Option<Tls>,
    pub(crate) public_url: Option<Url>,
    pub(crate) remote: Option<RemoteHeaders>,
    /// What a proxy proves itself by that says who is logged in.
    pub(crate) proxy_secret: Option<Secret>,
    /// The OpenID provider.
    pub(crate) sign_on: Option<Provider>,
    /// The bearer token of whoever pushes people.
    pub(crate) scim_token: Option<Secret>,
    /// Turns for what they send that is large.
    pub(crate) large_bodies: Arc<Semaphore>,
    /// Pages are reached by https only, as far as the configuration tells.
    pub(crate) always_secure: bool,
    pub(crate) log_ins: NetworkLimiter,
    /// Log-ins and returns from browsers that are known, by whom they are known as, where their
    /// address has had too many.
    pub(crate) known_browsers: Limiter<String>,
    /// Returns from the OpenID provider by which nobody comes in; none: they are not counted.
    pub(crate) returns: Option<Strangers>,
    /// Log-ins of whom somebody trusted vouches for, by NetID.
    pub(crate) vouched: Limiter<String>,
    /// Wrong client secrets, by address.
    pub(crate) wrong_clients: NetworkLimiter,
    /// What sessions ask for.
    pub(crate) session_pace: SessionPace,
    /// Tokens that are nobody's.
    pub(crate) unknown_tokens: Strangers,
    /// Names and secrets that are no client's.
    pub(crate) unknown_clients: Strangers,
    /// Reports of tokens that leaked, by address.
    pub(crate) leak_calls: NetworkLimiter,
    /// Strings in them that are nobody's tokens.
    pub(crate) leaked_strings: Strangers,
    /// Reports in GitHub's name that GitHub has not signed.
    pub(crate) unsigned_reports: Strangers,
    /// GitHub's keys; none: it reports nothing.
    pub(crate) github_keys: Option<GitHubKeys>,
    /// Addresses of calendars that are nobody's.
    pub(crate) unknown_calendars: Strangers,
    /// Addresses of calendars that were somebody's.
    pub(crate) known_calendars: KnownSecrets,
    /// The machine API described, with the address of this desk.
    pub(crate) description: OnceLock<Bytes>,
    /// How far behind the audit's stream is; none: there is none.
    pub(crate) audit_stream: Option<Arc<StreamStatus>>,
    /// How notices go out.
    pub(crate) notices: Arc<NoticesStatus>,
    /// There are traces of requests.
    pub(crate) has_traces: bool,
    /// Open streams of `/live`, by whose they are.
    pub(crate) streams: Streams,
    /// What the doors count.
    pub(crate) figures: DoorFigures,
    /// Becomes true when the server stops: what would go on for ever ends then.
    pub(crate) stopping: watch::Receiver<bool>,
}

impl AppState {
    pub(crate) fn new(
        configuration: &Configuration,
        desk: Desk,
        demo: bool,
        stopping: watch::Receiver<bool>,
    ) -> Result<Self, ConfigError> {
        let sign_on = oidc::of(configuration)?;
        let tls = Tls::of(configuration)?;
        let always_secure = match &configuration.public_url {
            Some(url) => url.scheme() == "https",
            None => tls.is_some() || !configuration.sections.server.listen.is_local(),
        };
        let prefix = prefix_of(configuration.public_url.as_ref());
        let pages = PageSettings {
            demo,
            help_desk_contact: configuration
                .sections
                .people
                .help_desk_contact
                .clone()
                .unwrap_or_default(),
            log_out_url: configuration.log_out_url.clone(),
            sign_on: configuration
                .directories
                .oidc
                .as_ref()
                .map(|oidc| oidc.name.clone())
                .unwrap_or_default(),
            vouched_for: configuration.remote.is_some() || configuration.directories.oidc.is_some(),
            token_cap_days: configuration.desk.token_cap_days,
            site: site::names().below(prefix),
            prefix: prefix.to_owned(),
            self_service: configuration.sections.people.first_password
                == FirstPassword::SelfService,
        };
        Ok(Self(Arc::new(AppStateInner {
            desk,
            pages: Arc::new(pages),
            proxies: Proxies::new(configuration.trusted_proxies.clone()),
            tls,
            public_url: configuration.public_url.clone(),
            remote: configuration.remote.clone(),
            proxy_secret: configuration.proxy_secret.clone(),
            sign_on,
            scim_token: configuration.directories.scim_token.clone(),
            large_bodies: Arc::new(Semaphore::new(LARGE_BODIES)),
            always_secure,
            log_ins: NetworkLimiter::per_minute(configuration.sections.limits.log_ins_per_minute),
            known_browsers: by_name(configuration.sections.limits.log_ins_per_minute),
            returns: returns_of(configuration.sections.limits.log_ins_per_minute),
            vouched: by_name(configuration.sections.limits.log_ins_per_minute),
            wrong_clients: NetworkLimiter::per_minute(WRONG_CLIENTS_PER_MINUTE),
            session_pace: SessionPace::new(
                configuration.sections.limits.requests_per_session_per_minute,
            ),
            unknown_tokens: Strangers::new("tokens that are nobody's", UNKNOWN_TOKENS),
            unknown_clients: Strangers::new("wrong client secrets", UNKNOWN_CLIENTS),
            leak_calls: NetworkLimiter::per_hour(LEAK_REPORTS_PER_HOUR),
            leaked_strings: Strangers::new("reported strings that are nobody's", LEAKED_STRINGS),
            unsigned_reports: Strangers::new(
                "leak reports without GitHub's signature",
                UNSIGNED_REPORTS,
            ),
            github_keys: configuration.github_keys.clone().map(GitHubKeys::at).transpose()?,
            unknown_calendars: Strangers::new(
                "addresses of calendars that are nobody's",
                UNKNOWN_CALENDARS,
            ),
            known_calendars: KnownSecrets::default(),
            description: OnceLock::new(),
            audit_stream: configuration.audit_stream.as_ref().map(|_| Arc::default()),
            notices: Arc::default(),
            has_traces: configuration.traces.is_some(),
            streams: Streams::default(),
            figures: DoorFigures::default(),
            stopping,
        })))
    }
}

impl AppState {
    /// What pages need of the configuration, with the site's files as they are named now: during
    /// development they change under a running server.
    pub(crate) fn pages(&self) -> Arc<PageSettings> {
        let site = site::names();
        let site = if self.pages.prefix.is_empty() {
            site
        } else {
            Cow::Owned(site.below(&self.pages.prefix))
        };
        if *site == self.pages.site {
            self.pages.clone()
        } else {
            Arc::new(PageSettings { site: site.into_owned(), ..(*self.pages).clone() })
        }
    }

    /// When the certificate in use ends; none: https is not spoken here.
    #[must_use]
    pub fn certificate_ends(&self) -> Option<SystemTime> {
        self.tls.as_ref().map(Tls::ends)
    }

    /// Whether the host is shared with others.
    pub(crate) fn shares_host(&self) -> bool {
        !self.pages.prefix.is_empty()
    }

    /// The path of all pages at a host that is shared, `/latchkey`; empty: the host is Latchkey's
    /// own.
    pub(crate) fn prefix(&self) -> Arc<str> {
        self.pages.prefix.as_str().into()
    }
}

fn by_name(per_minute: u32) -> Limiter<String> {
    Limiter::with_clock(per_minute, MAX_KEYS, &MonotonicClock)
}

fn returns_of(per_minute: u32) -> Option<Strangers> {
    let all = per_minute.saturating_mul(RETURNS_OF_ALL);
    (per_minute > 0).then(|| {
        let what = "returns from the OpenID provider by which nobody comes in";
        Strangers::new(what, Allowance { each: per_minute, all })
    })
}

fn prefix_of(public_url: Option<&Url>) -> &str {
    public_url.map_or("", |url| url.path().trim_end_matches('/'))
}
