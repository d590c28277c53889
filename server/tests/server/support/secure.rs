//! A server that speaks https, with a certificate that openssl has made, and clients that know it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use server::connections::Limits;
use tempfile::TempDir;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{World, world_as};

/// A connection by https.
pub(crate) type Secure = TlsStream<TcpStream>;

const OPENSSL: &str = "[req]\ndistinguished_name = name\nx509_extensions = more\nprompt = no\n\
    [name]\nCN = localhost\n\
    [more]\nbasicConstraints = critical, CA:FALSE\nsubjectAltName = DNS:localhost\n";

/// A certificate for `localhost`, and its key.
#[derive(Debug)]
pub(crate) struct Certificate(TempDir);

impl Certificate {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("openssl.cnf"), OPENSSL).unwrap();
        let of_kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        let made = Command::new("openssl")
            .args(["req", "-x509", "-config", "openssl.cnf", "-days", "30"])
            .args(of_kind)
            .args(["-keyout", "key.pem", "-out", "chain.pem"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self(folder)
    }

    pub(crate) fn chain(&self) -> PathBuf {
        self.0.path().join("chain.pem")
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.0.path().join("key.pem")
    }

    /// For `latchkey.toml`.
    pub(crate) fn section(&self) -> String {
        let (chain, key) = (self.chain(), self.key());
        format!("[tls]\ncertificate = \"{}\"\nkey = \"{}\"\n", chain.display(), key.display())
    }

    /// A connection from one of this machine's own addresses, by these versions of TLS and of HTTP.
    pub(crate) async fn connect(
        &self,
        from: [u8; 4],
        address: SocketAddr,
        versions: &[&'static SupportedProtocolVersion],
        protocols: &[&[u8]],
    ) -> std::io::Result<Secure> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        self.over(socket.connect(address).await?, versions, protocols).await
    }

    /// The same on a connection that is there.
    pub(crate) async fn over(
        &self,
        stream: TcpStream,
        versions: &[&'static SupportedProtocolVersion],
        protocols: &[&[u8]],
    ) -> std::io::Result<Secure> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.chain()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    /// One by HTTP/1.1.
    pub(crate) async fn by_http1(&self, from: [u8; 4], address: SocketAddr) -> Secure {
        self.connect(from, address, &[&TLS13, &TLS12], &[b"http/1.1"]).await.unwrap()
    }

    /// One by HTTP/2.
    pub(crate) async fn by_http2(&self, from: [u8; 4], address: SocketAddr) -> Secure {
        let stream = self.connect(from, address, &[&TLS13], &[b"h2", b"http/1.1"]).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        stream
    }
}

/// A server that speaks https, and its certificate.
pub(crate) async fn secure_world(change: impl FnOnce(&mut Limits)) -> (World, Certificate) {
    let certificate = Certificate::new();
    let (chain, key) = (certificate.chain(), certificate.key());
    let world = world_as(
        |keys| {
            keys.tls.certificate = Some(chain.display().to_string());
            keys.tls.key = Some(key.display().to_string());
        },
        |configuration| change(&mut configuration.connections),
    )
    .await;
    (world, certificate)
}
