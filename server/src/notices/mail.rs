//! Mail, by the server that takes it: one connection for as many as are due, each step with its
//! time. What a server answers to everybody (no log-in, no such sender, away) stops nothing for
//! good; what it answers to one mail may. Tests: `mail_tests.rs`, and with a real server, by TLS
//! too, `tools/test-mail`.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use desk::{Notice, NoticeId, plain_line};
use lettre::Message;
use lettre::address::{Address, Envelope};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters,
};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use tokio::time::timeout;
use url::{Host, Url};

use super::compose::{Site, Words, compose};
use super::html;
use super::undelivered::{Retry, Undelivered};
use crate::authorities;
use crate::config::{ConfigError, Mail, MailSecurity};

/// How the password goes there: as it is, within TLS.
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

/// The digits of a notice's id that its mail's id has: no two are alike, and the line is short.
const ID_DIGITS: usize = 32;

/// The server ends the connection (RFC 5321 §3.8).
const CLOSING: u16 = 421;

/// What is said where one side speaks TLS from the first byte and the other does not.
const NO_TLS: &str = "no TLS from the first byte there: look at mail.security";
const NO_GREETING: &str = "no greeting in the clear there: look at mail.security";
const SILENT: &str = "it does not greet in time: look at mail.security";

/// How long each part may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeouts {
    /// Until there is a connection.
    pub(super) connect: Duration,
    /// Until the server has greeted and let us in.
    pub(super) greet: Duration,
    /// A whole mail.
    pub(super) mail: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            greet: Duration::from_secs(30),
            mail: Duration::from_mins(1),
        }
    }
}

/// What mail is sent with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Mailer {
    settings: Arc<Mail>,
    /// None: readable.
    tls: Option<TlsParameters>,
    hello: ClientId,
    site: Site,
    pub(super) timeouts: Timeouts,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Mailer {
    /// Reads the certificate authorities, and connects to nothing yet.
    ///
    /// # Errors
    /// [`ConfigError::Senseless`].
    pub(crate) fn of(settings: &Mail, public_url: &Url) -> Result<Self, ConfigError> {
        let tls = match settings.security {
            MailSecurity::None => None,
            MailSecurity::Tls | MailSecurity::Starttls => Some(trusting(settings)?),
        };
        let hello = match public_url.host() {
            Some(Host::Ipv4(address)) => ClientId::Ipv4(address),
            Some(Host::Ipv6(address)) => ClientId::Ipv6(address),
            Some(Host::Domain(name)) => ClientId::Domain(name.to_owned()),
            None => ClientId::default(),
        };
        let (settings, site) = (Arc::new(settings.clone()), Site::new(public_url));
        Ok(Self { settings, tls, hello, site, timeouts: Timeouts::default() })
    }

    /// Where it sends to, for people.
    pub(crate) fn server(&self) -> String {
        format!("{}:{}", self.settings.host, self.settings.port)
    }

    /// Connects, greets and logs in.
    pub(super) async fn connect(&self) -> Result<AsyncSmtpConnection, Undelivered> {
        let settings = &self.settings;
        let mut is_greeted = false;
        let connecting = async {
            let address = (settings.host.as_str(), settings.port);
            let at_once = self.tls.clone().filter(|_| settings.security == MailSecurity::Tls);
            let mut open = AsyncSmtpConnection::connect_tokio1(
                address,
                Some(self.timeouts.connect),
                &self.hello,
                at_once,
                None,
            )
            .await?;
            is_greeted = true;
            if let (MailSecurity::Starttls, Some(tls)) = (settings.security, &self.tls) {
                open.starttls(tls.clone(), &self.hello).await?;
            }
            if let Some((user, password)) = &settings.login {
                let credentials = Credentials::new(user.clone(), password.expose().to_owned());
                open.auth(&MECHANISMS, &credentials).await?;
            }
            Ok::<_, smtp::Error>(open)
        };
        let connected = timeout(self.timeouts.greet, connecting).await;
        let is_tls_at_once = settings.security == MailSecurity::Tls;
        let why = match connected {
            Ok(Ok(open)) => return Ok(open),
            Ok(Err(error)) if is_greeted => return Err(undelivered(&error, Retry::AllLater)),
            Ok(Err(error)) if is_tls_at_once && is_no_tls(&error) => NO_TLS,
            Ok(Err(error)) if !is_tls_at_once && error.is_response() => NO_GREETING,
            Ok(Err(error)) => return Err(undelivered(&error, Retry::AllLater)),
            Err(_) if is_greeted || is_tls_at_once => "it does not answer in time",
            Err(_) => SILENT,
        };
        Err(Undelivered::away(why))
    }

    /// Tries whether the server lets us in, and sends nothing.
    pub(crate) async fn try_out(&self) -> Result<(), Undelivered> {
        let mut open = self.connect().await?;
        let _ = timeout(self.timeouts.connect, open.quit()).await;
        Ok(())
    }

    /// Sends one mail to see whether it arrives.
    pub(crate) async fn send_test(&self, to: &Address) -> Result<(), Undelivered> {
        let site = self.site.page("/");
        let words = Words {
            subject: "A test of Latchkey’s mail".to_owned(),
            name: String::new(),
            what: vec!["This mail was sent by hand, to see whether mail arrives. It does.".into()],
            facts: vec![("From", site.clone()), ("By way of", self.server())],
            then: Vec::new(),
            links: vec![("Open Latchkey", site)],
            why: vec!["Latchkey never asks for a password or a token by mail.".to_owned()],
        };
        let message = self.message(&words, Mailbox::new(None, to.clone()), None)?;
        let mut line = self.line();
        line.hand_over(message.envelope(), &message.formatted()).await?;
        line.rest().await;
        Ok(())
    }

    /// A notice as a mail.
    pub(super) fn of_notice(&self, notice: &Notice) -> Result<Message, Undelivered> {
        let address = notice.email.parse::<Address>().ok();
        let Some(address) = address.filter(|_| desk::is_email_address(&notice.email)) else {
            return Err(Undelivered::for_good("there is no e-mail address that takes mail"));
        };
        let name = Some(plain_line(&notice.name)).filter(|name| !name.is_empty());
        let words = compose(notice, &self.site);
        self.message(&words, Mailbox::new(name, address), Some(&notice.id))
    }

    fn message(
        &self,
        words: &Words,
        to: Mailbox,
        id: Option<&NoticeId>,
    ) -> Result<Message, Undelivered> {
        let mut message = Message::builder()
            .from(self.settings.from.clone())
            .to(to)
            .subject(words.subject.clone())
            .date_now()
            // Nobody's absence is to be told to us (RFC 3834).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        if let Some(reply_to) = &self.settings.reply_to {
            message = message.reply_to(reply_to.clone());
        }
        // Sent twice it is one mail to whoever looks at this.
        let id = id.map(|id| {
            let beginning = id.as_str().get(..ID_DIGITS).unwrap_or(id.as_str());
            format!("<{beginning}@{}>", self.settings.from.email.domain())
        });
        let both = MultiPart::alternative_plain_html(words.plain(), html::page(words));
        message
            .message_id(id)
            .multipart(both)
            .map_err(|error| Undelivered::for_good(format!("it makes no mail: {error}")))
    }

    /// For as many mails as are due.
    pub(super) fn line(&self) -> Line {
        Line { mailer: self.clone(), open: None }
    }
}

/// TLS to whoever has a certificate by one of these authorities, for the name that is asked for.
fn trusting(settings: &Mail) -> Result<TlsParameters, ConfigError> {
    let wrong = |what: String| ConfigError::senseless("mail.ca_file", what);
    let trusted = match &settings.authorities.file {
        Some(path) => authorities::certificates_of_file(path)
            .map_err(|what| wrong(format!("{}: {what}", path.display())))?,
        None => authorities::certificates_of_the_system(),
    };
    if trusted.is_empty() {
        let what = "this system trusts no certificate authority: name a file with the mail \
            server’s.";
        return Err(wrong(what.to_owned()));
    }
    let mut builder =
        TlsParameters::builder(settings.host.clone()).certificate_store(CertificateStore::None);
    for certificate in trusted {
        let certificate = Certificate::from_der(certificate.to_vec());
        let certificate = certificate.map_err(|error| wrong(format!("{error}.")))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build_rustls().map_err(|error| wrong(format!("{error}.")))
}

/// A connection, where there is one.
pub(super) struct Line {
    mailer: Mailer,
    open: Option<AsyncSmtpConnection>,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("is_open", &self.open.is_some()).finish_non_exhaustive()
    }
}

impl Line {
    /// Sends a notice; it is done once the server has taken it.
    pub(super) async fn deliver(&mut self, notice: &Notice) -> Result<(), Undelivered> {
        let message = self.mailer.of_notice(notice)?;
        self.hand_over(message.envelope(), &message.formatted()).await
    }

    async fn hand_over(&mut self, envelope: &Envelope, mail: &[u8]) -> Result<(), Undelivered> {
        loop {
            let reused = self.open.take();
            let is_fresh = reused.is_none();
            let mut open = match reused {
                Some(open) => open,
                None => self.mailer.connect().await?,
            };
            let mut is_under_way = false;
            let giving = give(&mut open, envelope, mail, &mut is_under_way);
            match timeout(self.mailer.timeouts.mail, giving).await {
                Ok(Ok(())) => {
                    self.open = Some(open);
                    return Ok(());
                }
                Ok(Err(refused)) if refused.retry != Retry::AllLater => {
                    // The next ones go the same way.
                    let reset = timeout(self.mailer.timeouts.connect, open.command(Rset)).await;
                    self.open = matches!(reset, Ok(Ok(_))).then_some(open);
                    return Err(refused);
                }
                // A server may end a connection after so many mails, or so much time: this one has
                // not begun on it.
                Ok(Err(_)) if !is_fresh && !is_under_way => {}
                Ok(Err(away)) => return Err(away),
                Err(_) => return Err(Undelivered::away("it does not take the mail in time")),
            }
        }
    }

    /// Ends the connection, as servers like it.
    pub(super) async fn rest(&mut self) {
        if let Some(mut open) = self.open.take() {
            let _ = timeout(self.mailer.timeouts.connect, open.quit()).await;
        }
    }
}

/// Gives one mail; `is_under_way`: the server has taken its first word.
async fn give(
    open: &mut AsyncSmtpConnection,
    envelope: &Envelope,
    mail: &[u8],
    is_under_way: &mut bool,
) -> Result<(), Undelivered> {
    let addresses = envelope.to().iter().chain(envelope.from());
    let is_plain = addresses.map(AsRef::<str>::as_ref).all(str::is_ascii);
    let mut parameters = Vec::new();
    if !is_plain {
        if !open.server_info().supports_feature(Extension::SmtpUtfEight) {
            let what = "the mail server takes no such address (SMTPUTF8)";
            return Err(Undelivered::for_good(what));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    // Refused here, everybody's mail would be.
    open.command(MailFrom::new(envelope.from().cloned(), parameters))
        .await
        .map_err(|error| undelivered(&error, Retry::AllLater))?;
    *is_under_way = true;
    let of_this_mail = |error: smtp::Error| undelivered(&error, retry_of(&error));
    for to in envelope.to() {
        open.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(of_this_mail)?;
    }
    open.command(Data).await.map_err(of_this_mail)?;
    open.message(mail).await.map_err(of_this_mail)?;
    Ok(())
}

/// What an answer to one mail means for it.
fn retry_of(error: &smtp::Error) -> Retry {
    if error.is_permanent() {
        Retry::Never
    } else if error.is_transient() && error.status().map(u16::from) != Some(CLOSING) {
        Retry::Later
    } else {
        Retry::AllLater
    }
}

/// Whether what came in answer to a TLS handshake is none.
fn is_no_tls(error: &smtp::Error) -> bool {
    let mut source = error.source();
    while let Some(error) = source {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let tls = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if matches!(tls, Some(rustls::Error::InvalidMessage(_))) {
            return true;
        }
        source = error.source();
    }
    false
}

/// What the server said may repeat an address: that is for a terminal, and the number for the log.
fn undelivered(error: &smtp::Error, retry: Retry) -> Undelivered {
    let message = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    let why = match error.status() {
        Some(code) => format!("it answers {code}"),
        None if error.is_timeout() => "it does not answer in time".to_owned(),
        None => message.clone(),
    };
    let message = if error.status().is_some() { format!("{why}: {message}") } else { message };
    Undelivered { why, message, retry }
}
