//! Where connections come from: one socket or several, each its turn. Tests:
//! `server/tests/server/listening/`.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use tokio::net::{TcpListener, UnixListener};

use super::socket::{NOWHERE, Socket};

/// A socket that is listened on.
#[derive(Debug)]
pub(crate) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Listener {
    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(Socket, SocketAddr)>> {
        match self {
            Self::Tcp(listener) => {
                listener.poll_accept(cx).map_ok(|(stream, peer)| (stream.into(), peer))
            }
            Self::Unix(listener) => {
                listener.poll_accept(cx).map_ok(|(stream, _)| (stream.into(), NOWHERE))
            }
        }
    }
}

/// The next connection at any of them. Each time another is looked at first, so that a flood at one
/// leaves the others their turn.
pub(super) async fn next(
    listeners: &[Listener],
    turn: &mut usize,
) -> io::Result<(Socket, SocketAddr)> {
    *turn = turn.wrapping_add(1);
    let first = *turn % listeners.len().max(1);
    poll_fn(|cx| {
        let (before, from) = listeners.split_at(first);
        for listener in from.iter().chain(before) {
            if let Poll::Ready(accepted) = listener.poll_accept(cx) {
                return Poll::Ready(accepted);
            }
        }
        Poll::Pending
    })
    .await
}
