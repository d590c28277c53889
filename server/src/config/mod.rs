//! The configuration: defaults, under `latchkey.toml`, under files of secrets, under `LATCHKEY_*`,
//! under flags. A key is written once, in `sections/`.

mod bare;
mod connection_limits;
mod credentials;
mod directory;
mod environment;
mod error;
mod file;
mod flags;
mod hazards;
mod names;
mod old_form;
mod places;
mod proxies;
mod reference;
pub mod sections;
mod show;
mod value;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use confique::Layer as _;
use http::HeaderName;
use ipnet::IpNet;
use url::Url;

pub use connection_limits::ConnectionLimits;
pub use directory::{Directories, Ldap, LdapGroups, Oidc};
pub(crate) use environment::says_something;
pub use error::ConfigError;
pub use flags::Flags;
pub(crate) use flags::instead_of;
pub(crate) use names::hint;
pub use reference::example;
pub use sections::{
    AuditStreamTo, Authorities, Facility, FirstPassword, HiddenText, ListenAt, LogFormat, Mail,
    MailSecurity, Sections, StreamFrom, StreamTarget, Traces, Webhook,
};

use places::Places;

/// The configuration that results, every key decided.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The file it came from, if any.
    pub file: Option<PathBuf>,
    /// As it was written: what is good enough as it stands there is asked for here. What has to be
    /// understood first is below.
    pub sections: Sections,
    /// The address that people type.
    pub public_url: Option<Url>,
    /// The files by which Latchkey speaks https itself; none: it speaks http.
    pub tls: Option<TlsFiles>,
    /// The permissions of the socket that is listened on, where it is one.
    pub socket_mode: u32,
    /// The proxies whose headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How a trusted proxy says who is logged in; none: it does not.
    pub remote: Option<RemoteHeaders>,
    /// What such a proxy sends as `Latchkey-Proxy-Secret`, where others reach Latchkey from its
    /// address too.
    pub proxy_secret: Option<desk::Secret>,
    /// Where a browser is sent after logging out; empty: to the log-in.
    pub log_out_url: String,
    /// LDAP, OpenID and whoever pushes people.
    pub directories: Directories,
    /// How many connections, and for how long.
    pub connections: ConnectionLimits,
    /// Where commands reach the server that runs; none: nowhere.
    pub control: Option<PathBuf>,
    /// Where Prometheus reads figures; none: nowhere.
    pub metrics: Option<SocketAddr>,
    /// Where the audit goes as it happens; none: nowhere.
    pub audit_stream: Option<AuditStreamTo>,
    /// Where traces go; none: there are none.
    pub traces: Option<Traces>,
    /// Where GitHub's keys are, which may report tokens that leaked; none: it may not.
    pub github_keys: Option<Url>,
    /// How mail is sent; none: it is not.
    pub mail: Option<Mail>,
    /// Where notices are posted to; none: nowhere.
    pub webhook: Option<Webhook>,
    /// What the desk itself needs.
    pub desk: desk::Settings,
    /// Where it was written.
    places: Places,
    /// Whether the file is written as it was before there were sections.
    file_is_old: bool,
    /// Whether one of the keys that the file sets is a secret.
    file_holds_a_secret: bool,
}

/// A certificate and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, Latchkey's own first.
    pub certificate: PathBuf,
    /// The certificate's private key in PEM, without a password.
    pub key: PathBuf,
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

/// The keys that say who is in which group.
const SAYING_GROUPS: &str =
    "proxy.groups_header, ldap.group_attribute, ldap.group_base, oidc.groups_claim, scim.groups";

/// A file in today's form: what `latchkey config migrate` prints.
///
/// # Errors
/// [`ConfigError`]: there is no file, or it cannot be read.
pub fn migrated(path: Option<&Path>) -> Result<String, ConfigError> {
    let path = file::find(path).unwrap_or_else(|| PathBuf::from(file::USUAL));
    let file = file::read(path, &mut Places::default())?;
    let wrong = |what: String| ConfigError::Malformed { path: file.path.clone(), line: 1, what };
    let new = old_form::migrated(&file.text).map_err(|error| wrong(error.to_string()))?;
    let read = file::parse(file.path.clone(), &new, &mut Places::default())?;
    if format!("{:?}", Sections::over_defaults(read.given))
        != format!("{:?}", Sections::over_defaults(file.given))
    {
        return Err(wrong(
            "it cannot be written anew by itself without losing something: write its \
            keys below their sections"
                .to_owned(),
        ));
    }
    Ok(new)
}

impl Configuration {
    /// What the OpenID provider calls itself, where there is one.
    pub(crate) fn issuer(&self) -> Option<&str> {
        self.directories.oidc.as_ref().map(|oidc| oidc.issuer.as_str())
    }

    /// Whether anybody but the desk itself says who people are: a directory, a provider, a proxy.
    pub(crate) fn has_campus_log_in(&self) -> bool {
        let directories = &self.directories;
        self.remote.is_some() || directories.oidc.is_some() || directories.ldap.is_some()
    }

    /// Lays `flags` over the environment, over files of secrets, over the file at `path`, over the
    /// defaults.
    ///
    /// # Errors
    /// [`ConfigError`], with place and remedy.
    pub fn load(path: Option<&Path>, flags: Flags) -> Result<Self, ConfigError> {
        let mut places = Places::default();
        let mut given = flags.keys(&mut places);
        given = given.with_fallback(environment::read()?);
        places.note_environment();
        given = given.with_fallback(credentials::read(&mut places)?);
        let (mut file, mut file_is_old, mut file_holds_a_secret) = (None, false, false);
        if let Some(path) = file::find(path) {
            let read = file::read(path, &mut places)?;
            given = given.with_fallback(read.given);
            (file, file_is_old) = (Some(read.path), read.is_old);
            file_holds_a_secret = read.holds_a_secret;
        }
        let result = Self::from_sections(Sections::over_defaults(given))
            .map_err(|error| error.at(&places))?;
        Ok(Self { file, places, file_is_old, file_holds_a_secret, ..result })
    }

    /// Checks that the sections make sense, each and all of them together.
    ///
    /// # Errors
    /// [`ConfigError::Senseless`].
    pub fn from_sections(sections: Sections) -> Result<Self, ConfigError> {
        sections.tokens.check()?;
        sections.sessions.check()?;
        sections.hash.check()?;
        sections.limits.check()?;
        sections.log.check()?;
        sections.groups.check()?;
        let public_url = sections.server.address()?;
        let directories = Directories::of(&sections, public_url.as_ref())?;
        let mail = sections.mail.mail(public_url.as_ref())?;
        let webhook = sections.webhook.webhook()?;
        let desk = desk::Settings {
            notices: sections.notices.settings(mail.is_some(), webhook.is_some())?,
            ..desk_settings(&sections, &directories)?
        };
        let configuration = Self {
            file: None,
            tls: sections.tls.files()?,
            socket_mode: sections.server.mode()?,
            trusted_proxies: sections.proxy.networks()?,
            remote: sections.proxy.headers()?,
            proxy_secret: sections.proxy.secret()?,
            log_out_url: sections.proxy.after_log_out()?,
            connections: ConnectionLimits { each: usize::MAX, ..Default::default() }
                .at_most(sections.limits.connections),
            metrics: sections.metrics.address()?,
            audit_stream: sections.audit_stream.target()?,
            traces: sections.traces.collector()?,
            github_keys: sections.leaks.keys()?,
            mail,
            webhook,
            control: control(&sections, &desk)?,
            desk,
            public_url,
            directories,
            sections,
            places: Places::default(),
            file_is_old: false,
            file_holds_a_secret: false,
        };
        configuration.agree()?;
        Ok(configuration)
    }

    /// Checks what no single section can say.
    fn agree(&self) -> Result<(), ConfigError> {
        let by_proxy = self.remote.as_ref().is_some_and(|remote| remote.groups.is_some());
        let sources_of_groups = usize::from(by_proxy)
            + self.directories.saying_groups()
            + usize::from(self.desk.scim_groups);
        let groups = &self.desk.groups;
        let named = || {
            [&groups.rep, &groups.help_desk, &groups.admin, &groups.privileged]
                .into_iter()
                .flatten()
        };
        if sources_of_groups == 0 && named().next().is_some() {
            let what =
                "groups are configured, but nothing says who is in them: set the one that does.";
            return Err(ConfigError::senseless(SAYING_GROUPS, what)
                .since("groups.admin, groups.help_desk, groups.rep, groups.privileged"));
        }
        if sources_of_groups > 1 {
            let what = "more than one of these says who is in which group, and what one gives the \
                other would take away: set them for one alone.";
            return Err(ConfigError::senseless(SAYING_GROUPS, what));
        }
        if let Some(LdapGroups::ByAttribute { base, .. }) =
            self.directories.ldap.as_ref().and_then(|ldap| ldap.groups.as_ref())
            && base.is_empty()
            && named().any(|name| !name.contains('='))
        {
            let what = "groups are named by a single word: say here below which entry they are, \
                since groups elsewhere may have the same name. Or name them by their DN.";
            return Err(
                ConfigError::senseless("ldap.group_base", what).since("ldap.group_attribute")
            );
        }
        if self.remote.is_some() && self.desk.first_password_self_service {
            // A proxy does not say when somebody has last proved who they are.
            let what = "with proxy.user_header no log-in is known to be fresh: use help-desk.";
            return Err(ConfigError::senseless("people.first_password", what));
        }
        if self.tls.is_some() {
            self.agrees_with_https()?;
        }
        self.says_who_is_privileged()
    }

    /// Whether nothing else says that it is no https.
    fn agrees_with_https(&self) -> Result<(), ConfigError> {
        const SINCE: &str = "tls.certificate, tls.key";
        if self.sections.server.listen.socket().is_some() {
            let what = "nobody speaks https by a socket of this machine: leave [tls] to the proxy \
                behind it, or listen on an address.";
            return Err(ConfigError::senseless("server.listen", what).since(SINCE));
        }
        if self.public_url.as_ref().is_some_and(|url| url.scheme() == "http") {
            let what = "with a certificate Latchkey speaks https alone: write https://.";
            return Err(ConfigError::senseless("server.public_url", what).since(SINCE));
        }
        Ok(())
    }

    /// Where the key was given, if it was.
    pub(crate) fn place_of(&self, key: &str) -> Option<&str> {
        self.places.of(key)
    }

    /// Gives an error of what the configuration names the place where that was written.
    #[must_use]
    pub fn located(&self, error: ConfigError) -> ConfigError {
        error.at(&self.places)
    }
}

/// Beside a SurrealDB server commands run by themselves.
fn control(sections: &Sections, desk: &desk::Settings) -> Result<Option<PathBuf>, ConfigError> {
    let control = sections.server.control(desk.folder().as_deref())?;
    Ok(control.filter(|_| !desk.store.starts_with("ws")))
}

fn desk_settings(
    sections: &Sections,
    directories: &Directories,
) -> Result<desk::Settings, ConfigError> {
    // No key says these: it is always one database, a command says whether it is a demo and what
    // becomes of an older store, and only a test has a clock of its own. Every other field is named
    // below, so that a new one does not compile until it is known which key it comes from. Notices
    // are looked at with what there is to send them.
    let desk::Settings { database, demo, older_store, clock, notices, .. } =
        desk::Settings::default();
    let store = sections.store.address()?;
    Ok(desk::Settings {
        backups: sections.backup.settings(&store)?,
        store,
        database,
        store_login: sections.store.login()?,
        demo,
        older_store,
        node: sections.server.node()?,
        audit_key: sections.audit.key()?,
        audit_keep: sections.audit.keep()?,
        audit_stream: sections.audit_stream.target()?.map(|stream| stream.name),
        directory_synchronises: directories.sync_every.is_some(),
        is_pushed_to: directories.scim_token.is_some(),
        scim_groups: directories.scim_token.is_some() && sections.scim.groups,
        first_password_self_service: sections.people.first_password == FirstPassword::SelfService,
        scim_max_leavers_per_hour: sections.scim.leaver_limit()?,
        reserved_netids: sections.people.reserved()?,
        token_needs_log_in_days: sections.tokens.needs_log_in_days,
        rt_strings_end: sections.request_tracker.end()?,
        sessions_per_user: sections.sessions.per_user,
        directory_tries: sections.ldap.tries,
        directory_quiet_minutes: sections.ldap.quiet_minutes,
        token_cap_days: Some(sections.tokens.max_days).filter(|days| *days > 0),
        tokens_per_user: sections.tokens.per_user,
        tokens_per_minute: sections.tokens.per_minute,
        cached_tokens: sections.tokens.cached,
        confirm_seconds: sections.sessions.confirm_seconds,
        session_idle_minutes: sections.sessions.idle_minutes,
        session_hours: sections.sessions.hours,
        hash_memory_kib: sections.hash.memory_kib,
        hash_passes: sections.hash.passes,
        hash_lanes: sections.hash.lanes,
        hash_threads: sections.hash.threads,
        store_memory: sections.store.memory()?,
        disk_reserve: u64::from(sections.store.disk_reserve_mib) << 20,
        groups: sections.groups.rules(directories.ldap_says_groups()),
        notices,
        clock,
    })
}

#[cfg(test)]
mod tests;
