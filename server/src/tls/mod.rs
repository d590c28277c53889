//! https by Latchkey itself: the certificate and its key, looked at before they are used and taken
//! up anew while connections go on. TLS 1.2 and 1.3, with ring's ciphers: each of them keeps what
//! was said from whoever has the key later. How a connection begins is `connections/secure.rs`.
//!
//! | file | what |
//! |---|---|
//! | [`pair`] | a certificate and its key, as their files have them |
//! | [`renewal`] | looks for new ones, and says when the one in use ends |
//!
//! Tests: in these files, `server/tests/server/tls/`, and `tools/test-tls`.

mod pair;
mod renewal;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use tokio_rustls::TlsAcceptor;

use crate::config::{ConfigError, Configuration};
use pair::Pair;
pub(crate) use renewal::watch;

/// What ALPN calls HTTP/2.
pub(crate) const HTTP_2: &[u8] = b"h2";
const HTTP_1: &[u8] = b"http/1.1";

/// The certificate in use. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    in_use: Arc<InUse>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("ends", &self.ends()).finish_non_exhaustive()
    }
}

/// What new connections are answered with.
#[derive(Debug)]
struct InUse(RwLock<Pair>);

impl InUse {
    fn pair(&self) -> Pair {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ResolvesServerCert for InUse {
    /// There is one, whatever name is asked for.
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.pair().certified)
    }
}

impl Tls {
    /// What the configuration names; none: it names none.
    ///
    /// # Errors
    /// What is wrong with the files, and what to do.
    pub(crate) fn of(configuration: &Configuration) -> Result<Option<Self>, ConfigError> {
        configuration.tls.as_ref().map(|files| Self::with(Pair::read(files)?)).transpose()
    }

    fn with(pair: Pair) -> Result<Self, ConfigError> {
        let in_use = Arc::new(InUse(RwLock::new(pair)));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|error| ConfigError::senseless("tls.certificate", format!("{error}.")))?
            .with_no_client_auth()
            .with_cert_resolver(in_use.clone());
        config.alpn_protocols = vec![HTTP_2.to_vec(), HTTP_1.to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), in_use })
    }

    /// What begins a connection.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }

    /// When the certificate in use ends.
    pub(crate) fn ends(&self) -> SystemTime {
        self.in_use.pair().ends
    }

    fn replace(&self, pair: Pair) {
        *self.in_use.0.write().unwrap_or_else(PoisonError::into_inner) = pair;
    }
}
