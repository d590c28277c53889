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
use rustls::client::verify_server_name;
use rustls::pki_types::ServerName;
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use tokio_rustls::TlsAcceptor;
use url::Url;

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

    /// What browsers will refuse of the certificate in use, a sentence each.
    pub(crate) fn hazards(&self, public_url: Option<&Url>, now: SystemTime) -> Vec<String> {
        let pair = self.in_use.pair();
        let mut hazards = Vec::new();
        if pair.ends <= now {
            hazards
                .push("the certificate (tls.certificate) has ended: have it renewed.".to_owned());
        }
        let host = public_url.and_then(Url::host_str).unwrap_or_default();
        let name = ServerName::try_from(host.trim_matches(['[', ']']));
        if let (Ok(name), Some(first)) = (name, pair.certified.cert.first())
            && let Ok(certificate) = ParsedCertificate::try_from(first)
            && verify_server_name(&certificate, &name).is_err()
        {
            hazards.push(format!(
                "the certificate (tls.certificate) is not for {host}, the host of \
                 server.public_url: have one issued that names it."
            ));
        }
        hazards
    }

    fn replace(&self, pair: Pair) {
        *self.in_use.0.write().unwrap_or_else(PoisonError::into_inner) = pair;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_certificate_that_has_ended_or_is_for_another_host_is_a_hazard() {
        let folder = pair::tests::Folder::new();
        let tls = Tls::with(Pair::read(&folder.make("one", "30")).expect("it fits")).expect("tls");
        let of = |url: &str, days: u64| {
            let url = Url::parse(url).expect("a URL");
            tls.hazards(Some(&url), SystemTime::now() + Duration::from_secs(days * 86_400))
        };
        assert!(of("https://localhost:8443/", 0).is_empty());
        assert!(of("https://localhost/", 31)[0].contains("has ended"));
        for other in ["https://latchkey.example.edu", "https://[::1]/"] {
            assert!(of(other, 0)[0].contains("is not for "), "{other}");
        }
        assert!(tls.hazards(None, SystemTime::now()).is_empty());
    }
}
