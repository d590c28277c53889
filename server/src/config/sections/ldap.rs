//! `[ldap]`: the campus directory.

use std::path::PathBuf;
use std::time::Duration;

use confique::Config;
use desk::LeaverLimit;
use serde::Serialize;
use url::Url;

use super::hidden::{HiddenText, secret};
use super::lenient::commas;
use super::server::is_loopback;
use super::{filled, listed, names_somebody};
use crate::config::{ConfigError, Ldap, LdapGroups};

/// The longest that one answer of a directory is waited for, in seconds: a log-in may take several,
/// and another server's, and no request takes more than 30.
const MAX_TIMEOUT: u32 = 10;

/// The keys of `[ldap]`, as they are written.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct LdapSection {
    /// The servers in the order in which they are asked, each ldaps://HOST or ldap://HOST with
    /// StartTLS; the next one is asked where one does not answer.
    #[config(env = "LATCHKEY_LDAP_URLS", default = [], deserialize_with = commas)]
    pub urls: Vec<String>,

    /// Whether ldap:// is encrypted by StartTLS before anything is said.
    #[config(env = "LATCHKEY_LDAP_STARTTLS", default = true)]
    pub starttls: bool,

    /// The authorities that sign the servers' certificates, in PEM. Left out: the system's.
    #[config(env = "LATCHKEY_LDAP_CA_FILE")]
    pub ca_file: Option<PathBuf>,

    /// Who searches, such as "cn=latchkey,ou=services,dc=example,dc=edu". Left out: nobody in
    /// particular.
    #[config(env = "LATCHKEY_LDAP_BIND_DN")]
    pub bind_dn: Option<String>,

    /// Their password.
    #[config(env = "LATCHKEY_LDAP_BIND_PASSWORD")]
    pub bind_password: Option<HiddenText>,

    /// Where people are, such as "ou=people,dc=example,dc=edu".
    #[config(env = "LATCHKEY_LDAP_BASE")]
    pub base: Option<String>,

    /// Which entry is whose: {netid} stands for the NetID, escaped, as in
    /// "(&(objectClass=inetOrgPerson)(uid={netid}))". Whom the filter does not find has left: leave
    /// out those who are locked or expired. Left out: (uid={netid}), with the attribute below.
    #[config(env = "LATCHKEY_LDAP_FILTER")]
    pub filter: Option<String>,

    /// The attribute with the NetID.
    #[config(env = "LATCHKEY_LDAP_NETID_ATTRIBUTE", default = "uid")]
    pub netid_attribute: String,

    /// The attribute with the full name.
    #[config(env = "LATCHKEY_LDAP_NAME_ATTRIBUTE", default = "cn")]
    pub name_attribute: String,

    /// The attribute with the e-mail address.
    #[config(env = "LATCHKEY_LDAP_EMAIL_ATTRIBUTE", default = "mail")]
    pub email_attribute: String,

    /// Who is in which group, nested groups included, is read from an attribute of people and
    /// groups, such as "memberOf", or else from the groups below group_base. Neither: groups are
    /// not looked at.
    #[config(env = "LATCHKEY_LDAP_GROUP_ATTRIBUTE")]
    pub group_attribute: Option<String>,

    /// Where groups are. A group is named by its DN; directly below this one by its cn too
    /// ("help-desk" for cn=help-desk,ou=groups,…).
    #[config(env = "LATCHKEY_LDAP_GROUP_BASE")]
    pub group_base: Option<String>,

    /// The attribute of groups that says who is in them: DNs (member, uniqueMember) or NetIDs
    /// (memberUid).
    #[config(env = "LATCHKEY_LDAP_GROUP_MEMBER", default = "member")]
    pub group_member: String,

    /// How long a server may take to answer, in seconds, 1 to 10.
    #[config(env = "LATCHKEY_LDAP_TIMEOUT_SECONDS", default = 5)]
    pub timeout_seconds: u32,

    /// How many connections may be open at a time, for searches and for log-ins each. A third of
    /// them is kept for browsers that have logged in before.
    #[config(env = "LATCHKEY_LDAP_CONNECTIONS", default = 8)]
    pub connections: u32,

    /// How many wrong passwords of one person the directory hears from browsers that have logged in
    /// as them before, and as many from all others, until it was quiet: beyond that a log-in is
    /// refused without asking. Twice as many must be fewer than lock an account there. 0: no limit.
    #[config(env = "LATCHKEY_DIRECTORY_TRIES", default = 4)]
    pub tries: u32,

    /// After how many minutes without a wrong password it begins to count anew.
    #[config(env = "LATCHKEY_DIRECTORY_QUIET_MINUTES", default = 15)]
    pub quiet_minutes: u32,

    /// How often everybody is compared with the directory while serving, in minutes: who is gone is
    /// disabled, their tokens revoked. 0: only by `latchkey directory sync`.
    #[config(env = "LATCHKEY_DIRECTORY_SYNC_MINUTES", default = 15)]
    pub sync_minutes: u32,

    /// The most people whom one such run may disable: a share, or a number.
    #[config(env = "LATCHKEY_DIRECTORY_MAX_DISABLE", default = "5%")]
    pub max_disable: String,
}

/// A file named.
pub(super) fn file(path: Option<&PathBuf>) -> Option<PathBuf> {
    path.cloned().filter(|path| !path.as_os_str().is_empty())
}

/// Keys (those without a default) that mean nothing where what they belong to is not configured.
pub(super) fn none_without<T>(
    what: &str,
    given: &[(&'static str, bool)],
) -> Result<Option<T>, ConfigError> {
    match given.iter().find(|(_, there)| *there) {
        Some((key, _)) => Err(ConfigError::senseless(key, what)),
        None => Ok(None),
    }
}

/// The name of an LDAP attribute (RFC 4512 §2.5), so that it cannot be anything else in a filter.
fn attribute(key: &'static str, text: &str) -> Result<String, ConfigError> {
    let name = text.trim();
    let good = name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b';'));
    if good && !name.is_empty() {
        Ok(name.to_owned())
    } else {
        Err(ConfigError::senseless(key, "that is not the name of an attribute."))
    }
}

/// A server's address. Passwords go over the wire to it: without encryption only within this
/// machine.
fn server(text: &str, starttls: bool) -> Result<Url, ConfigError> {
    let wrong = |key, what| Err(ConfigError::senseless(key, what));
    let Ok(url) = Url::parse(text) else {
        return wrong("ldap.urls", "write each like ldaps://ldap.example.edu.");
    };
    if !matches!(url.scheme(), "ldap" | "ldaps") || url.host().is_none() {
        return wrong(
            "ldap.urls",
            "a server begins with ldap:// or ldaps://, and its name follows.",
        );
    }
    if names_somebody(&url) {
        return wrong(
            "ldap.urls",
            "give who searches and their password as ldap.bind_dn and ldap.bind_password, not in \
                the address.",
        );
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() {
        return wrong(
            "ldap.urls",
            "write scheme, name and port only; the rest has keys of its own.",
        );
    }
    // Of a scheme that it does not know, `url` has read an address as a name.
    let context = Url::parse(&text.replacen("ldap", "http", 1)).is_ok_and(|url| is_loopback(&url));
    if url.scheme() == "ldap" && !starttls && !context {
        let what = "without StartTLS passwords would be readable on the network: leave it true, or \
            use ldaps://.";
        return wrong("ldap.starttls", what);
    }
    Ok(url)
}

impl LdapSection {
    /// The most people whom one synchronisation may disable.
    pub(in crate::config) fn leaver_limit(&self) -> Result<LeaverLimit, ConfigError> {
        let text = self.max_disable.trim();
        if text.is_empty() {
            return Ok(LeaverLimit::default());
        }
        LeaverLimit::parse(text)
            .map_err(|what| ConfigError::senseless("ldap.max_disable", format!("{what}.")))
    }

    /// How often `serve` synchronises; none: never.
    pub(in crate::config) fn sync_every(&self) -> Option<Duration> {
        let minutes = u64::from(self.sync_minutes);
        (minutes > 0 && !listed(self.urls.clone()).is_empty())
            .then(|| Duration::from_secs(minutes * 60))
    }

    /// The directory; none: not used.
    pub(in crate::config) fn directory(&self) -> Result<Option<Ldap>, ConfigError> {
        let urls = listed(self.urls.clone());
        let base = filled(self.base.clone());
        let bind = (filled(self.bind_dn.clone()), secret(self.bind_password.clone()));
        if urls.is_empty() {
            return none_without(
                "name the directory's servers in ldap.urls too.",
                &[
                    ("ldap.base", base.is_some()),
                    ("ldap.bind_dn", bind.0.is_some()),
                    ("ldap.bind_password", bind.1.is_some()),
                    ("ldap.ca_file", file(self.ca_file.as_ref()).is_some()),
                    ("ldap.filter", filled(self.filter.clone()).is_some()),
                    ("ldap.group_attribute", filled(self.group_attribute.clone()).is_some()),
                    ("ldap.group_base", filled(self.group_base.clone()).is_some()),
                ],
            );
        }
        let urls =
            urls.iter().map(|url| server(url, self.starttls)).collect::<Result<Vec<_>, _>>()?;
        let Some(base) = base else {
            let what = "say where people are, for example ou=people,dc=example,dc=edu.";
            return Err(ConfigError::senseless("ldap.base", what).since("ldap.urls"));
        };
        let bind = match bind {
            (Some(dn), Some(password)) => Some((dn, password)),
            (None, None) => None,
            _ => {
                return Err(ConfigError::senseless(
                    "ldap.bind_dn, ldap.bind_password",
                    "give both or neither. The password belongs in a file of the credentials \
                        folder, ldap.bind_password, or in the variable \
                        LATCHKEY_LDAP_BIND_PASSWORD.",
                ));
            }
        };
        if !(1..=MAX_TIMEOUT).contains(&self.timeout_seconds) || self.connections < 2 {
            let what = "use 1 to 10 seconds, and 2 connections or more: one is busy while \
                everybody is read.";
            return Err(ConfigError::senseless("ldap.timeout_seconds, ldap.connections", what));
        }
        let netid_attribute = attribute("ldap.netid_attribute", &self.netid_attribute)?;
        Ok(Some(Ldap {
            urls,
            starttls: self.starttls,
            ca_file: file(self.ca_file.as_ref()),
            bind,
            base,
            filter: self.filter(&netid_attribute)?,
            netid_attribute,
            name_attribute: attribute("ldap.name_attribute", &self.name_attribute)?,
            email_attribute: attribute("ldap.email_attribute", &self.email_attribute)?,
            groups: self.groups()?,
            timeout: Duration::from_secs(u64::from(self.timeout_seconds)),
            connections: self.connections as usize,
        }))
    }

    fn filter(&self, netid_attribute: &str) -> Result<String, ConfigError> {
        let filter =
            filled(self.filter.clone()).unwrap_or_else(|| format!("({netid_attribute}={{netid}})"));
        let wrong = |what| Err(ConfigError::senseless("ldap.filter", what));
        if !filter.contains("{netid}") {
            return wrong("write {netid} where the NetID belongs, for example (uid={netid}).");
        }
        if !filter.starts_with('(') || ldap3::parse_filter(filter.replace("{netid}", "*")).is_err()
        {
            return wrong(
                "that is not an LDAP filter (RFC 4515): every part in parentheses, for example \
                    (&(objectClass=person)(uid={netid})).",
            );
        }
        Ok(filter)
    }

    fn groups(&self) -> Result<Option<LdapGroups>, ConfigError> {
        let by = filled(self.group_attribute.clone());
        let base = filled(self.group_base.clone());
        let member = attribute("ldap.group_member", &self.group_member)?;
        Ok(match (by, base) {
            (Some(by), base) => Some(LdapGroups::ByAttribute {
                attribute: attribute("ldap.group_attribute", &by)?,
                base: base.unwrap_or_default(),
            }),
            (None, Some(base)) => Some(LdapGroups::ByMember { base, member }),
            (None, None) => None,
        })
    }
}
