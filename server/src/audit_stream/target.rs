//! Where the rows go, each in the form that is read there. Tests: `tests.rs`.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use app::server::audit::Format;
use desk::AuditRow;
use rustix_process::io::Errno;
use rustls::ClientConfig;
use tokio::net::UnixDatagram;

use super::file;
use super::message::Syslog;
use super::network::{self, Receiver, Timeouts};
use crate::authorities;
use crate::config::{AuditStreamTo, Authorities, ConfigError, StreamTarget};

/// Where the rows go.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    name: String,
    way: Way,
    syslog: Syslog,
    pub(super) timeouts: Timeouts,
}

#[derive(Clone, Debug)]
enum Way {
    File(PathBuf),
    Receiver(Receiver),
    Socket(PathBuf),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Target {
    /// Reads the certificate authorities, and connects to nothing yet.
    ///
    /// # Errors
    /// [`ConfigError::Senseless`].
    pub(super) fn of(to: &AuditStreamTo) -> Result<Self, ConfigError> {
        let way = match &to.target {
            StreamTarget::File(path) => Way::File(path.clone()),
            StreamTarget::Socket(path) => Way::Socket(path.clone()),
            StreamTarget::Syslog { host, port, tls } => {
                let tls = tls.as_ref().map(trusting).transpose()?;
                let (host, says_its_end) = (host.clone(), Arc::default());
                Way::Receiver(Receiver { host, port: *port, tls, says_its_end })
            }
        };
        let (name, syslog) = (to.name.clone(), Syslog::of_this_process(to.facility));
        Ok(Self { name, way, syslog, timeouts: Timeouts::default() })
    }

    /// Hands these rows over, in their order; it is done once the target has them.
    ///
    /// # Errors
    /// In the system's words. It may have some of them.
    pub(super) async fn deliver(&self, rows: &[AuditRow]) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        match &self.way {
            Way::File(path) => file::append(path.clone(), Format::JsonLines.lines(rows)).await,
            Way::Receiver(receiver) => {
                let frames: Vec<u8> = rows.iter().flat_map(|row| self.syslog.framed(row)).collect();
                network::hand_over(receiver, &frames, self.timeouts).await
            }
            Way::Socket(path) => {
                let socket = UnixDatagram::unbound()?;
                socket.connect(path)?;
                let sending = async {
                    for row in rows {
                        match socket.send(self.syslog.local(row).as_bytes()).await {
                            Err(error) if is_too_long(&error) => {
                                socket.send(self.syslog.cut_local(row).as_bytes()).await?;
                            }
                            sent => {
                                sent?;
                            }
                        }
                    }
                    Ok(())
                };
                network::within(self.timeouts.write, "it takes no messages", sending).await
            }
        }
    }
}

/// Whether a message is longer than what a socket may have on its way.
fn is_too_long(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::MSGSIZE.raw_os_error())
}

/// TLS to whoever has a certificate by one of these authorities, for the name that is asked for.
fn trusting(trusted: &Authorities) -> Result<Arc<ClientConfig>, ConfigError> {
    let wrong = |what: String| ConfigError::senseless("audit_stream.ca_file", what);
    let roots = match &trusted.file {
        Some(path) => {
            let wrong = |what: String| wrong(format!("{}: {what}", path.display()));
            authorities::of_file(path).map_err(wrong)?
        }
        None => authorities::of_the_system(),
    };
    if roots.is_empty() {
        let what = "this system trusts no certificate authority: name a file with the receiver’s.";
        return Err(wrong(what.to_owned()));
    }
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(format!("{error}.")))?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}
