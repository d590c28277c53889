//! `[oidc]`: an OpenID provider.

use std::path::PathBuf;

use confique::Config;
use serde::Serialize;
use url::Url;

use super::hidden::{HiddenText, secret};
use super::ldap::{file, none_without};
use super::lenient::{commas, words};
use super::server::is_loopback;
use super::{listed, said};
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
    #[config(env = "LATCHKEY_OIDC_SCOPES", default = ["profile", "email"], deserialize_with = words)]
    pub scopes: Vec<String>,

    /// The claim with the NetID: one that people cannot change themselves.
    #[config(env = "LATCHKEY_OIDC_NETID_CLAIM", default = "preferred_username")]
    pub netid_claim: String,

    /// The campus's own domains, such as ["example.edu", "EXAMPLE"]: where the claim says
    /// sam@example.edu or EXAMPLE\sam, the NetID is sam. Whoever is of another domain is not let in. Name
    /// one only if a name before it is one person's in all of them.
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

impl OidcSection {
    /// The provider; none: not used.
    pub(in crate::config) fn provider(&self, public_url: Option<&Url>) -> Result<Option<Oidc>, ConfigError> {
        let client_id = said(self.client_id.clone());
        let client_secret = secret(self.client_secret.clone());
        let groups_claim = said(self.groups_claim.clone());
        let Some(issuer) = said(self.issuer.clone()) else {
            return none_without(
                "name the provider in oidc.issuer too.",
                &[
                    ("oidc.client_id", client_id.is_some()),
                    ("oidc.client_secret", client_secret.is_some()),
                    ("oidc.name", said(self.name.clone()).is_some()),
                    ("oidc.groups_claim", groups_claim.is_some()),
                    ("oidc.netid_domains", !listed(self.netid_domains.clone()).is_empty()),
                    ("oidc.ca_file", file(&self.ca_file).is_some()),
                ],
            );
        };
        let wrong = |key, what| Err(ConfigError::senseless(key, what));
        let Some(client_id) = client_id else { return wrong("oidc.client_id", "say what the provider calls Latchkey.") };
        match Url::parse(&issuer) {
            Ok(url) if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) => {}
            _ => return wrong("oidc.issuer", "an issuer begins with https://."),
        }
        if public_url.is_none() {
            return wrong("server.public_url", "the OpenID provider sends people back to it: write it down.");
        }
        let name = said(self.name.clone()).unwrap_or_else(|| "single sign-on".to_owned());
        if name.chars().count() > 64 {
            return wrong("oidc.name", "use at most 64 characters.");
        }
        let netid_claim = said(Some(self.netid_claim.clone())).unwrap_or_else(|| "preferred_username".to_owned());
        Ok(Some(Oidc {
            issuer,
            client_id,
            client_secret,
            name,
            scopes: listed(self.scopes.clone()),
            netid_claim,
            netid_domains: self.domains()?,
            groups_claim: groups_claim.unwrap_or_default(),
            ca_file: file(&self.ca_file),
        }))
    }

    /// The campus's own domains.
    fn domains(&self) -> Result<Vec<String>, ConfigError> {
        let bare = |text: String| text.trim_start_matches('@').trim_end_matches('\\').to_owned();
        let domains: Vec<String> = listed(self.netid_domains.clone()).into_iter().map(bare).collect();
        let good = |domain: &String| {
            !domain.is_empty()
                && domain.len() <= 253
                && domain.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_'))
        };
        match domains.iter().find(|domain| !good(domain)) {
            Some(_) => Err(ConfigError::senseless("oidc.netid_domains", "write domains alone, such as [\"example.edu\", \"EXAMPLE\"].")),
            None => Ok(domains),
        }
    }
}
