//! `[mail]`: the server that takes what Latchkey sends, and whom mail is from. Tests:
//! `config/tests/notices.rs`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::ValueEnum;
use confique::Config;
use lettre::message::Mailbox;
use serde::{Deserialize, Serialize};
use url::Url;

use super::audit_stream::Authorities;
use super::filled;
use super::hidden::{HiddenText, secret};
use super::ldap::{file, none_without};
use super::lenient::word;
use crate::config::ConfigError;

/// How mail is kept from whoever is on the way: the values of `mail.security`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// TLS from the first byte
    Tls,
    /// TLS once the server has said that it can
    #[default]
    Starttls,
    /// Readable: for a server on this machine
    None,
}

impl MailSecurity {
    /// The port that such servers listen on.
    const fn port(self) -> u16 {
        match self {
            Self::Tls => 465,
            Self::Starttls => 587,
            Self::None => 25,
        }
    }
}

/// Mail to people.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct MailSection {
    /// The mail server that takes what Latchkey sends, by its name: smtp.example.edu. Left out: no
    /// mail is sent.
    #[config(env = "LATCHKEY_MAIL_SERVER")]
    pub server: Option<String>,

    /// Its port; 0: the usual one, which is 465 with "tls", 587 with "starttls" and 25 with "none".
    #[config(env = "LATCHKEY_MAIL_PORT", default = 0)]
    pub port: u16,

    /// "starttls" or "tls": the server's certificate must be for its name, and nothing is sent
    /// before. "none": readable on the way, for a server on this machine alone.
    #[config(env = "LATCHKEY_MAIL_SECURITY", default = "starttls", deserialize_with = word)]
    pub security: MailSecurity,

    /// The authorities that sign the server's certificate, in PEM. Left out: the system's.
    #[config(env = "LATCHKEY_MAIL_CA_FILE")]
    pub ca_file: Option<PathBuf>,

    /// The name to log in there with. Left out: the server asks for none.
    #[config(env = "LATCHKEY_MAIL_USER")]
    pub user: Option<String>,

    /// Their password.
    #[config(env = "LATCHKEY_MAIL_PASSWORD")]
    pub password: Option<HiddenText>,

    /// Whom mail is from: latchkey@example.edu, or Latchkey <latchkey@example.edu>. What cannot be
    /// delivered comes back there.
    #[config(env = "LATCHKEY_MAIL_FROM")]
    pub from: Option<String>,

    /// Where answers go, written in the same way. Left out: to mail.from.
    #[config(env = "LATCHKEY_MAIL_REPLY_TO")]
    pub reply_to: Option<String>,
}

/// Mail to people, understood.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The server, its name or its address.
    pub host: String,
    /// Its port: where none is configured, the usual one of `security`.
    pub port: u16,
    /// How it is spoken to.
    pub security: MailSecurity,
    /// Whom to trust.
    pub authorities: Authorities,
    /// Name and password there.
    pub login: Option<(String, desk::Secret)>,
    /// Whom mail is from.
    pub from: Mailbox,
    /// Where answers go; none: to whom it is from.
    pub reply_to: Option<Mailbox>,
}

impl MailSection {
    /// How mail is sent; none: it is not.
    pub(in crate::config) fn mail(
        &self,
        public_url: Option<&Url>,
    ) -> Result<Option<Mail>, ConfigError> {
        let ca_file = file(self.ca_file.as_ref());
        let (user, password) = (filled(self.user.clone()), secret(self.password.clone()));
        let Some(host) = filled(self.server.clone()) else {
            return none_without(
                "name the mail server in mail.server too.",
                &[
                    ("mail.ca_file", ca_file.is_some()),
                    ("mail.user", user.is_some()),
                    ("mail.password", password.is_some()),
                    ("mail.from", filled(self.from.clone()).is_some()),
                    ("mail.reply_to", filled(self.reply_to.clone()).is_some()),
                ],
            );
        };
        let wrong = |key, what: &str| Err(ConfigError::senseless(key, what).since("mail.server"));
        if !is_host(&host) {
            let what = "write the name alone, such as smtp.example.edu; the port has a key of its \
                own, mail.port.";
            return wrong("mail.server", what);
        }
        if self.security == MailSecurity::None && !is_here(&host) {
            let what = "whoever is on the way to another machine would read the mail: use \
                \"starttls\" or \"tls\".";
            return wrong("mail.security", what);
        }
        if self.security == MailSecurity::None && ca_file.is_some() {
            return wrong("mail.ca_file", "it is for TLS: leave it out, or set mail.security.");
        }
        if public_url.is_none() {
            let what = "mail leads people to their pages there: write it down.";
            return wrong("server.public_url", what);
        }
        let login = match (user, password) {
            (Some(user), Some(password)) => Some((user, password)),
            (None, None) => None,
            (Some(_), None) => {
                let what = "its password is missing: give it in a file in the credentials folder, \
                    mail.password, or in the variable LATCHKEY_MAIL_PASSWORD.";
                return wrong("mail.user", what);
            }
            (None, Some(_)) => return wrong("mail.user", "say whose password mail.password is."),
        };
        let Some(from) = filled(self.from.clone()) else {
            return wrong("mail.from", "say whom mail is from, such as latchkey@example.edu.");
        };
        let from = mailbox("mail.from", &from)?;
        let reply_to = filled(self.reply_to.clone());
        let reply_to = reply_to.map(|text| mailbox("mail.reply_to", &text)).transpose()?;
        let port = if self.port == 0 { self.security.port() } else { self.port };
        let (security, authorities) = (self.security, Authorities { file: ca_file });
        Ok(Some(Mail { host, port, security, authorities, login, from, reply_to }))
    }
}

/// Whether a text is a host's name or address, and nothing else.
fn is_host(text: &str) -> bool {
    let is_of_a_name = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_');
    text.parse::<IpAddr>().is_ok()
        || (text.len() <= 253 && text.bytes().all(is_of_a_name) && !text.starts_with(['.', '-']))
}

/// Whether it is this machine.
fn is_here(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// An address of mail, with the name before it where there is one.
fn mailbox(key: &'static str, text: &str) -> Result<Mailbox, ConfigError> {
    let mailbox = text.parse::<Mailbox>().ok();
    mailbox.filter(|_| !text.contains(desk::is_invisible)).ok_or_else(|| {
        let what = "write one address, such as latchkey@example.edu or \
            Latchkey <latchkey@example.edu>.";
        ConfigError::senseless(key, what)
    })
}
