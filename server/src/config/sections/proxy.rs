//! `[proxy]`: whose word is taken for where a request came from, and for who is logged in.

use confique::Config;
use desk::Secret;
use http::HeaderName;
use ipnet::IpNet;
use serde::Serialize;
use url::Url;

use super::hidden::{HiddenText, secret};
use super::lenient::commas;
use super::{filled, listed, names_somebody};
use crate::config::{ConfigError, RemoteHeaders};

/// The shortest secret of a proxy: whoever guesses it is anybody.
const SECRET_LEAST: usize = 32;

/// The proxies before Latchkey, and single sign-on by one of them.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct Proxy {
    /// Addresses and networks of the proxies before Latchkey, such as ["127.0.0.1", "::1"]. Only
    /// when the peer is one of them are X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Method and
    /// X-Original-Method believed; from anybody else they are ignored, since anybody can send them.
    /// Whoever else is in such a network can name any address as theirs.
    #[config(env = "LATCHKEY_TRUSTED_PROXIES", default = [], deserialize_with = commas)]
    pub trusted: Vec<String>,

    /// Single sign-on: the header in which a trusted proxy says who is logged in, such as
    /// "Remote-User". The proxy must set it, or empty it, on every request: what a client sends
    /// under that name must never get through. People are made when they first come.
    #[config(env = "LATCHKEY_REMOTE_USER_HEADER")]
    pub user_header: Option<String>,

    /// The header with their full name. What is named here and not set by the proxy is the client's
    /// to choose; so for the next two.
    #[config(env = "LATCHKEY_REMOTE_NAME_HEADER")]
    pub name_header: Option<String>,

    /// The header with their e-mail address.
    #[config(env = "LATCHKEY_REMOTE_EMAIL_HEADER")]
    pub email_header: Option<String>,

    /// The header with their groups, separated by semicolons.
    #[config(env = "LATCHKEY_REMOTE_GROUPS_HEADER")]
    pub groups_header: Option<String>,

    /// What the proxy proves itself by, in the header Latchkey-Proxy-Secret, where others reach
    /// Latchkey from its address too: on a machine where others log in, each of them could say who
    /// they are. At least 32 characters, such as `openssl rand -hex 32` prints. Left out: its
    /// address is enough.
    #[config(env = "LATCHKEY_PROXY_SECRET")]
    pub secret: Option<HiddenText>,

    /// Where a browser is sent after logging out, to be logged out at the proxy too: a path such as
    /// "/Shibboleth.sso/Logout", or an address that begins with https://.
    #[config(env = "LATCHKEY_LOG_OUT_URL")]
    pub log_out_url: Option<String>,
}

/// Whether a header is one that browsers send by themselves, or that proxies and Latchkey use for
/// something else.
fn says_something_else(name: &HeaderName) -> bool {
    const OF_OTHERS: [&str; 12] = [
        "authorization",
        "cookie",
        "forwarded",
        "host",
        "origin",
        "range",
        "referer",
        "te",
        "upgrade",
        "user-agent",
        "via",
        "x-real-ip",
    ];
    const KINDS: [&str; 9] = [
        "accept",
        "cache-",
        "connection",
        "content-",
        "if-",
        "latchkey-",
        "sec-",
        "x-forwarded-",
        "x-original-",
    ];
    OF_OTHERS.contains(&name.as_str()) || KINDS.iter().any(|kind| name.as_str().starts_with(kind))
}

impl Proxy {
    /// The networks trusted.
    pub(in crate::config) fn networks(&self) -> Result<Vec<IpNet>, ConfigError> {
        let read = |text: String| {
            crate::config::proxies::parse_proxy(&text)
                .map_err(|what| ConfigError::senseless("proxy.trusted", what))
        };
        listed(self.trusted.clone()).into_iter().map(read).collect()
    }

    /// The headers in which a trusted proxy says who is logged in; none: it does not.
    pub(in crate::config) fn headers(&self) -> Result<Option<RemoteHeaders>, ConfigError> {
        let name = |key, name: &Option<String>| match filled(name.clone())
            .map(|name| name.parse::<HeaderName>())
        {
            Some(Ok(name)) if says_something_else(&name) => Err(ConfigError::senseless(
                key,
                "that header says something else, and is the client's to choose: use one such as \
                    Remote-User.",
            )),
            Some(Ok(name)) => Ok(Some(name)),
            Some(Err(_)) => Err(ConfigError::senseless(key, "that is not the name of a header.")),
            None => Ok(None),
        };
        let user = name("proxy.user_header", &self.user_header)?;
        let others = (
            name("proxy.name_header", &self.name_header)?,
            name("proxy.email_header", &self.email_header)?,
            name("proxy.groups_header", &self.groups_header)?,
        );
        match (user, others) {
            (Some(user), (name, email, groups)) => {
                if [&name, &email, &groups].into_iter().flatten().any(|other| *other == user) {
                    let what =
                        "one header cannot say who is logged in and something else: name another.";
                    return Err(ConfigError::senseless("proxy.user_header", what));
                }
                if listed(self.trusted.clone()).is_empty() {
                    let what = "name the proxies that may send it in proxy.trusted: it is believed \
                        from nobody else.";
                    return Err(ConfigError::senseless("proxy.user_header", what));
                }
                Ok(Some(RemoteHeaders { user, name, email, groups }))
            }
            (None, (None, None, None)) => Ok(None),
            (None, _) => {
                let what = "name the header with the NetID too: without it nobody is logged in.";
                Err(ConfigError::senseless("proxy.user_header", what)
                    .since("proxy.name_header, proxy.email_header, proxy.groups_header"))
            }
        }
    }

    /// What a proxy that says who is logged in proves itself by.
    pub(in crate::config) fn secret(&self) -> Result<Option<Secret>, ConfigError> {
        let wrong = |what| Err(ConfigError::senseless("proxy.secret", what));
        let secret = secret(self.secret.clone());
        if secret.as_ref().is_some_and(|secret| secret.expose().len() < SECRET_LEAST) {
            return wrong(
                "use at least 32 characters that nobody can guess, such as `openssl rand -hex 32` \
                    prints.",
            );
        }
        if secret.is_some() && filled(self.user_header.clone()).is_none() {
            return wrong(
                "it proves who says who is logged in: name the header in proxy.user_header too.",
            );
        }
        Ok(secret)
    }

    /// Where a browser is sent after logging out; empty: to the log-in.
    pub(in crate::config) fn after_log_out(&self) -> Result<String, ConfigError> {
        let url = filled(self.log_out_url.clone()).unwrap_or_default();
        if url.is_empty() || app::paths::same_site(&url).is_some() {
            return Ok(url);
        }
        let names_somebody = |url: &str| Url::parse(url).is_ok_and(|url| names_somebody(&url));
        if url.starts_with("https://") && !names_somebody(&url) {
            return Ok(url);
        }
        let what = "use a path such as /Shibboleth.sso/Logout, or an address that begins with https://, \
                without a user name.";
        Err(ConfigError::senseless("proxy.log_out_url", what))
    }
}
