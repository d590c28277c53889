//! A connection's bytes, as they come and go: each time any do, it is noted. A large head is kept
//! until it is whole, and so few are at a time. Tests: here, and with [`super::house`].

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::place::{Doing, Place};
use super::socket::Socket;

/// More than a head has, but for many cookies and what proxies add.
const LARGE_HEAD: usize = 16 * 1024;

/// The most that is read at once: hyper makes room for twice as much each time that its own is
/// filled, and keeps it for as long as the connection is there.
const AT_ONCE: usize = 8 * 1024;

/// A connection that notes what moves on it.
#[derive(Debug)]
pub(super) struct Noting {
    stream: Socket,
    place: Arc<Place>,
    large_heads: Arc<Semaphore>,
    /// How much has come of the head that is to come whole.
    head: usize,
    /// Its place among the large heads, until its own is whole; none: it is not large.
    large: Option<OwnedSemaphorePermit>,
}

impl Noting {
    pub(super) fn new(
        stream: impl Into<Socket>,
        place: Arc<Place>,
        large_heads: Arc<Semaphore>,
    ) -> Self {
        Self { stream: stream.into(), place, large_heads, head: 0, large: None }
    }

    /// The connection as the system has it.
    pub(super) const fn socket(&self) -> &Socket {
        &self.stream
    }

    /// So much has come. A head that is large, where too many are, ends its connection.
    fn came(&mut self, bytes: usize) -> io::Result<()> {
        self.place.moved(true);
        if self.place.doing().0 != Doing::Head {
            self.head_is_whole();
            return Ok(());
        }
        self.head += bytes;
        if self.head > LARGE_HEAD && self.large.is_none() {
            let turn = self.large_heads.clone().try_acquire_owned();
            self.large = Some(turn.map_err(io::Error::other)?);
        }
        Ok(())
    }

    fn head_is_whole(&mut self) {
        self.head = 0;
        self.large = None;
    }

    fn went(&mut self, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match polled {
            Poll::Ready(Ok(written)) if written > 0 => {
                self.head_is_whole();
                self.place.moved(false);
            }
            Poll::Pending => self.place.stalls(),
            Poll::Ready(_) => {}
        }
        polled
    }
}

impl AsyncRead for Noting {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = if buf.remaining() > AT_ONCE {
            let mut some = [const { MaybeUninit::uninit() }; AT_ONCE];
            let mut some = ReadBuf::uninit(&mut some);
            let polled = Pin::new(&mut self.stream).poll_read(cx, &mut some);
            buf.put_slice(some.filled());
            polled
        } else {
            Pin::new(&mut self.stream).poll_read(cx, buf)
        };
        let bytes = buf.filled().len() - before;
        if bytes > 0
            && let Err(error) = self.came(bytes)
        {
            return Poll::Ready(Err(error));
        }
        polled
    }
}

impl AsyncWrite for Noting {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.went(polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.went(polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
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
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    /// A connection, and whoever has it at the other end.
    async fn connected(large_heads: &Arc<Semaphore>) -> (Noting, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let client = TcpStream::connect(listener.local_addr().expect("one")).await;
        let (stream, peer) = listener.accept().await.expect("one");
        let place = Arc::new(Place::new(peer.ip(), false, false));
        (Noting::new(stream, place, large_heads.clone()), client.expect("a connection"))
    }

    /// Has so much come on it.
    async fn comes((noting, client): &mut (Noting, TcpStream), bytes: usize) -> io::Result<()> {
        client.write_all(&vec![b'x'; bytes]).await.expect("sent");
        noting.read_exact(&mut vec![0; bytes]).await.map(drop)
    }

    #[tokio::test]
    async fn no_more_is_read_at_once_than_is_kept_of_each() {
        let (mut noting, mut client) = connected(&Arc::new(Semaphore::new(1))).await;
        let sent: Vec<u8> =
            (0..10 * AT_ONCE).map(|n| u8::try_from(n % 251).expect("small")).collect();
        client.write_all(&sent).await.expect("sent");
        noting.place.set(Doing::Busy);
        let (mut come, mut buffer) = (Vec::new(), vec![0; 4 * AT_ONCE]);
        while come.len() < sent.len() {
            let bytes = noting.read(&mut buffer).await.expect("more of it");
            assert!((1..=AT_ONCE).contains(&bytes), "{bytes}");
            come.extend_from_slice(&buffer[..bytes]);
        }
        assert!(come == sent, "all of it, in its order");
    }

    #[tokio::test]
    async fn of_heads_that_do_not_come_whole_few_are_large() {
        let large_heads = Arc::new(Semaphore::new(1));
        let mut one = connected(&large_heads).await;
        let mut other = connected(&large_heads).await;
        comes(&mut one, LARGE_HEAD + 1).await.expect("the only one that is large");
        comes(&mut other, LARGE_HEAD).await.expect("one that is not");
        comes(&mut other, 1).await.expect_err("one more that is");
        // The first is there whole, and its body may be as large as it is.
        one.0.place.set(Doing::Busy);
        comes(&mut one, 10 * LARGE_HEAD).await.expect("its body");
        let mut third = connected(&large_heads).await;
        comes(&mut third, LARGE_HEAD + 1).await.expect("there is room for another");
    }
}
