use std::fmt;
use std::net::SocketAddr;

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
    pub store_password: Option<StorePassword>,
    /// This node's name in the audit
    #[arg(long, env = "LATCHKEY_NODE", global = true, hide_env_values = true, hide_short_help = true, value_name = "NAME")]
    pub node: Option<String>,
    /// The address that people type, for example https://latchkey.example.edu
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
            public_url: self.public_url.or(below.public_url),
            trusted_proxies: self.trusted_proxies.or(below.trusted_proxies),
            remote_user_header: self.remote_user_header.or(below.remote_user_header),
            remote_name_header: self.remote_name_header.or(below.remote_name_header),
            remote_email_header: self.remote_email_header.or(below.remote_email_header),
            remote_groups_header: self.remote_groups_header.or(below.remote_groups_header),
            log_out_url: self.log_out_url.or(below.log_out_url),
            rep_groups: self.rep_groups.or(below.rep_groups),
            help_desk_groups: self.help_desk_groups.or(below.help_desk_groups),
            admin_groups: self.admin_groups.or(below.admin_groups),
            privileged_groups: self.privileged_groups.or(below.privileged_groups),
            help_desk_contact: self.help_desk_contact.or(below.help_desk_contact),
            first_password: self.first_password.or(below.first_password),
            token_max_days: self.token_max_days.or(below.token_max_days),
            tokens_per_user: self.tokens_per_user.or(below.tokens_per_user),
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

/// Who sets a first local password (DESIGN.md 2).
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

/// The password at the store. Its `Debug` prints nothing of it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct StorePassword(String);

impl StorePassword {
    /// Wraps a password.
    #[must_use]
    pub fn new(password: String) -> Self {
        Self(password)
    }

    /// The password itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for StorePassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StorePassword")
    }
}
