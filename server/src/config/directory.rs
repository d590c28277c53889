//! What the configuration says of campus directories: LDAP, an OpenID provider, and whoever pushes people.

use std::path::PathBuf;
use std::time::Duration;

use desk::{LeaverLimit, Secret};
use url::Url;

use super::{ConfigError, HiddenText, Keys};

/// The shortest SCIM token: what guards everybody's account must not be guessed.
const SCIM_TOKEN_LEAST: usize = 32;

/// The longest that one answer of a directory is waited for, in seconds: a log-in may take several, and another server's, and no
/// request takes more than 30.
const TIMEOUT_MOST: u32 = 10;

/// Everything about directories.
#[derive(Clone, Debug, Default)]
pub struct Directories {
    /// LDAP; none: not used.
    pub ldap: Option<Ldap>,
    /// An OpenID provider; none: not used.
    pub oidc: Option<Oidc>,
    /// The bearer token of an identity system that pushes people; none: nobody does.
    pub scim_token: Option<Secret>,
    /// How often `serve` synchronises with LDAP; none: never.
    pub sync_every: Option<Duration>,
    /// The most people that one synchronisation may disable.
    pub max_disable: LeaverLimit,
}

/// An LDAP directory.
#[derive(Clone, Debug)]
pub struct Ldap {
    /// Its servers, in the order in which they are asked.
    pub urls: Vec<Url>,
    /// StartTLS on `ldap://`.
    pub starttls: bool,
    /// Whom to trust; none: the system's.
    pub ca_file: Option<PathBuf>,
    /// Who searches; none: nobody in particular.
    pub bind: Option<(String, Secret)>,
    /// Where people are.
    pub base: String,
    /// Whose entry, with `{netid}`.
    pub filter: String,
    /// Attribute with the NetID.
    pub netid_attribute: String,
    /// Attribute with the full name.
    pub name_attribute: String,
    /// Attribute with the e-mail address.
    pub email_attribute: String,
    /// How groups are found; none: they are not.
    pub groups: Option<LdapGroups>,
    /// The longest that a server may take to answer.
    pub timeout: Duration,
    /// The most connections, for searches and log-ins each.
    pub connections: usize,
}

/// Where it is written who is in which group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LdapGroups {
    /// With people and groups (`memberOf`). Groups below `base` may be named by their first word alone.
    ByAttribute {
        /// The attribute.
        attribute: String,
        /// Where groups with short names are; empty: none has.
        base: String,
    },
    /// With the groups.
    ByMember {
        /// Where groups are.
        base: String,
        /// `member`, `uniqueMember` (values are DNs), or `memberUid` (values are NetIDs).
        member: String,
    },
}

/// An OpenID provider.
#[derive(Clone, Debug)]
pub struct Oidc {
    /// As it calls itself.
    pub issuer: String,
    /// What it calls Latchkey.
    pub client_id: String,
    /// Latchkey's secret; none: a public client.
    pub client_secret: Option<Secret>,
    /// What people call it.
    pub name: String,
    /// Asked for beside `openid`.
    pub scopes: Vec<String>,
    /// The claim with the NetID.
    pub netid_claim: String,
    /// The claim with the groups; empty: none.
    pub groups_claim: String,
    /// Whom to trust; none: those that browsers trust.
    pub ca_file: Option<PathBuf>,
}

fn senseless<T>(key: &'static str, what: &str) -> Result<T, ConfigError> {
    Err(ConfigError::Senseless { key, what: what.to_owned() })
}

fn given(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn path(path: Option<PathBuf>) -> Option<PathBuf> {
    path.filter(|path| !path.as_os_str().is_empty())
}

/// Keys (those without a default) that mean nothing where what they belong to is not configured.
fn none_without<T>(what: &str, given: &[(&'static str, bool)]) -> Result<Option<T>, ConfigError> {
    match given.iter().find(|(_, there)| *there) {
        Some((key, _)) => senseless(key, what),
        None => Ok(None),
    }
}

fn list(texts: Option<Vec<String>>) -> Vec<String> {
    texts.unwrap_or_default().into_iter().filter_map(|text| given(Some(text))).collect()
}

fn hidden(text: Option<HiddenText>) -> Option<Secret> {
    text.filter(|text| !text.expose().is_empty()).map(|text| Secret::new(text.expose().to_owned()))
}

/// The name of an LDAP attribute (RFC 4512 §2.5), so that it cannot be anything else in a filter.
fn attribute(key: &'static str, text: Option<String>, default: &str) -> Result<String, ConfigError> {
    let name = given(text).unwrap_or_else(|| default.to_owned());
    let good = name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b';'));
    if good { Ok(name) } else { senseless(key, "that is not the name of an attribute.") }
}

impl Directories {
    /// Reads the keys, with the address that people type.
    pub(super) fn of(keys: &mut Keys, public_url: Option<&Url>) -> Result<Self, ConfigError> {
        let sync_minutes = keys.directory_sync_minutes.take().unwrap_or(15);
        let max_disable = given(keys.directory_max_disable.take()).map(|text| LeaverLimit::parse(&text)).transpose();
        let max_disable = max_disable.map_err(|what| ConfigError::Senseless { key: "directory_max_disable", what: format!("{what}.") })?;
        let ldap = Ldap::of(keys)?;
        let scim_token = hidden(keys.scim_token.take());
        if scim_token.as_ref().is_some_and(|token| token.expose().len() < SCIM_TOKEN_LEAST) {
            return senseless("scim_token", "use at least 32 characters that nobody can guess, such as `openssl rand -hex 32` prints.");
        }
        Ok(Self {
            sync_every: (ldap.is_some() && sync_minutes > 0).then(|| Duration::from_secs(u64::from(sync_minutes) * 60)),
            ldap,
            oidc: Oidc::of(keys, public_url)?,
            scim_token,
            max_disable: max_disable.unwrap_or_default(),
        })
    }

    /// Whether LDAP says who is in which group.
    #[must_use]
    pub fn ldap_says_groups(&self) -> bool {
        self.ldap.as_ref().is_some_and(|ldap| ldap.groups.is_some())
    }

    /// How many of them say who is in which group.
    #[must_use]
    pub fn saying_groups(&self) -> usize {
        let by_claim = self.oidc.as_ref().is_some_and(|oidc| !oidc.groups_claim.is_empty());
        usize::from(self.ldap_says_groups()) + usize::from(by_claim)
    }
}

impl Ldap {
    fn of(keys: &mut Keys) -> Result<Option<Self>, ConfigError> {
        let urls = list(keys.ldap_urls.take());
        let base = given(keys.ldap_base.take());
        let bind = (given(keys.ldap_bind_dn.take()), hidden(keys.ldap_bind_password.take()));
        if urls.is_empty() {
            return none_without(
                "name the directory's servers in ldap_urls too.",
                &[
                    ("ldap_base", base.is_some()),
                    ("ldap_bind_dn", bind.0.is_some()),
                    ("ldap_bind_password", bind.1.is_some()),
                    ("ldap_ca_file", path(keys.ldap_ca_file.take()).is_some()),
                    ("ldap_filter", given(keys.ldap_filter.take()).is_some()),
                    ("ldap_group_attribute", given(keys.ldap_group_attribute.take()).is_some()),
                    ("ldap_group_base", given(keys.ldap_group_base.take()).is_some()),
                ],
            );
        }
        let starttls = keys.ldap_starttls.take().unwrap_or(true);
        let urls = urls.iter().map(|url| server(url, starttls)).collect::<Result<Vec<_>, _>>()?;
        let Some(base) = base else {
            return senseless("ldap_base", "say where people are, for example ou=people,dc=example,dc=edu.");
        };
        let bind = match bind {
            (Some(dn), Some(password)) => Some((dn, password)),
            (None, None) => None,
            _ => return senseless("ldap_bind_dn, ldap_bind_password", "give both or neither."),
        };
        let netid_attribute = attribute("ldap_netid_attribute", keys.ldap_netid_attribute.take(), "uid")?;
        let filter = given(keys.ldap_filter.take()).unwrap_or_else(|| format!("({netid_attribute}={{netid}})"));
        if !filter.contains("{netid}") {
            return senseless("ldap_filter", "write {netid} where the NetID belongs, for example (uid={netid}).");
        }
        if !filter.starts_with('(') || ldap3::parse_filter(filter.replace("{netid}", "*")).is_err() {
            return senseless(
                "ldap_filter",
                "that is not an LDAP filter (RFC 4515): every part in parentheses, for example (&(objectClass=person)(uid={netid})).",
            );
        }
        let (timeout, connections) = (keys.ldap_timeout_seconds.take().unwrap_or(5), keys.ldap_connections.take().unwrap_or(8));
        if !(1..=TIMEOUT_MOST).contains(&timeout) || connections < 2 {
            return senseless(
                "ldap_timeout_seconds, ldap_connections",
                "use 1 to 10 seconds, and 2 connections or more: one is busy while everybody is read.",
            );
        }
        Ok(Some(Self {
            urls,
            starttls,
            ca_file: path(keys.ldap_ca_file.take()),
            bind,
            base,
            filter,
            netid_attribute,
            name_attribute: attribute("ldap_name_attribute", keys.ldap_name_attribute.take(), "cn")?,
            email_attribute: attribute("ldap_email_attribute", keys.ldap_email_attribute.take(), "mail")?,
            groups: LdapGroups::of(keys)?,
            timeout: Duration::from_secs(u64::from(timeout)),
            connections: connections as usize,
        }))
    }
}

/// A server's address. Passwords go over the wire to it: without encryption only within this machine.
fn server(text: &str, starttls: bool) -> Result<Url, ConfigError> {
    let Ok(url) = Url::parse(text) else { return senseless("ldap_urls", "write each like ldaps://ldap.example.edu.") };
    let plain = url.scheme() == "ldap" && !starttls;
    let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if !matches!(url.scheme(), "ldap" | "ldaps") || url.host().is_none() {
        return senseless("ldap_urls", "a server begins with ldap:// or ldaps://, and its name follows.");
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || !url.username().is_empty() {
        return senseless("ldap_urls", "write scheme, name and port only; the rest has keys of its own.");
    }
    if plain && !here {
        return senseless("ldap_starttls", "without StartTLS passwords would be readable on the network: leave it true, or use ldaps://.");
    }
    Ok(url)
}

impl LdapGroups {
    fn of(keys: &mut Keys) -> Result<Option<Self>, ConfigError> {
        let by = given(keys.ldap_group_attribute.take());
        let base = given(keys.ldap_group_base.take());
        let member = attribute("ldap_group_member", keys.ldap_group_member.take(), "member")?;
        Ok(match (by, base) {
            (Some(by), base) => Some(Self::ByAttribute {
                attribute: attribute("ldap_group_attribute", Some(by), "memberOf")?,
                base: base.unwrap_or_default(),
            }),
            (None, Some(base)) => Some(Self::ByMember { base, member }),
            (None, None) => None,
        })
    }
}

impl Oidc {
    fn of(keys: &mut Keys, public_url: Option<&Url>) -> Result<Option<Self>, ConfigError> {
        let (issuer, client_id) = (given(keys.oidc_issuer.take()), given(keys.oidc_client_id.take()));
        let client_secret = hidden(keys.oidc_client_secret.take());
        let Some(issuer) = issuer else {
            return none_without(
                "name the provider in oidc_issuer too.",
                &[
                    ("oidc_client_id", client_id.is_some()),
                    ("oidc_client_secret", client_secret.is_some()),
                    ("oidc_name", given(keys.oidc_name.take()).is_some()),
                    ("oidc_groups_claim", given(keys.oidc_groups_claim.take()).is_some()),
                    ("oidc_ca_file", path(keys.oidc_ca_file.take()).is_some()),
                ],
            );
        };
        let Some(client_id) = client_id else { return senseless("oidc_client_id", "say what the provider calls Latchkey.") };
        let here = |url: &Url| matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
        match Url::parse(&issuer) {
            Ok(url) if url.scheme() == "https" || (url.scheme() == "http" && here(&url)) => {}
            _ => return senseless("oidc_issuer", "an issuer begins with https://."),
        }
        if public_url.is_none() {
            return senseless("public_url", "the provider sends people back to it: write it down.");
        }
        let name = given(keys.oidc_name.take()).unwrap_or_else(|| "single sign-on".to_owned());
        if name.chars().count() > 64 {
            return senseless("oidc_name", "use at most 64 characters.");
        }
        let scopes = keys.oidc_scopes.take();
        Ok(Some(Self {
            issuer,
            client_id,
            client_secret,
            name,
            scopes: if scopes.is_some() { list(scopes) } else { vec!["profile".to_owned(), "email".to_owned()] },
            netid_claim: given(keys.oidc_netid_claim.take()).unwrap_or_else(|| "preferred_username".to_owned()),
            groups_claim: given(keys.oidc_groups_claim.take()).unwrap_or_default(),
            ca_file: path(keys.oidc_ca_file.take()),
        }))
    }
}
