//! Every key of the configuration, in one place: a struct a section, each field a key with its name
//! in the environment, its default and what it is for. The example file, the reference and the
//! messages about keys are made from these. Tests: `config/tests.rs`, `config/reference.rs`,
//! `server/tests/server/command_line/configuration.rs`.

mod audit_stream;
mod backup;
mod hidden;
mod ldap;
mod leaks;
mod lenient;
mod listen;
mod logs;
mod mail;
mod metrics;
mod notices;
mod numbers;
mod oidc;
mod people;
mod proxy;
mod request_tracker;
mod server;
mod store;
mod tls;
mod traces;
mod webhook;

use confique::{Config, Layer as _};
use serde::Serialize;
use url::Url;

pub use audit_stream::{
    AuditStreamSection, AuditStreamTo, Authorities, Facility, StreamFrom, StreamTarget,
};
pub use backup::Backup;
pub use hidden::HiddenText;
pub use ldap::LdapSection;
pub use leaks::LeaksSection;
pub(super) use lenient::says_yes;
pub use listen::ListenAt;
pub use logs::{Log, LogFormat};
pub use mail::{Mail, MailSection, MailSecurity};
pub use metrics::Metrics;
pub use notices::Notices;
pub use numbers::{Hash, Limits, Sessions, Tokens};
pub use oidc::OidcSection;
pub use people::{FirstPassword, Groups, People, Scim};
pub use proxy::Proxy;
pub use request_tracker::RequestTracker;
pub(crate) use server::MAX_SOCKET_PATH;
pub use server::Server;
pub use store::{Audit, StoreSection};
pub use tls::TlsSection;
pub use traces::{Traces, TracesSection};
pub use webhook::{Webhook, WebhookSection};

/// All sections, every key decided: what `latchkey config` prints.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct Sections {
    /// Where people reach Latchkey.
    #[config(nested)]
    pub server: Server,
    /// https by Latchkey itself. Neither key: plain http, for a proxy that speaks https.
    #[config(nested)]
    pub tls: TlsSection,
    /// The proxies before Latchkey, and single sign-on by one of them (Shibboleth, CAS,
    /// mod_auth_openidc …).
    #[config(nested)]
    pub proxy: Proxy,
    /// Where the data is.
    #[config(nested)]
    pub store: StoreSection,
    /// The audit.
    #[config(nested)]
    pub audit: Audit,
    /// Backups of a store in a folder, while everything runs.
    #[config(nested)]
    pub backup: Backup,
    /// Where the audit goes as it happens: a file, or syslog.
    #[config(nested)]
    pub audit_stream: AuditStreamSection,
    /// LDAP: people log in with the password that the directory knows, are made when they first
    /// come, and are kept as it has them.
    #[config(nested)]
    pub ldap: LdapSection,
    /// OpenID Connect: a button on the log-in page. Register Latchkey at the provider with the
    /// redirect address PUBLIC_URL/login/oidc/back, the address after log-out PUBLIC_URL/login, and
    /// for back-channel log-out PUBLIC_URL/login/oidc/log-out.
    #[config(nested)]
    pub oidc: OidcSection,
    /// SCIM 2.0: an identity system pushes people to PUBLIC_URL/scim/v2.
    #[config(nested)]
    pub scim: Scim,
    /// What the groups of a proxy or a directory mean here: the highest role counts, and whoever is
    /// in none of these groups is staff. Without any of the first three, roles are an
    /// administrator's to give. In the environment several groups are separated by semicolons.
    #[config(nested)]
    pub groups: Groups,
    /// People and their passwords.
    #[config(nested)]
    pub people: People,
    /// Auth tokens.
    #[config(nested)]
    pub tokens: Tokens,
    /// Tokens that were found where strangers can read them: anybody may report some, and GitHub
    /// may.
    #[config(nested)]
    pub leaks: LeaksSection,
    /// Request Tracker's auth tokens, as `latchkey rt import` has brought them.
    #[config(nested)]
    pub request_tracker: RequestTracker,
    /// Sessions in the browser.
    #[config(nested)]
    pub sessions: Sessions,
    /// What people are told: of tokens that are made, used from elsewhere or about to end, of local
    /// passwords, of accounts. By mail, by a webhook, or by both.
    #[config(nested)]
    pub notices: Notices,
    /// Mail, by a server that takes it.
    #[config(nested)]
    pub mail: MailSection,
    /// The same posted to an address, signed (Standard Webhooks).
    #[config(nested)]
    pub webhook: WebhookSection,
    /// What anybody may do how often.
    #[config(nested)]
    pub limits: Limits,
    /// Cost of a password hash (argon2id). Raised, hashes are renewed as people use their
    /// passwords.
    #[config(nested)]
    pub hash: Hash,
    /// The log, to standard error.
    #[config(nested)]
    pub log: Log,
    /// Figures for Prometheus, at an address of their own.
    #[config(nested)]
    pub metrics: Metrics,
    /// Traces of requests, by OpenTelemetry.
    #[config(nested)]
    pub traces: TracesSection,
}

/// Keys given somewhere: each of them optional.
pub(super) type Given = <Sections as Config>::Layer;

impl Sections {
    /// These keys over the defaults.
    pub(super) fn over_defaults(given: Given) -> Self {
        let all = given.with_fallback(Given::default_values());
        // `Config::from_layer` fails where a key has neither a value nor a default; a test sees
        // that none is like that.
        Self::from_layer(all).unwrap_or_else(|error| unreachable!("{error}"))
    }
}

impl Default for Sections {
    fn default() -> Self {
        Self::over_defaults(Given::empty())
    }
}

/// A value that is there: not empty, blanks around it dropped.
fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Whether an address has a user name or a password in it: those have keys of their own, which are
/// not shown.
fn names_somebody(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// The values of a list that are there.
fn listed(texts: Vec<String>) -> Vec<String> {
    texts.into_iter().filter_map(|text| filled(Some(text))).collect()
}
