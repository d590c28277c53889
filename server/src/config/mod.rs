//! The configuration: defaults, under `latchkey.toml`, under `LATCHKEY_*`, under flags.

mod directory;
mod environment;
mod error;
mod file;
mod keys;
mod names;
mod show;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use http::HeaderName;
use ipnet::IpNet;
use url::Url;

pub use directory::{Directories, Ldap, LdapGroups, Oidc};
pub use error::ConfigError;
pub use keys::{FirstPassword, HiddenText, Keys, LogFormat};

/// A configuration file with every key at its default and what it is for.
pub const EXAMPLE: &str = include_str!("latchkey.toml");

/// The configuration that results, every key decided.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The file it came from, if any.
    pub file: Option<PathBuf>,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The address that people type.
    pub public_url: Option<Url>,
    /// The proxies whose headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How a trusted proxy says who is logged in; none: it does not.
    pub remote: Option<RemoteHeaders>,
    /// Where a browser is sent after logging out; empty: to the log-in.
    pub log_out_url: String,
    /// LDAP, OpenID and whoever pushes people.
    pub directories: Directories,
    /// How people reach the Help Desk; empty: not said.
    pub help_desk_contact: String,
    /// Who sets a first local password.
    pub first_password: FirstPassword,
    /// Log-in attempts per minute from one address; 0: no limit.
    pub log_ins_per_minute: u32,
    /// What one session may ask for in a minute: questions and changes; 0: no limit.
    pub requests_per_session_per_minute: u32,
    /// How many connections, and for how long.
    pub connections: crate::connections::Limits,
    /// What to log.
    pub log: String,
    /// How to log.
    pub log_format: LogFormat,
    /// What the desk itself needs.
    pub desk: desk::Settings,
}

/// The headers in which a trusted proxy says who is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteHeaders {
    /// The NetID's.
    pub user: HeaderName,
    /// The full name's.
    pub name: Option<HeaderName>,
    /// The e-mail address's.
    pub email: Option<HeaderName>,
    /// The groups', separated by semicolons.
    pub groups: Option<HeaderName>,
}

impl RemoteHeaders {
    fn of(names: [Option<String>; 4]) -> Result<Option<Self>, ConfigError> {
        let keys = ["remote_user_header", "remote_name_header", "remote_email_header", "remote_groups_header"];
        let mut read = Vec::with_capacity(keys.len());
        for (key, name) in keys.into_iter().zip(names) {
            let name = name.filter(|name| !name.is_empty()).map(|name| name.parse::<HeaderName>()).transpose();
            read.push(name.map_err(|_| ConfigError::Senseless { key, what: "that is not the name of a header.".to_owned() })?);
        }
        let mut read = read.into_iter();
        let mut next = || read.next().flatten();
        Ok(match (next(), next(), next(), next()) {
            (Some(user), name, email, groups) => Some(Self { user, name, email, groups }),
            (None, None, None, None) => None,
            _ => {
                let what = "name the header with the NetID too: without it nobody is logged in.".to_owned();
                return Err(ConfigError::Senseless { key: "remote_user_header", what });
            }
        })
    }
}

/// The groups named; with a directory, DNs as it compares them.
fn groups(given: Option<Vec<String>>, of_directory: bool) -> Vec<String> {
    let given = given.unwrap_or_default().into_iter().map(|group| group.trim().to_owned()).filter(|group| !group.is_empty());
    given.map(|group| if of_directory && group.contains('=') { crate::directory::ldap::names::normal(&group) } else { group }).collect()
}

impl Configuration {
    /// Lays `given` (environment and flags) over the file at `path`, over the defaults.
    ///
    /// # Errors
    /// [`ConfigError`], with place and remedy.
    pub fn load(path: Option<&Path>, mut given: Keys) -> Result<Self, ConfigError> {
        environment::check(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))?;
        given.store_password = environment::secret("store_password");
        given.audit_key = environment::secret("audit_key");
        given.ldap_bind_password = environment::secret("ldap_bind_password");
        given.oidc_client_secret = environment::secret("oidc_client_secret");
        given.scim_token = environment::secret("scim_token");
        let (file, keys) = file::read(path)?;
        Ok(Self { file, ..Self::from_keys(given.or(keys))? })
    }

    /// Fills in the defaults and checks that the whole makes sense.
    ///
    /// # Errors
    /// [`ConfigError::Senseless`].
    pub fn from_keys(mut keys: Keys) -> Result<Self, ConfigError> {
        let public_url = keys.public_url.take().filter(|url| !url.is_empty()).map(|url| public_url(&url)).transpose()?;
        let directories = Directories::of(&mut keys, public_url.as_ref())?;
        let default = desk::Settings { store: "rocksdb://data".to_owned(), ..desk::Settings::default() };
        let first_password = keys.first_password.unwrap_or_default();
        let desk = desk::Settings {
            store: keys.store.unwrap_or(default.store),
            node: keys.node.unwrap_or(default.node),
            audit_key: audit_key(keys.audit_key)?,
            directory_synchronises: directories.sync_every.is_some(),
            is_pushed_to: directories.scim_token.is_some(),
            first_password_self_service: first_password == FirstPassword::SelfService,
            token_cap_days: keys.token_max_days.filter(|days| *days > 0),
            tokens_per_user: keys.tokens_per_user.unwrap_or(default.tokens_per_user),
            tokens_per_minute: keys.tokens_per_minute.unwrap_or(default.tokens_per_minute),
            confirm_seconds: keys.confirm_seconds.unwrap_or(default.confirm_seconds),
            session_idle_minutes: keys.session_idle_minutes.unwrap_or(default.session_idle_minutes),
            session_hours: keys.session_hours.unwrap_or(default.session_hours),
            hash_memory_kib: keys.hash_memory_kib.unwrap_or(default.hash_memory_kib),
            hash_passes: keys.hash_passes.unwrap_or(default.hash_passes),
            hash_lanes: keys.hash_lanes.unwrap_or(default.hash_lanes),
            hash_threads: keys.hash_threads.unwrap_or(default.hash_threads),
            cached_tokens: keys.cached_tokens.unwrap_or(default.cached_tokens),
            store_login: store_login(keys.store_user, keys.store_password)?,
            groups: desk::GroupRules {
                rep: groups(keys.rep_groups, directories.ldap_says_groups()),
                help_desk: groups(keys.help_desk_groups, directories.ldap_says_groups()),
                admin: groups(keys.admin_groups, directories.ldap_says_groups()),
                privileged: groups(keys.privileged_groups, directories.ldap_says_groups()),
            },
            disk_reserve: 64 << 20,
            ..desk::Settings::default()
        };
        let configuration = Self {
            file: None,
            listen: keys.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 3000))),
            public_url,
            directories,
            trusted_proxies: keys.trusted_proxies.unwrap_or_default(),
            remote: RemoteHeaders::of([
                keys.remote_user_header,
                keys.remote_name_header,
                keys.remote_email_header,
                keys.remote_groups_header,
            ])?,
            log_out_url: keys.log_out_url.unwrap_or_default(),
            help_desk_contact: keys.help_desk_contact.unwrap_or_default(),
            first_password,
            log_ins_per_minute: keys.log_ins_per_minute.unwrap_or(60),
            requests_per_session_per_minute: 600,
            connections: crate::connections::Limits::default(),
            log: keys.log.unwrap_or_else(|| "info".to_owned()),
            log_format: keys.log_format.unwrap_or_default(),
            desk,
        };
        configuration.sensible()
    }

    /// Checks what no single key can say.
    fn sensible(self) -> Result<Self, ConfigError> {
        let senseless = |key, what: &str| Err(ConfigError::Senseless { key, what: what.to_owned() });
        let desk = &self.desk;
        if !["mem://", "rocksdb://", "ws://", "wss://"].iter().any(|scheme| desk.store.starts_with(scheme)) {
            return senseless("store", "a store begins with rocksdb://, ws://, wss:// or mem://.");
        }
        if desk.store.split_once("://").is_some_and(|(_, rest)| rest.split('/').next().is_some_and(|host| host.contains('@'))) {
            return senseless("store", "give the user name and password as store_user and store_password, not in the address.");
        }
        if self.remote.is_some() && self.trusted_proxies.is_empty() {
            return senseless(
                "remote_user_header",
                "name the proxies that may send it in trusted_proxies: it is believed from nobody else.",
            );
        }
        let groups = &desk.groups;
        let by_groups = [&groups.rep, &groups.help_desk, &groups.admin, &groups.privileged].iter().any(|named| !named.is_empty());
        if by_groups && self.remote.as_ref().is_none_or(|remote| remote.groups.is_none()) && self.directories.saying_groups() == 0 {
            return senseless(
                "remote_groups_header, ldap_group_attribute, ldap_group_base, oidc_groups_claim",
                "groups are configured, but nothing says who is in them: set the one that does.",
            );
        }
        let said_by = usize::from(self.remote.as_ref().is_some_and(|remote| remote.groups.is_some())) + self.directories.saying_groups();
        if said_by > 1 {
            return senseless(
                "remote_groups_header, ldap_group_attribute, ldap_group_base, oidc_groups_claim",
                "groups are said by more than one, and what one gives the other would take away: set them for one alone.",
            );
        }
        if let Some(LdapGroups::ByAttribute { base, .. }) = self.directories.ldap.as_ref().and_then(|ldap| ldap.groups.as_ref())
            && base.is_empty()
            && [&groups.rep, &groups.help_desk, &groups.admin, &groups.privileged].into_iter().flatten().any(|name| !name.contains('='))
        {
            return senseless(
                "ldap_group_base",
                "groups are named by a word of theirs: say below what they are, since others elsewhere may bear the same. Or name them by their DN.",
            );
        }
        if self.remote.is_some() && desk.first_password_self_service {
            // A proxy does not say when somebody has last proved who they are.
            return senseless("first_password", "with remote_user_header no log-in is known to be fresh: use help-desk.");
        }
        if !(self.log_out_url.is_empty() || app::paths::same_site(&self.log_out_url).is_some() || self.log_out_url.starts_with("https://"))
        {
            return senseless("log_out_url", "use a path such as /Shibboleth.sso/Logout, or an address that begins with https://.");
        }
        if desk.node.is_empty()
            || desk.node.len() > 64
            || !desk.node.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        {
            return senseless("node", "use 1 to 64 letters, digits, dots, hyphens and underscores.");
        }
        if desk.session_idle_minutes == 0 || desk.session_hours == 0 {
            return senseless("session_idle_minutes, session_hours", "a session must last at least a minute and an hour: use 1 or more.");
        }
        if desk.tokens_per_user == 0 || desk.tokens_per_minute == 0 {
            return senseless("tokens_per_user, tokens_per_minute", "nobody could make a token: use 1 or more.");
        }
        // The bounds of argon2 itself (RFC 9106 §3.1) and the least that guards anything.
        if desk.hash_passes == 0 || desk.hash_lanes == 0 || desk.hash_lanes > 64 || desk.hash_memory_kib < 8 * desk.hash_lanes {
            return senseless("hash_memory_kib, hash_passes, hash_lanes", "use at least 1 pass, 1 to 64 lanes and 8 KiB a lane.");
        }
        if desk.cached_tokens == 0 {
            return senseless("cached_tokens", "verify would ask the store each time: use 1 or more.");
        }
        if tracing_subscriber::EnvFilter::try_new(&self.log).is_err() {
            return senseless("log", "not a filter: write a level (error, warn, info, debug) or one such as warn,server=debug.");
        }
        Ok(self)
    }
}

/// The shortest key of the audit: whoever guesses it writes rows that nobody tells from ours.
const AUDIT_KEY_LEAST: usize = 32;

fn audit_key(text: Option<HiddenText>) -> Result<Option<desk::Secret>, ConfigError> {
    let Some(text) = text.filter(|text| !text.expose().is_empty()) else { return Ok(None) };
    if text.expose().len() < AUDIT_KEY_LEAST {
        let what = "use at least 32 characters that nobody can guess, such as `openssl rand -hex 32` prints.".to_owned();
        return Err(ConfigError::Senseless { key: "audit_key", what });
    }
    Ok(Some(desk::Secret::new(text.expose().to_owned())))
}

fn store_login(user: Option<String>, password: Option<HiddenText>) -> Result<Option<(String, desk::Secret)>, ConfigError> {
    let user = user.filter(|user| !user.is_empty());
    match (user, password.filter(|password| !password.expose().is_empty())) {
        (Some(user), Some(password)) => Ok(Some((user, desk::Secret::new(password.expose().to_owned())))),
        (None, None) => Ok(None),
        _ => Err(ConfigError::Senseless { key: "store_user, store_password", what: "give both or neither.".to_owned() }),
    }
}

fn public_url(text: &str) -> Result<Url, ConfigError> {
    let good = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.host().is_some()
            && url.path() == "/"
            && url.query().is_none()
            && url.username().is_empty()
    };
    let wrong =
        || ConfigError::Senseless { key: "public_url", what: "write it like https://latchkey.example.edu, without a path.".to_owned() };
    Url::parse(text).ok().filter(good).ok_or_else(wrong)
}

#[cfg(test)]
mod tests;
