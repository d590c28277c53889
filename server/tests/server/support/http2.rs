//! A client of HTTP/2, and frames written by hand for whoever is none.

use axum::body::Bytes;
use h2::RecvStream;
use h2::client::{Builder, ResponseFuture, SendRequest};
use http::Request;
use http::response::Parts;

use super::secure::Secure;

/// A client on a connection of its own.
#[derive(Clone, Debug)]
pub(crate) struct Http2(SendRequest<Bytes>);

impl Http2 {
    pub(crate) async fn on(stream: Secure) -> Self {
        Self::with_window(stream, 65_535).await
    }

    /// One that takes so much of an answer before it is asked.
    pub(crate) async fn with_window(stream: Secure, window: u32) -> Self {
        let connected = Builder::new().initial_window_size(window).handshake(stream).await;
        let (client, connection) = connected.unwrap();
        tokio::spawn(connection);
        Self(client)
    }

    /// Asks; of a body only as much goes out as is there.
    pub(crate) async fn begin(
        &self,
        request: Request<()>,
        body: &'static [u8],
        is_whole: bool,
    ) -> Result<ResponseFuture, h2::Error> {
        let mut client = self.0.clone().ready().await?;
        let is_empty = body.is_empty() && is_whole;
        let (answer, mut sending) = client.send_request(request, is_empty)?;
        if !is_empty {
            sending.send_data(Bytes::from_static(body), is_whole)?;
        }
        if !is_whole {
            // Given up, it would be the client that ends it.
            std::mem::forget(sending);
        }
        Ok(answer)
    }

    /// Asks, and reads the whole answer.
    pub(crate) async fn ask(
        &self,
        request: Request<()>,
        body: &'static [u8],
    ) -> Result<(Parts, Vec<u8>), h2::Error> {
        let (parts, mut coming) = self.begin(request, body, true).await?.await?.into_parts();
        let mut whole = Vec::new();
        while let Some(data) = next(&mut coming).await? {
            whole.extend_from_slice(&data);
        }
        Ok((parts, whole))
    }

    /// The status of what is asked by GET.
    pub(crate) async fn status(&self, path: &str) -> Result<u16, h2::Error> {
        Ok(self.ask(get(path).body(()).unwrap(), b"").await?.0.status.as_u16())
    }
}

/// What comes next of an answer; none at its end.
pub(crate) async fn next(coming: &mut RecvStream) -> Result<Option<Bytes>, h2::Error> {
    let Some(data) = coming.data().await.transpose()? else { return Ok(None) };
    coming.flow_control().release_capacity(data.len())?;
    Ok(Some(data))
}

pub(crate) fn get(path: &str) -> http::request::Builder {
    Request::get(format!("https://localhost{path}"))
}

/// What a client begins with: its preface, and settings that change nothing.
pub(crate) fn preface() -> Vec<u8> {
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(4, 0, 0, b""));
    bytes
}

/// A frame (RFC 9113 §4.1).
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// The head of `GET PATH` at `localhost`, in a form without tables (RFC 7541 §6.2.2).
pub(crate) fn head(path: &str) -> Vec<u8> {
    // `:method: GET` and `:scheme: https` have numbers of their own.
    let mut bytes = vec![0x82, 0x87];
    for (number, value) in [(1, "localhost"), (4, path)] {
        bytes.push(number);
        bytes.push(u8::try_from(value.len()).unwrap());
        bytes.extend(value.bytes());
    }
    bytes
}
