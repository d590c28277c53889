//! `[oidc]`: an OpenID provider.

use std::path::PathBuf;

use confique::Config;
use serde::Serialize;
use url::Url;

use super::hidden::{HiddenText, secret};
use super::ldap::{file, none_without};
use super::lenient::{commas, words};
use super::server::is_loopback;
use super::{filled, listed, names_somebody};
use crate::config::{ConfigError, Oidc};

/// An OpenID provider.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct OidcSection {
    /// The provider's address, as it calls itself: `https://login.example.edu`.
    #[config(env = "LATCHKEY_OIDC_ISSUER")]
    pub issuer: Option<String>,

    /// What the provider calls Latchkey.
    #[config(env = "LATCHKEY_OIDC_CLIENT_ID")]
    pub client_id: Option<String>,

    /// Latchkey's secret there. Left out: a public client.
    #[config(env = "LATCHKEY_OIDC_CLIENT_SECRET")]
    pub client_secret: Option<HiddenText>,

    /// What people call the provider: “Log in with …”. Left out: single sign-on.
    #[config(env = "LATCHKEY_OIDC_NAME")]
    pub name: Option<String>,

    /// What is asked of the provider beside openid.
    #[config(
        env = "LATCHKEY_OIDC_SCOPES",
        default = ["profile", "email"],
        deserialize_with = words
    )]
    pub scopes: Vec<String>,

    /// The claim with the NetID: one that people cannot change themselves.
    #[config(env = "LATCHKEY_OIDC_NETID_CLAIM", default = "preferred_username")]
    pub netid_claim: String,

    /// The campus's own domains, such as ["example.edu", "EXAMPLE"]: where the claim says
    /// sam@example.edu or EXAMPLE\sam, the NetID is sam. Whoever is of another domain is not let
    /// in. Name one only if a name before it is one person's in all of them.
    #[config(env = "LATCHKEY_OIDC_NETID_DOMAINS", default = [], deserialize_with = commas)]
    pub netid_domains: Vec<String>,

    /// The claim with the groups. Left out: none.
    #[config(env = "LATCHKEY_OIDC_GROUPS_CLAIM")]
    pub groups_claim: Option<String>,

    /// The authorities that sign the provider's certificate, in PEM. Left out: those that browsers
    /// trust.
    #[config(env = "LATCHKEY_OIDC_CA_FILE")]
    pub ca_file: Option<PathBuf>,
}

/// Microsoft's hosts, by what comes before the tenant.
const MICROSOFT: [&str; 5] = [
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.windows.net",
    "sts.windows.net",
];

/// What Microsoft calls the tenant of everybody's private accounts.
const PRIVATE_ACCOUNTS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// What stands in the tenant's place with Microsoft; none: it is another's address.
fn tenant(issuer: &str) -> Option<String> {
    let url = Url::parse(issuer).ok()?;
    let host = url.host_str()?;
    let is_microsofts = MICROSOFT.contains(&host);
    is_microsofts.then(|| {
        url.path_segments()
            .and_then(|mut segments| segments.next())
            .unwrap_or_default()
            .to_ascii_lowercase()
    })
}

/// Whether it is no tenant's own address: whoever has an account anywhere there could be anybody
/// here.
fn stands_for_many(issuer: &str) -> bool {
    tenant(issuer).is_some_and(|tenant| {
        ["", "common", "organizations", "consumers"].contains(&tenant.as_str())
    })
}

impl Oidc {
    /// What may be meant, and is dangerous, a sentence each.
    pub(in crate::config) fn hazards(&self, section: &OidcSection) -> Vec<String> {
        let mut hazards = Vec::new();
        let host = Url::parse(&self.issuer).ok().and_then(|url| url.host_str().map(str::to_owned));
        let is_anybodys = host.as_deref() == Some("accounts.google.com")
            || tenant(&self.issuer).as_deref() == Some(PRIVATE_ACCOUNTS);
        if is_anybodys && (self.netid_claim != "email" || self.netid_domains.is_empty()) {
            hazards.push(format!(
                "anybody can make an account at oidc.issuer, {}: only with oidc.netid_claim = \
                 \"email\" and the campus’s own oidc.netid_domains are others kept out.",
                self.issuer
            ));
        }
        if section.client_secret.as_ref().is_some_and(|secret| secret.expose().trim().is_empty()) {
            hazards.push(
                "oidc.client_secret is empty: Latchkey calls itself a public client to the \
                    provider, which may refuse it. Write the secret, best as \
                    LATCHKEY_OIDC_CLIENT_SECRET, or leave the line out."
                    .to_owned(),
            );
        }
        hazards
    }
}

impl OidcSection {
    /// The provider; none: not used.
    pub(in crate::config) fn provider(
        &self,
        public_url: Option<&Url>,
    ) -> Result<Option<Oidc>, ConfigError> {
        let client_id = filled(self.client_id.clone());
        let client_secret = secret(self.client_secret.clone());
        let groups_claim = filled(self.groups_claim.clone());
        let Some(issuer) = filled(self.issuer.clone()) else {
            return none_without(
                "name the provider in oidc.issuer too.",
                &[
                    ("oidc.client_id", client_id.is_some()),
                    ("oidc.client_secret", client_secret.is_some()),
                    ("oidc.name", filled(self.name.clone()).is_some()),
                    ("oidc.groups_claim", groups_claim.is_some()),
                    ("oidc.netid_domains", !listed(self.netid_domains.clone()).is_empty()),
                    ("oidc.ca_file", file(self.ca_file.as_ref()).is_some()),
                ],
            );
        };
        let wrong = |key, what| Err(ConfigError::senseless(key, what));
        let Some(client_id) = client_id else {
            let what = "say what the provider calls Latchkey.";
            return Err(ConfigError::senseless("oidc.client_id", what).since("oidc.issuer"));
        };
        match Url::parse(&issuer) {
            Ok(url) if names_somebody(&url) => {
                let what = "an issuer has no user name and password in it: give Latchkey's own as \
                    oidc.client_id and oidc.client_secret.";
                return wrong("oidc.issuer", what);
            }
            Ok(url) if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) => {
            }
            _ => return wrong("oidc.issuer", "an issuer begins with https://."),
        }
        if stands_for_many(&issuer) {
            let what = "this one stands for every tenant of Microsoft’s, and for anybody’s private \
                account: write the campus’s own id in its \
                place, as in https://login.microsoftonline.com/TENANT-ID/v2.0.";
            return wrong("oidc.issuer", what);
        }
        if public_url.is_none() {
            let what = "the OpenID provider sends people back to it: write it down.";
            return Err(ConfigError::senseless("server.public_url", what).since("oidc.issuer"));
        }
        let name = filled(self.name.clone()).unwrap_or_else(|| "single sign-on".to_owned());
        if name.chars().count() > 64 {
            return wrong("oidc.name", "use at most 64 characters.");
        }
        let netid_claim = filled(Some(self.netid_claim.clone()))
            .unwrap_or_else(|| "preferred_username".to_owned());
        let netid_domains = self.domains()?;
        if netid_claim == "email" && netid_domains.is_empty() {
            let what = "the claim email is an address, and no address is a NetID: name the \
                campus’s own domains, such as \
                [\"example.edu\"], or another claim in oidc.netid_claim.";
            return Err(
                ConfigError::senseless("oidc.netid_domains", what).since("oidc.netid_claim")
            );
        }
        Ok(Some(Oidc {
            issuer,
            client_id,
            client_secret,
            name,
            scopes: listed(self.scopes.clone()),
            netid_claim,
            netid_domains,
            groups_claim: groups_claim.unwrap_or_default(),
            ca_file: file(self.ca_file.as_ref()),
        }))
    }

    /// The campus's own domains.
    fn domains(&self) -> Result<Vec<String>, ConfigError> {
        let bare = |text: String| text.trim_start_matches('@').trim_end_matches('\\').to_owned();
        let domains: Vec<String> =
            listed(self.netid_domains.clone()).into_iter().map(bare).collect();
        let good = |domain: &String| {
            !domain.is_empty()
                && domain.len() <= 253
                && domain
                    .bytes()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_'))
        };
        match domains.iter().find(|domain| !good(domain)) {
            Some(_) => Err(ConfigError::senseless(
                "oidc.netid_domains",
                "write domains alone, such as [\"example.edu\", \"EXAMPLE\"].",
            )),
            None => Ok(domains),
        }
    }
}
