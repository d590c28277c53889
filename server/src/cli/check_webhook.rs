//! Whether the webhook's receiver is there, for `latchkey check`: it takes a connection and, by
//! https, has a certificate that is trusted. Nothing is posted. Tests:
//! `server/tests/server/command_line/webhook.rs`.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::authorities;
use crate::config::Webhook;

/// How long a connection may take, and TLS.
const WITHIN: Duration = Duration::from_secs(10);

/// What is said of it. One that is away for now is no reason not to start. Its path may be a secret
/// of the receiver's, and is left out.
pub(super) async fn stated(webhook: &Webhook) -> String {
    // As they are connected to: an address of IPv6 has brackets in a URL alone.
    let written = webhook.url.host_str().unwrap_or_default();
    let host = written.trim_start_matches('[').trim_end_matches(']');
    let port = webhook.url.port_or_known_default().unwrap_or(443);
    match connect(webhook, host, port).await {
        Ok(()) => format!("Webhook: {written}:{port} takes a connection. Nothing was posted."),
        Err(error) => {
            let why = error.to_string();
            let why = why.trim_end_matches('.');
            format!("Careful: the webhook’s {written}:{port} is not reached: {why}.")
        }
    }
}

async fn connect(webhook: &Webhook, host: &str, port: u16) -> io::Result<()> {
    let stream = within("it takes no connection in time", TcpStream::connect((host, port))).await?;
    if webhook.url.scheme() != "https" {
        return Ok(());
    }
    let roots = match &webhook.authorities.file {
        Some(path) => authorities::of_file(path).map_err(io::Error::other)?,
        None => authorities::of_the_system(),
    };
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let greeting = TlsConnector::from(Arc::new(tls)).connect(name, stream);
    within("it does not speak TLS in time", greeting).await.map(drop)
}

async fn within<T>(late: &str, done: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match timeout(WITHIN, done).await {
        Ok(done) => done,
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, late)),
    }
}
