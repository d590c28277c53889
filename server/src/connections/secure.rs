//! The beginning of a connection by https. It is to be over in the time that a head has, and while
//! it goes on the connection waits for nothing of ours. Tests: `server/tests/server/tls/`.

use std::pin::pin;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::place::Place;
use super::serve::{HEAD_AT_STOP, stop_wanted};
use super::stream::Noting;

/// What every record of a handshake begins with (RFC 8446 §5.1).
const HANDSHAKE: u8 = 22;

/// The most that is kept encrypted and is not taken.
const MAX_KEPT: usize = 32 * 1024;

/// To whoever speaks http where https is spoken. Its body is 60 bytes long.
const BY_HTTP: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\
    content-type: text/plain; charset=utf-8\r\n\
    content-length: 60\r\n\
    cache-control: no-store\r\n\
    connection: close\r\n\r\n\
    This port speaks https alone: open the address by https://.\n";

/// A connection by https, and what is spoken on it.
#[derive(Debug)]
pub(super) enum Secure {
    Http1(TlsStream<Noting>),
    Http2(TlsStream<Noting>),
}

/// Waits until both sides agree; none: they do not, or it took too long. When the server stops it
/// goes on for a moment: the client was taken in, and nobody else can answer it.
pub(super) async fn shake_hands(
    io: Noting,
    tls: &TlsAcceptor,
    place: &Place,
    stopped: &mut watch::Receiver<bool>,
) -> Option<Secure> {
    let mut agreeing = pin!(agree(io, tls));
    tokio::select! {
        agreed = agreeing.as_mut() => return agreed,
        // It has not said anything yet that is worth an answer.
        () = place.closing.notified() => return None,
        () = stop_wanted(stopped) => {}
    }
    tokio::time::timeout(HEAD_AT_STOP, agreeing).await.ok().flatten()
}

async fn agree(mut io: Noting, tls: &TlsAcceptor) -> Option<Secure> {
    let first = io.socket().first_byte().await?;
    if first != HANDSHAKE {
        if first.is_ascii_uppercase() {
            // What is not read would have the answer lost on its way.
            let _ = io.read(&mut [0; 4096]).await;
            let _ = io.write_all(BY_HTTP).await;
            let _ = io.shutdown().await;
        }
        return None;
    }
    let shaking = tls.accept_with(io, |session| session.set_buffer_limit(Some(MAX_KEPT)));
    // What goes wrong is between the two of them: it is a scanner, or knows no good cipher.
    let stream = shaking.await.ok()?;
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(crate::tls::HTTP_2);
    Some(if is_http2 { Secure::Http2(stream) } else { Secure::Http1(stream) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_to_whoever_speaks_http_is_as_long_as_it_says() {
        let text = std::str::from_utf8(BY_HTTP).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
    }
}
