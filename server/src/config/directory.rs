//! The campus directories that result: LDAP, an OpenID provider, and whoever pushes people. They
//! are read from `[ldap]`, `[oidc]` and `[scim]` (`sections/`).

use std::path::PathBuf;
use std::time::Duration;

use desk::{LeaverLimit, Secret};
use url::Url;

use super::ConfigError;
use super::sections::Sections;

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

/// An LDAP directory, as `[ldap]` names it.
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
    /// With people and groups (`memberOf`). Groups below `base` may be named by their first word
    /// alone.
    ByAttribute {
        /// Of a person's entry: the groups that they are in.
        attribute: String,
        /// Where groups with short names are; empty: none has.
        base: String,
    },
    /// With the groups, each of which names its members.
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
    /// The campus's own domains, that are no part of a NetID.
    pub netid_domains: Vec<String>,
    /// The claim with the groups; empty: none.
    pub groups_claim: String,
    /// Whom to trust; none: those that browsers trust.
    pub ca_file: Option<PathBuf>,
}

impl Directories {
    /// Reads the sections, with the address that people type.
    pub(super) fn of(sections: &Sections, public_url: Option<&Url>) -> Result<Self, ConfigError> {
        Ok(Self {
            ldap: sections.ldap.directory()?,
            oidc: sections.oidc.provider(public_url)?,
            scim_token: sections.scim.token()?,
            sync_every: sections.ldap.sync_every(),
            max_disable: sections.ldap.leaver_limit()?,
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

    /// Whether one of them tells of people who have left.
    #[must_use]
    pub fn tells_leavers(&self) -> bool {
        self.ldap.is_some() || self.scim_token.is_some()
    }
}
