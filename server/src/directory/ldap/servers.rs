//! Connections to the directory's servers: encrypted, with timeouts, the next server where one does
//! not answer.

use std::io::ErrorKind;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use desk::{DirectoryError, LogLimiter};
use ldap3::{LdapConnAsync, LdapConnSettings, LdapError};
use rustls::ClientConfig;
use url::Url;

use super::proof::visible;
use crate::authorities;
use crate::config::{ConfigError, Ldap as Settings};

/// How long a server that did not answer is asked last.
const SHUN: Duration = Duration::from_secs(30);

/// While a server is away each log-in says so, and strangers may try many.
pub(super) static FAILED: LogLimiter = LogLimiter::new(20);

/// The servers, and which of them answered lately.
#[derive(Debug)]
pub(super) struct Servers {
    settings: Settings,
    tls: Arc<ClientConfig>,
    failed: Mutex<Vec<Option<Instant>>>,
}

/// A connection, and which server it leads to. Clones ask on the same one, side by side.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) ldap: ldap3::Ldap,
    pub(super) server: usize,
}

impl Servers {
    /// Reads the certificate authorities, and asks nothing yet.
    pub(super) fn new(settings: Settings) -> Result<Self, ConfigError> {
        let wrong = |what: String| ConfigError::senseless("ldap.ca_file", what);
        let roots = match &settings.ca_file {
            Some(path) => {
                let wrong = |what: String| wrong(format!("{}: {what}", path.display()));
                authorities::of_file(path).map_err(wrong)?
            }
            None => authorities::of_the_system(),
        };
        let encrypted =
            settings.starttls || settings.urls.iter().any(|url| url.scheme() == "ldaps");
        if encrypted && roots.is_empty() {
            return Err(wrong(
                "this system trusts no certificate authority: name a file with the directory’s."
                    .to_owned(),
            ));
        }
        let builder =
            ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let builder = builder
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong(format!("{error}.")))?;
        let tls = Arc::new(builder.with_root_certificates(roots).with_no_client_auth());
        Ok(Self { tls, failed: Mutex::new(vec![None; settings.urls.len()]), settings })
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A connection to the first server that answers; those that did not lately are asked last.
    pub(super) async fn open(&self, bound: bool) -> Result<Connection, DirectoryError> {
        let mut order: Vec<usize> = (0..self.settings.urls.len()).collect();
        order.sort_by_key(|at| self.is_shunned(*at));
        let mut errors = Vec::new();
        for server in order {
            match self.open_one(server, bound).await {
                Ok(connection) => return Ok(connection),
                Err(error) => {
                    if let Some(left_out) = FAILED.may_speak() {
                        let server = &self.settings.urls[server];
                        tracing::warn!(%server, %error, left_out, "a server of the directory");
                    }
                    self.shun(server);
                    errors.push(error);
                }
            }
        }
        Err(all_of(errors))
    }

    /// A connection to this server, in the name of who searches where it is `bound`.
    pub(super) async fn open_one(
        &self,
        server: usize,
        bound: bool,
    ) -> Result<Connection, DirectoryError> {
        let url = &self.settings.urls[server];
        let connecting = LdapConnSettings::new()
            .set_conn_timeout(self.settings.timeout)
            .set_starttls(self.settings.starttls);
        // Always ours: the library would choose one of several kinds of cryptography by itself, and
        // fail where there are two.
        let connecting = connecting.set_config(self.tls.clone());
        let opening = LdapConnAsync::from_url_with_settings(connecting, url);
        // The library's limit is for the connection; encryption may hang too.
        let opened = tokio::time::timeout(self.settings.timeout * 2, opening).await;
        let (driver, ldap) =
            opened.map_err(|_| silent(url))?.map_err(|error| described(url, &error))?;
        tokio::spawn(async move {
            if let Err(error) = driver.drive().await {
                tracing::debug!(%error, "a connection to the directory ended");
            }
        });
        let mut connection = Connection { ldap, server };
        if let Some((dn, password)) = self.settings.bind.as_ref().filter(|_| bound) {
            let bind = connection
                .ldap
                .with_timeout(self.settings.timeout)
                .simple_bind(dn, password.expose())
                .await;
            let result = bind.map_err(|error| described(url, &error))?;
            if result.rc != 0 {
                let message = format!("result {} {}", result.rc, visible(&result.text));
                let what = format!(
                    "{url} refuses ldap.bind_dn or its password, ldap.bind_password: {}",
                    message.trim_end()
                );
                return Err(DirectoryError::Refuses(what));
            }
        }
        Ok(connection)
    }

    fn is_shunned(&self, server: usize) -> bool {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.get(server).copied().flatten().is_some_and(|at| at.elapsed() < SHUN)
    }

    pub(super) fn shun(&self, server: usize) {
        if let Some(at) = self.failed.lock().unwrap_or_else(PoisonError::into_inner).get_mut(server)
        {
            *at = Some(Instant::now());
        }
    }
}

/// What all servers said: the cause need not be the last one's. Where one of them is merely away,
/// all of it may be over soon.
fn all_of(mut errors: Vec<DirectoryError>) -> DirectoryError {
    if errors.len() == 1 {
        return errors.remove(0);
    }
    let message = errors.iter().map(DirectoryError::message).collect::<Vec<_>>().join("; ");
    match errors.iter().find(|error| !matches!(error, DirectoryError::Refuses(_))) {
        None => DirectoryError::Refuses(message),
        Some(_) if errors.iter().any(|error| matches!(error, DirectoryError::Unavailable(_))) => {
            DirectoryError::Unavailable(message)
        }
        Some(_) => DirectoryError::Nonsense(message),
    }
}

fn silent(url: &Url) -> DirectoryError {
    DirectoryError::Unavailable(format!("{url} says nothing. {RIGHT_PORT}"))
}

/// Result codes by which a server wants a stronger or an encrypted way (RFC 4511 §4.1.9).
const WANTS_ENCRYPTION: [u32; 2] = [8, 13];

/// What a server of the other kind behaves like.
const RIGHT_PORT: &str = "If it is up: is the port the right one for ldap:// or ldaps://?";

/// The library's error, in the desk's words. What it says is for the operator's log.
pub(super) fn described(url: &Url, error: &LdapError) -> DirectoryError {
    match error {
        LdapError::Timeout { .. } => silent(url),
        // A certificate that is not trusted comes as an error of input and output.
        LdapError::Io { source } if source.to_string().contains("certificate") => {
            DirectoryError::Nonsense(format!(
                "the certificate of {url} is not trusted ({source}): is ldap.ca_file the right \
                    one (where it is not set, the system’s authorities count), and the name the \
                    certificate’s?"
            ))
        }
        LdapError::Io { source }
            if source.kind() == ErrorKind::UnexpectedEof
                || source.kind() == ErrorKind::InvalidData =>
        {
            DirectoryError::Unavailable(format!("{url}: {source}. {RIGHT_PORT}"))
        }
        LdapError::Io { source } => DirectoryError::Unavailable(format!("{url}: {source}")),
        LdapError::LdapResult { result } if WANTS_ENCRYPTION.contains(&result.rc) => {
            DirectoryError::Nonsense(format!(
                "{url} wants an encrypted connection (result {} {}): use ldaps://, or ldap:// with \
                    ldap.starttls = true",
                result.rc,
                visible(&result.text)
            ))
        }
        LdapError::LdapResult { result } => DirectoryError::Unavailable(
            format!("{url}: result {} {}", result.rc, visible(&result.text)).trim_end().to_owned(),
        ),
        other => DirectoryError::Unavailable(format!("{url}: {other}")),
    }
}
