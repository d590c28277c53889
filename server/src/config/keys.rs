//! Every key of the configuration, under one name in the file, in the environment and on the command line.
//! Tests: `config/tests.rs`, `server/tests/server/command_line/configuration.rs`.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use serde::Deserialize;

/// Every key of the configuration, each of them optional: one such struct is read from the file and one from the
/// environment and the command line. [`Keys::or`] lays them over each other.
///
/// The name of a key is the same everywhere: `listen` in the file, `LATCHKEY_LISTEN`, `--listen`.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(next_help_heading = "Configuration")]
pub struct Keys {
    /// Address and port to listen on
    #[arg(long, env = "LATCHKEY_LISTEN", global = true, hide_env_values = true, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Where the data is: rocksdb://FOLDER, ws://HOST:PORT, wss://HOST:PORT or mem://
    #[arg(long, env = "LATCHKEY_STORE", global = true, hide_env_values = true, value_name = "URL")]
    pub store: Option<String>,
    /// User name at a ws:// or wss:// store
    #[arg(long, env = "LATCHKEY_STORE_USER", global = true, hide_env_values = true, hide_short_help = true, value_name = "NAME")]
    pub store_user: Option<String>,
    /// Password at a ws:// or wss:// store. No flag: the list of processes shows arguments to everybody.
    #[arg(skip)]
    pub store_password: Option<HiddenText>,
    /// This node's name in the audit
    #[arg(long, env = "LATCHKEY_NODE", global = true, hide_env_values = true, hide_short_help = true, value_name = "NAME")]
    pub node: Option<String>,
    /// The key that marks each row of the audit. No flag.
    #[arg(skip)]
    pub audit_key: Option<HiddenText>,
    /// The address that people type, for example <https://latchkey.example.edu>
    #[arg(long, env = "LATCHKEY_PUBLIC_URL", global = true, hide_env_values = true, value_name = "URL")]
    pub public_url: Option<String>,
    /// Networks of the proxies whose X-Forwarded-* and X-Original-* headers are believed
    #[arg(
        long,
        env = "LATCHKEY_TRUSTED_PROXIES",
        global = true,
        hide_env_values = true,
        hide_short_help = true,
        value_delimiter = ',',
        value_name = "CIDR,…"
    )]
    pub trusted_proxies: Option<Vec<IpNet>>,
    /// The header in which a trusted proxy says who is logged in, for example Remote-User
    #[arg(long, env = "LATCHKEY_REMOTE_USER_HEADER", global = true, hide_env_values = true, hide_short_help = true, value_name = "HEADER")]
    pub remote_user_header: Option<String>,
    /// The header with their full name
    #[arg(long, env = "LATCHKEY_REMOTE_NAME_HEADER", global = true, hide_env_values = true, hide_short_help = true, value_name = "HEADER")]
    pub remote_name_header: Option<String>,
    /// The header with their e-mail address
    #[arg(
        long,
        env = "LATCHKEY_REMOTE_EMAIL_HEADER",
        global = true,
        hide_env_values = true,
        hide_short_help = true,
        value_name = "HEADER"
    )]
    pub remote_email_header: Option<String>,
    /// The header with their groups, separated by semicolons
    #[arg(
        long,
        env = "LATCHKEY_REMOTE_GROUPS_HEADER",
        global = true,
        hide_env_values = true,
        hide_short_help = true,
        value_name = "HEADER"
    )]
    pub remote_groups_header: Option<String>,
    /// Where a browser is sent after logging out, to be logged out at the proxy too
    #[arg(long, env = "LATCHKEY_LOG_OUT_URL", global = true, hide_env_values = true, hide_short_help = true, value_name = "URL")]
    pub log_out_url: Option<String>,
    /// The directory's servers in order: ldap://HOST or ldaps://HOST; the next where one does not answer
    #[arg(
        long,
        env = "LATCHKEY_LDAP_URLS",
        global = true,
        hide_env_values = true,
        hide_short_help = true,
        value_delimiter = ',',
        value_name = "URL,…"
    )]
    pub ldap_urls: Option<Vec<String>>,
    /// Whether an ldap:// connection is encrypted by StartTLS before anything is said
    #[arg(long, env = "LATCHKEY_LDAP_STARTTLS", global = true, hide_env_values = true, hide_short_help = true, value_name = "true|false")]
    pub ldap_starttls: Option<bool>,
    /// The certificate authorities of the directory's servers, in PEM; without it the system's
    #[arg(long, env = "LATCHKEY_LDAP_CA_FILE", global = true, hide_env_values = true, hide_short_help = true, value_name = "FILE")]
    pub ldap_ca_file: Option<PathBuf>,
    /// Who searches in the directory
    #[arg(long, env = "LATCHKEY_LDAP_BIND_DN", global = true, hide_env_values = true, hide_short_help = true, value_name = "DN")]
    pub ldap_bind_dn: Option<String>,
    /// The password of ldap_bind_dn. No flag: the list of processes shows arguments to everybody.
    #[arg(skip)]
    pub ldap_bind_password: Option<HiddenText>,
    /// Where people are in the directory
    #[arg(long, env = "LATCHKEY_LDAP_BASE", global = true, hide_env_values = true, hide_short_help = true, value_name = "DN")]
    pub ldap_base: Option<String>,
    /// Which entry is a person's; {netid} stands for what they typed
    #[arg(long, env = "LATCHKEY_LDAP_FILTER", global = true, hide_env_values = true, hide_short_help = true, value_name = "FILTER")]
    pub ldap_filter: Option<String>,
    /// The attribute with the NetID
    #[arg(long, env = "LATCHKEY_LDAP_NETID_ATTRIBUTE", global = true, hide_env_values = true, hide_short_help = true, value_name = "NAME")]
    pub ldap_netid_attribute: Option<String>,
    /// The attribute with the full name
    #[arg(long, env = "LATCHKEY_LDAP_NAME_ATTRIBUTE", global = true, hide_env_values = true, hide_short_help = true, value_name = "NAME")]
    pub ldap_name_attribute: Option<String>,
    /// The attribute with the e-mail address
    #[arg(long, env = "LATCHKEY_LDAP_EMAIL_ATTRIBUTE", global = true, hide_env_values = true, hide_short_help = true, value_name = "NAME")]
    pub ldap_email_attribute: Option<String>,
    /// The attribute of people and groups that says which groups they are in, such as memberOf
    #[arg(long, env = "LATCHKEY_LDAP_GROUP_ATTRIBUTE", global = true, hide_env_values = true, hide_short_help = true, value_name = "NAME")]
    pub ldap_group_attribute: Option<String>,
    /// Where groups are in the directory
    #[arg(long, env = "LATCHKEY_LDAP_GROUP_BASE", global = true, hide_env_values = true, hide_short_help = true, value_name = "DN")]
    pub ldap_group_base: Option<String>,
    /// The attribute of groups that says who is in them: member, uniqueMember or memberUid
    #[arg(long, env = "LATCHKEY_LDAP_GROUP_MEMBER", global = true, hide_env_values = true, hide_short_help = true, value_name = "NAME")]
    pub ldap_group_member: Option<String>,
    /// How long a server of the directory may take to answer
    #[arg(
        long,
        env = "LATCHKEY_LDAP_TIMEOUT_SECONDS",
        global = true,
        hide_env_values = true,
        hide_short_help = true,
        value_name = "SECONDS"
    )]
    pub ldap_timeout_seconds: Option<u32>,
    /// How many connections to the directory may be open at a time, for searches and for log-ins each
    #[arg(long, env = "LATCHKEY_LDAP_CONNECTIONS", global = true, hide_env_values = true, hide_short_help = true, value_name = "COUNT")]
    pub ldap_connections: Option<u32>,
    /// How often people are synchronised with the directory while serving; 0: never
    #[arg(
        long,
        env = "LATCHKEY_DIRECTORY_SYNC_MINUTES",
        global = true,
        hide_env_values = true,
        hide_short_help = true,
        value_name = "MINUTES"
    )]
    pub directory_sync_minutes: Option<u32>,
    /// The most people that one synchronisation may disable: a share such as 5%, or a number
    #[arg(
        long,
        env = "LATCHKEY_DIRECTORY_MAX_DISABLE",
        global = true,
        hide_env_values = true,
        hide_short_help = true,
        value_name = "SHARE"
    )]
    pub directory_max_disable: Option<String>,
    /// The OpenID provider's address, as it calls itself
    #[arg(long, env = "LATCHKEY_OIDC_ISSUER", global = true, hide_env_values = true, hide_short_help = true, value_name = "URL")]
    pub oidc_issuer: Option<String>,
    /// What the OpenID provider calls Latchkey
    #[arg(long, env = "LATCHKEY_OIDC_CLIENT_ID", global = true, hide_env_values = true, hide_short_help = true, value_name = "NAME")]
    pub oidc_client_id: Option<String>,
    /// Latchkey's secret at the OpenID provider. No flag.
    #[arg(skip)]
    pub oidc_client_secret: Option<HiddenText>,
    /// What people call the OpenID provider: “Log in with …”
    #[arg(long, env = "LATCHKEY_OIDC_NAME", global = true, hide_env_values = true, hide_short_help = true, value_name = "TEXT")]
    pub oidc_name: Option<String>,
    /// What is asked of the OpenID provider beside openid
    #[arg(
        long,
        env = "LATCHKEY_OIDC_SCOPES",
        global = true,
        hide_env_values = true,
        hide_short_help = true,
        value_delimiter = ',',
        value_name = "SCOPE,…"
    )]
    pub oidc_scopes: Option<Vec<String>>,
    /// The claim with the NetID
    #[arg(long, env = "LATCHKEY_OIDC_NETID_CLAIM", global = true, hide_env_values = true, hide_short_help = true, value_name = "NAME")]
    pub oidc_netid_claim: Option<String>,
    /// The claim with the groups
    #[arg(long, env = "LATCHKEY_OIDC_GROUPS_CLAIM", global = true, hide_env_values = true, hide_short_help = true, value_name = "NAME")]
    pub oidc_groups_claim: Option<String>,
    /// The certificate authorities of the OpenID provider, in PEM; without it those that browsers trust
    #[arg(long, env = "LATCHKEY_OIDC_CA_FILE", global = true, hide_env_values = true, hide_short_help = true, value_name = "FILE")]
    pub oidc_ca_file: Option<PathBuf>,
    /// The bearer token by which an identity system pushes people (SCIM). No flag.
    #[arg(skip)]
    pub scim_token: Option<HiddenText>,
    /// Groups of a directory whose members are Campus Services reps
    #[arg(
        long,
        env = "LATCHKEY_REP_GROUPS",
        global = true,
        hide_env_values = true,
        hide_short_help = true,
        value_delimiter = ';',
        value_name = "GROUP;…"
    )]
    pub rep_groups: Option<Vec<String>>,
    /// Groups of a directory whose members are Help Desk staff
    #[arg(
        long,
        env = "LATCHKEY_HELP_DESK_GROUPS",
        global = true,
        hide_env_values = true,
        hide_short_help = true,
        value_delimiter = ';',
        value_name = "GROUP;…"
    )]
    pub help_desk_groups: Option<Vec<String>>,
    /// Groups of a directory whose members are administrators
    #[arg(
        long,
        env = "LATCHKEY_ADMIN_GROUPS",
        global = true,
        hide_env_values = true,
        hide_short_help = true,
        value_delimiter = ';',
        value_name = "GROUP;…"
    )]
    pub admin_groups: Option<Vec<String>>,
    /// Groups of a directory whose members may have a local password and tokens
    #[arg(
        long,
        env = "LATCHKEY_PRIVILEGED_GROUPS",
        global = true,
        hide_env_values = true,
        hide_short_help = true,
        value_delimiter = ';',
        value_name = "GROUP;…"
    )]
    pub privileged_groups: Option<Vec<String>>,
    /// How people reach the Help Desk
    #[arg(long, env = "LATCHKEY_HELP_DESK_CONTACT", global = true, hide_env_values = true, hide_short_help = true, value_name = "TEXT")]
    pub help_desk_contact: Option<String>,
    /// Who sets a first local password
    #[arg(long, env = "LATCHKEY_FIRST_PASSWORD", global = true, hide_env_values = true, hide_short_help = true)]
    pub first_password: Option<FirstPassword>,
    /// The longest life of a token in days; 0: no limit
    #[arg(long, env = "LATCHKEY_TOKEN_MAX_DAYS", global = true, hide_env_values = true, hide_short_help = true, value_name = "DAYS")]
    pub token_max_days: Option<u32>,
    /// How many working tokens a person may have
    #[arg(long, env = "LATCHKEY_TOKENS_PER_USER", global = true, hide_env_values = true, hide_short_help = true, value_name = "COUNT")]
    pub tokens_per_user: Option<u32>,
    /// How many tokens a person may make in a minute
    #[arg(long, env = "LATCHKEY_TOKENS_PER_MINUTE", global = true, hide_env_values = true, hide_short_help = true, value_name = "COUNT")]
    pub tokens_per_minute: Option<u32>,
    /// How long a correct local password confirms a session; 0: ask every time
    #[arg(long, env = "LATCHKEY_CONFIRM_SECONDS", global = true, hide_env_values = true, hide_short_help = true, value_name = "SECONDS")]
    pub confirm_seconds: Option<u32>,
    /// When an idle session ends
    #[arg(
        long,
        env = "LATCHKEY_SESSION_IDLE_MINUTES",
        global = true,
        hide_env_values = true,
        hide_short_help = true,
        value_name = "MINUTES"
    )]
    pub session_idle_minutes: Option<u32>,
    /// When any session ends
    #[arg(long, env = "LATCHKEY_SESSION_HOURS", global = true, hide_env_values = true, hide_short_help = true, value_name = "HOURS")]
    pub session_hours: Option<u32>,
    /// Log-in attempts per minute from one address; 0: no limit
    #[arg(long, env = "LATCHKEY_LOG_INS_PER_MINUTE", global = true, hide_env_values = true, hide_short_help = true, value_name = "COUNT")]
    pub log_ins_per_minute: Option<u32>,
    /// Memory of one password hash (argon2id m)
    #[arg(long, env = "LATCHKEY_HASH_MEMORY_KIB", global = true, hide_env_values = true, hide_short_help = true, value_name = "KIB")]
    pub hash_memory_kib: Option<u32>,
    /// Passes of one password hash (argon2id t)
    #[arg(long, env = "LATCHKEY_HASH_PASSES", global = true, hide_env_values = true, hide_short_help = true, value_name = "COUNT")]
    pub hash_passes: Option<u32>,
    /// Lanes of one password hash (argon2id p)
    #[arg(long, env = "LATCHKEY_HASH_LANES", global = true, hide_env_values = true, hide_short_help = true, value_name = "COUNT")]
    pub hash_lanes: Option<u32>,
    /// Password hashes computed at the same time; 0: half the cores
    #[arg(long, env = "LATCHKEY_HASH_THREADS", global = true, hide_env_values = true, hide_short_help = true, value_name = "COUNT")]
    pub hash_threads: Option<usize>,
    /// How many tokens verify remembers
    #[arg(long, env = "LATCHKEY_CACHED_TOKENS", global = true, hide_env_values = true, hide_short_help = true, value_name = "COUNT")]
    pub cached_tokens: Option<usize>,
    /// What to log, as a tracing filter: info, debug, warn,server=debug …
    #[arg(long, env = "LATCHKEY_LOG", global = true, hide_env_values = true, value_name = "FILTER")]
    pub log: Option<String>,
    /// How to log
    #[arg(long, env = "LATCHKEY_LOG_FORMAT", global = true, hide_env_values = true, hide_short_help = true)]
    pub log_format: Option<LogFormat>,
}

impl Keys {
    /// These keys, and `below` for those not given here.
    #[must_use]
    pub fn or(self, below: Self) -> Self {
        Self {
            listen: self.listen.or(below.listen),
            store: self.store.or(below.store),
            store_user: self.store_user.or(below.store_user),
            store_password: self.store_password.or(below.store_password),
            node: self.node.or(below.node),
            audit_key: self.audit_key.or(below.audit_key),
            public_url: self.public_url.or(below.public_url),
            trusted_proxies: self.trusted_proxies.or(below.trusted_proxies),
            remote_user_header: self.remote_user_header.or(below.remote_user_header),
            remote_name_header: self.remote_name_header.or(below.remote_name_header),
            remote_email_header: self.remote_email_header.or(below.remote_email_header),
            remote_groups_header: self.remote_groups_header.or(below.remote_groups_header),
            log_out_url: self.log_out_url.or(below.log_out_url),
            ldap_urls: self.ldap_urls.or(below.ldap_urls),
            ldap_starttls: self.ldap_starttls.or(below.ldap_starttls),
            ldap_ca_file: self.ldap_ca_file.or(below.ldap_ca_file),
            ldap_bind_dn: self.ldap_bind_dn.or(below.ldap_bind_dn),
            ldap_bind_password: self.ldap_bind_password.or(below.ldap_bind_password),
            ldap_base: self.ldap_base.or(below.ldap_base),
            ldap_filter: self.ldap_filter.or(below.ldap_filter),
            ldap_netid_attribute: self.ldap_netid_attribute.or(below.ldap_netid_attribute),
            ldap_name_attribute: self.ldap_name_attribute.or(below.ldap_name_attribute),
            ldap_email_attribute: self.ldap_email_attribute.or(below.ldap_email_attribute),
            ldap_group_attribute: self.ldap_group_attribute.or(below.ldap_group_attribute),
            ldap_group_base: self.ldap_group_base.or(below.ldap_group_base),
            ldap_group_member: self.ldap_group_member.or(below.ldap_group_member),
            ldap_timeout_seconds: self.ldap_timeout_seconds.or(below.ldap_timeout_seconds),
            ldap_connections: self.ldap_connections.or(below.ldap_connections),
            directory_sync_minutes: self.directory_sync_minutes.or(below.directory_sync_minutes),
            directory_max_disable: self.directory_max_disable.or(below.directory_max_disable),
            oidc_issuer: self.oidc_issuer.or(below.oidc_issuer),
            oidc_client_id: self.oidc_client_id.or(below.oidc_client_id),
            oidc_client_secret: self.oidc_client_secret.or(below.oidc_client_secret),
            oidc_name: self.oidc_name.or(below.oidc_name),
            oidc_scopes: self.oidc_scopes.or(below.oidc_scopes),
            oidc_netid_claim: self.oidc_netid_claim.or(below.oidc_netid_claim),
            oidc_groups_claim: self.oidc_groups_claim.or(below.oidc_groups_claim),
            oidc_ca_file: self.oidc_ca_file.or(below.oidc_ca_file),
            scim_token: self.scim_token.or(below.scim_token),
            rep_groups: self.rep_groups.or(below.rep_groups),
            help_desk_groups: self.help_desk_groups.or(below.help_desk_groups),
            admin_groups: self.admin_groups.or(below.admin_groups),
            privileged_groups: self.privileged_groups.or(below.privileged_groups),
            help_desk_contact: self.help_desk_contact.or(below.help_desk_contact),
            first_password: self.first_password.or(below.first_password),
            token_max_days: self.token_max_days.or(below.token_max_days),
            tokens_per_user: self.tokens_per_user.or(below.tokens_per_user),
            tokens_per_minute: self.tokens_per_minute.or(below.tokens_per_minute),
            confirm_seconds: self.confirm_seconds.or(below.confirm_seconds),
            session_idle_minutes: self.session_idle_minutes.or(below.session_idle_minutes),
            session_hours: self.session_hours.or(below.session_hours),
            log_ins_per_minute: self.log_ins_per_minute.or(below.log_ins_per_minute),
            hash_memory_kib: self.hash_memory_kib.or(below.hash_memory_kib),
            hash_passes: self.hash_passes.or(below.hash_passes),
            hash_lanes: self.hash_lanes.or(below.hash_lanes),
            hash_threads: self.hash_threads.or(below.hash_threads),
            cached_tokens: self.cached_tokens.or(below.cached_tokens),
            log: self.log.or(below.log),
            log_format: self.log_format.or(below.log_format),
        }
    }
}

/// Who sets a first local password: the values of `first_password`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum FirstPassword {
    /// The Help Desk, or whoever may
    #[default]
    HelpDesk,
    /// The person, within five minutes of logging in
    SelfService,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// Lines for people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// A password or secret. Its `Debug` prints nothing of it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct HiddenText(String);

impl HiddenText {
    /// Wraps a secret.
    #[must_use]
    pub fn new(password: String) -> Self {
        Self(password)
    }

    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for HiddenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HiddenText")
    }
}
