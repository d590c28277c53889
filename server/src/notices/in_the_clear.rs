//! A connection that says things in the clear before TLS is spoken on it: what comes is handed on a
//! line at a time, so that nobody on the way puts answers behind the one by which TLS begins, to be
//! read as if they had come within it. Whatever stands there meets TLS, which ends. Tests: here.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::undelivered::Undelivered;

/// How many bytes are read at once.
const PIECE: usize = 4096;

/// Connects, within that time.
pub(super) async fn reach(
    host: &str,
    port: u16,
    within: Duration,
) -> Result<Box<LineByLine>, Undelivered> {
    match timeout(within, TcpStream::connect((host, port))).await {
        Ok(Ok(stream)) => Ok(Box::new(LineByLine::new(stream))),
        Ok(Err(error)) => Err(Undelivered::away(error.to_string())),
        Err(_) => Err(Undelivered::away("it does not answer in time")),
    }
}

/// Reads a line at a time.
#[derive(Debug)]
pub(super) struct LineByLine {
    stream: TcpStream,
    /// What has come and was not handed on.
    kept: Vec<u8>,
}

impl LineByLine {
    pub(super) const fn new(stream: TcpStream) -> Self {
        Self { stream, kept: Vec::new() }
    }
}

impl AsyncTokioStream for LineByLine {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl AsyncRead for LineByLine {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.kept.is_empty() {
            let mut bytes = [0; PIECE];
            let mut piece = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut piece))?;
            self.kept.extend_from_slice(piece.filled());
        }
        let line = self.kept.iter().position(|byte| *byte == b'\n');
        let length = line.map_or(self.kept.len(), |end| end + 1).min(buffer.remaining());
        buffer.put_slice(&self.kept[..length]);
        self.kept.drain(..length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for LineByLine {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use desk::NoticeKind;
    use rustls::ServerConfig;
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::io::{BufReader, split};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;
    use crate::config::{Authorities, Mail, MailSecurity};
    use crate::notices::mail::Mailer;
    use crate::notices::sample::sample;
    use crate::notices::undelivered::{Retry, Undelivered};

    /// The answers to a mail within TLS.
    const ANSWERS: [&str; 5] = ["250 a server", "250 good", "250 good", "354 go on", "250 taken"];

    /// With a certificate for `localhost`.
    fn acceptor() -> TlsAcceptor {
        let pem = include_bytes!("../audit_stream/fixtures/receiver.txt");
        let chain = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
        let key = include_bytes!("../audit_stream/fixtures/receiver_key.txt");
        let key = PrivateKeyDer::from_pem_slice(key).expect("PEM");
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(chain.expect("PEM"), key)
            .expect("a key and its certificate");
        TlsAcceptor::from(Arc::new(config))
    }

    async fn line(from: &mut (impl AsyncBufRead + Unpin)) -> Option<String> {
        let mut line = String::new();
        (from.read_line(&mut line).await.ok()? > 0).then_some(line)
    }

    /// Greets, goes over to TLS, and answers there where `is_there`. What it returns is that nobody
    /// listens any more.
    async fn serve(stream: TcpStream, behind: String, is_there: bool) -> Option<()> {
        let mut clear = BufReader::new(stream);
        clear.write_all(b"220 a server\r\n").await.ok()?;
        line(&mut clear).await?;
        clear.write_all(b"250-a server\r\n250-SIZE 1000000\r\n250 STARTTLS\r\n").await.ok()?;
        line(&mut clear).await?;
        clear.write_all(format!("220 go on\r\n{behind}").as_bytes()).await.ok()?;
        let (from, mut to) = split(acceptor().accept(clear.into_inner()).await.ok()?);
        let mut from = BufReader::new(from);
        for answer in ANSWERS {
            let mut heard = line(&mut from).await?;
            while answer.ends_with("taken") && heard != ".\r\n" {
                heard = line(&mut from).await?;
            }
            if !is_there {
                return std::future::pending().await;
            }
            to.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
        let _ = from.read_to_end(&mut Vec::new()).await;
        None
    }

    /// What comes of a mail to a server of which this stands behind its consent to TLS.
    async fn sent(behind: &str, is_there: bool) -> Result<(), Undelivered> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let behind = behind.to_owned();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, behind.clone(), is_there));
            }
        });
        let settings = Mail {
            host: "localhost".to_owned(),
            port,
            security: MailSecurity::Starttls,
            authorities: Authorities {
                file: Some(PathBuf::from("src/audit_stream/fixtures/authority.txt")),
            },
            login: None,
            from: "Latchkey <latchkey@example.edu>".parse().expect("an address"),
            reply_to: None,
        };
        let url = "https://latchkey.example.edu".parse().expect("an address");
        let mailer = Mailer::of(&settings, &url).expect("good");
        mailer.line().deliver(&sample(NoticeKind::TokenExpires)).await
    }

    #[tokio::test]
    async fn by_starttls_a_mail_goes_as_by_any_other_way() {
        sent("", true).await.expect("taken");
    }

    /// Whoever is on the way would have it noted that the mail was taken, and it never was.
    #[tokio::test]
    async fn what_stands_in_the_clear_behind_the_consent_to_tls_answers_nothing() {
        let all = ANSWERS.map(|answer| format!("{answer}\r\n")).concat();
        for behind in [all.as_str(), "250 a server\r\n", "2"] {
            let refused = sent(behind, false).await.expect_err(behind);
            assert_eq!(refused.retry, Retry::AllLater, "{behind}: {refused:?}");
        }
    }
}
