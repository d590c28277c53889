//! `[webhook]`: where notices are posted to, signed. Tests: `config/tests/notices.rs`.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use confique::Config;
use serde::Serialize;
use url::Url;

use super::audit_stream::Authorities;
use super::hidden::{HiddenText, secret};
use super::ldap::{file, none_without};
use super::server::is_loopback;
use super::{filled, names_somebody};
use crate::config::ConfigError;

/// What a secret of Standard Webhooks begins with; the rest is base64.
const PREFIX: &str = "whsec_";

/// The bytes of a key: fewer are guessed by whoever has one message with its signature.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Where notices are posted to.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct WebhookSection {
    /// The address that each notice is posted to as JSON. Left out: nowhere.
    #[config(env = "LATCHKEY_WEBHOOK_URL")]
    pub url: Option<String>,

    /// What each message is signed with, as Standard Webhooks has it: whsec_ with 24 to 64 bytes in
    /// base64 (echo whsec_$(head -c 32 /dev/urandom | base64)), or a text of as many characters.
    #[config(env = "LATCHKEY_WEBHOOK_SECRET")]
    pub secret: Option<HiddenText>,

    /// The authorities that sign the receiver's certificate, in PEM. Left out: the system's.
    #[config(env = "LATCHKEY_WEBHOOK_CA_FILE")]
    pub ca_file: Option<PathBuf>,
}

/// Where notices are posted to, understood.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The address.
    pub url: Url,
    /// The key, in base64.
    pub key: desk::Secret,
    /// Whom to trust.
    pub authorities: Authorities,
}

impl WebhookSection {
    /// Where they are posted to; none: nowhere.
    pub(in crate::config) fn webhook(&self) -> Result<Option<Webhook>, ConfigError> {
        let ca_file = file(self.ca_file.as_ref());
        let written = secret(self.secret.clone());
        let Some(url) = filled(self.url.clone()) else {
            return none_without(
                "it is for webhook.url, which is not set.",
                &[("webhook.secret", written.is_some()), ("webhook.ca_file", ca_file.is_some())],
            );
        };
        let wrong = |key, what: &str| ConfigError::senseless(key, what).since("webhook.url");
        let is_site = |url: &Url| matches!(url.scheme(), "http" | "https") && url.host().is_some();
        let url = Url::parse(&url).ok().filter(is_site).ok_or_else(|| {
            wrong("webhook.url", "write it like https://hooks.example.edu/latchkey.")
        })?;
        if names_somebody(&url) {
            let what = "leave out user name and password: the receiver knows us by the signature.";
            return Err(wrong("webhook.url", what));
        }
        if url.scheme() == "http" && !is_loopback(&url) {
            let what = "whoever is on the way would read what people are told: use https://.";
            return Err(wrong("webhook.url", what));
        }
        let Some(written) = written else {
            let what = "give it in a file in the credentials folder, webhook.secret, or in the \
                variable LATCHKEY_WEBHOOK_SECRET: without it a receiver believes anybody.";
            return Err(wrong("webhook.secret", what));
        };
        let key = key(written.expose().trim()).ok_or_else(|| {
            let what = "write whsec_ with 24 to 64 bytes in base64, or 24 to 64 characters.";
            wrong("webhook.secret", what)
        })?;
        Ok(Some(Webhook { url, key, authorities: Authorities { file: ca_file } }))
    }
}

/// The key in base64, as the receiver has it.
fn key(written: &str) -> Option<desk::Secret> {
    let bytes = match written.strip_prefix(PREFIX) {
        Some(encoded) => STANDARD.decode(encoded).ok()?,
        None => written.as_bytes().to_vec(),
    };
    KEY_BYTES.contains(&bytes.len()).then(|| desk::Secret::new(STANDARD.encode(bytes)))
}
