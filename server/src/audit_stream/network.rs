//! Messages to a syslog receiver, by TCP or TLS, until it has acknowledged them.
//!
//! Syslog has no answer, and what was written to a connection is not read yet: a receiver that ends
//! with messages in its buffers has lost them, and nobody is told. So each connection carries one
//! batch, and its end is the receipt. When all is written our side is closed; a receiver that has
//! read everything closes its own. One that went away before leaves data that its system did not
//! read, and that is a reset and no end.
//!
//! By TLS such an end can be anybody's who is on the way, but for TLS's own (`close_notify`). Not
//! every receiver sends that (`rsyslog` by `GnuTLS` does not); one that has is not believed without
//! it any more.
//!
//! Tests: `network_tests.rs`, and with the real rsyslog `tools/test-syslog`.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// How often it is looked whether a connection is over.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Why an end is none.
const NOT_ITS_END: &str = "the connection ended without a word by TLS, which the receiver has sent \
    before: somebody on the way may have cut it. If another receiver is in its place, restart \
    Latchkey";

/// A syslog receiver across the network, with its port.
#[derive(Clone, Debug)]
pub(super) struct Receiver {
    pub(super) host: String,
    pub(super) port: u16,
    /// None: by TCP alone.
    pub(super) tls: Option<Arc<ClientConfig>>,
    /// Whether it has ended a connection as TLS has it.
    pub(super) says_its_end: Arc<AtomicBool>,
}

/// How long each part may take. All of them together are much less than a node's turn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeouts {
    pub(super) connect: Duration,
    pub(super) write: Duration,
    pub(super) receipt: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            write: Duration::from_secs(30),
            receipt: Duration::from_secs(15),
        }
    }
}

/// Hands these messages over, and waits for the receipt.
///
/// # Errors
/// In the system's words, or in ours: the receiver may have some of them, or all.
pub(super) async fn hand_over(
    receiver: &Receiver,
    messages: &[u8],
    timeouts: Timeouts,
) -> io::Result<()> {
    let address = (receiver.host.as_str(), receiver.port);
    let connecting = TcpStream::connect(address);
    let tcp = within(timeouts.connect, "it takes no connection", connecting).await?;
    let Some(tls) = &receiver.tls else {
        return give(tcp, |tcp| tcp, receiver, messages, timeouts).await;
    };
    let name = ServerName::try_from(receiver.host.clone()).map_err(io::Error::other)?;
    let greeting = TlsConnector::from(tls.clone()).connect(name, tcp);
    let stream = within(timeouts.connect, "it does not speak TLS", greeting).await?;
    give(stream, |stream| stream.get_ref().0, receiver, messages, timeouts).await
}

/// Writes them, and waits for the other side's end.
async fn give<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    tcp: fn(&S) -> &TcpStream,
    receiver: &Receiver,
    messages: &[u8],
    timeouts: Timeouts,
) -> io::Result<()> {
    let writing = async {
        stream.write_all(messages).await?;
        stream.shutdown().await
    };
    within(timeouts.write, "it does not read what is sent", writing).await?;
    let receipt = async {
        to_its_end(&mut stream, &receiver.says_its_end).await?;
        // Its end may have come before ours was there: only when the connection is over on both
        // sides has it had everything.
        while tcp(&stream).peer_addr().is_ok() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        tcp(&stream).take_error()?.map_or(Ok(()), Err)
    };
    let why = "it does not close its side once it has everything, by which it would say so";
    within(timeouts.receipt, why, receipt).await
}

/// Reads on to the other side's end, whatever it says.
async fn to_its_end<S: AsyncRead + Unpin>(
    stream: &mut S,
    says_its_end: &AtomicBool,
) -> io::Result<()> {
    let mut ignored = [0; 512];
    loop {
        match stream.read(&mut ignored).await {
            Ok(0) => {
                says_its_end.store(true, Relaxed);
                return Ok(());
            }
            Ok(_) => {}
            // By TLS, too, some end the connection alone, and say nothing before.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                if !says_its_end.load(Relaxed) {
                    return Ok(());
                }
                return Err(io::Error::new(error.kind(), NOT_ITS_END));
            }
            Err(error) => return Err(error),
        }
    }
}

/// What is done in this time; else why it is not.
pub(super) async fn within<T>(
    time: Duration,
    why: &str,
    doing: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    let done = tokio::time::timeout(time, doing).await;
    done.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, why.to_owned())))
}
