//! A proxy between a desk and its SurrealDB server, which breaks the connection at a chosen point
//! of a commit.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Stands in every commit's statements, and in no others.
const COMMIT: &[u8] = b"chain-moved";

/// What happens to the next commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// It passes.
    Pass,
    /// The connection is cut, and the store does not get it.
    Cut,
    /// The store gets it, and the connection is cut at once.
    CutAfter,
    /// The store gets it, and nothing that it answers comes through any more.
    Hold,
}

/// The proxy.
pub(crate) struct Proxy {
    pub(crate) url: String,
    state: Arc<State>,
}

struct State {
    store: String,
    next: Mutex<Next>,
    /// A commit has met what was to happen to it.
    reached: watch::Sender<bool>,
    /// New connections are let through.
    open: AtomicBool,
    holding: AtomicBool,
    /// Counts up at each cut.
    cut: watch::Sender<u32>,
}

impl Proxy {
    /// To the server at this URL.
    pub(crate) async fn to(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let state = Arc::new(State {
            store: url.strip_prefix("ws://").unwrap().to_owned(),
            next: Mutex::new(Next::Pass),
            reached: watch::channel(false).0,
            open: AtomicBool::new(true),
            holding: AtomicBool::new(false),
            cut: watch::channel(0).0,
        });
        let proxy =
            Self { url: format!("ws://{}", listener.local_addr().unwrap()), state: state.clone() };
        tokio::spawn(async move {
            while let Ok((desk, _)) = listener.accept().await {
                if state.open.load(Ordering::SeqCst)
                    && let Ok(store) = TcpStream::connect(&state.store).await
                {
                    let state = state.clone();
                    tokio::spawn(async move { state.pass(desk, store).await });
                }
            }
        });
        proxy
    }

    /// What happens to the next commit.
    pub(crate) fn next(&self, next: Next) {
        self.state.reached.send_replace(false);
        *self.state.next.lock().unwrap() = next;
    }

    /// Waits until it has happened.
    pub(crate) async fn reached(&self) {
        self.state.reached.subscribe().wait_for(|reached| *reached).await.unwrap();
    }

    /// Cuts every connection.
    pub(crate) fn cut(&self) {
        self.state.holding.store(false, Ordering::SeqCst);
        self.state.cut.send_modify(|cuts| *cuts += 1);
    }

    /// Lets new connections through, or refuses them.
    pub(crate) fn open(&self, open: bool) {
        self.state.open.store(open, Ordering::SeqCst);
    }
}

impl State {
    async fn pass(&self, desk: TcpStream, store: TcpStream) {
        let mut cut = self.cut.subscribe();
        let ((from_desk, to_desk), (from_store, to_store)) =
            (desk.into_split(), store.into_split());
        tokio::select! {
            _ = cut.changed() => {}
            () = self.forward(from_desk, to_store) => {}
            () = self.back(from_store, to_desk) => {}
        }
    }

    /// From the desk to the store, frame by frame.
    async fn forward(&self, mut desk: OwnedReadHalf, mut store: OwnedWriteHalf) {
        let (mut bytes, mut piece, mut started) = (Vec::new(), vec![0; 64 * 1024], false);
        while let Ok(read @ 1..) = desk.read(&mut piece).await {
            bytes.extend_from_slice(&piece[..read]);
            if !started {
                // The request that opens the WebSocket.
                let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
                    continue;
                };
                let head: Vec<u8> = bytes.drain(..end + 4).collect();
                started = store.write_all(&head).await.is_ok();
            }
            while let Some(length) = frame(&bytes) {
                let whole: Vec<u8> = bytes.drain(..length).collect();
                let next = if is_commit(&whole) {
                    std::mem::replace(&mut *self.next.lock().unwrap(), Next::Pass)
                } else {
                    Next::Pass
                };
                self.holding.fetch_or(next == Next::Hold, Ordering::SeqCst);
                let sent = next != Next::Cut && store.write_all(&whole).await.is_ok();
                if next != Next::Pass {
                    self.reached.send_replace(true);
                }
                if !sent || next == Next::CutAfter {
                    return;
                }
            }
        }
    }

    /// From the store to the desk.
    async fn back(&self, mut store: OwnedReadHalf, mut desk: OwnedWriteHalf) {
        let mut piece = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = store.read(&mut piece).await {
            if self.holding.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            if desk.write_all(&piece[..read]).await.is_err() {
                return;
            }
        }
    }
}

/// Where the first byte of a frame's mask is, and how long its payload, if that much has come (RFC
/// 6455 §5.2).
fn header(bytes: &[u8]) -> Option<(usize, usize)> {
    let number = |range: std::ops::Range<usize>| {
        Some(bytes.get(range)?.iter().fold(0, |all, byte| all << 8 | usize::from(*byte)))
    };
    match usize::from(*bytes.get(1)? & 0x7f) {
        126 => Some((4, number(2..4)?)),
        127 => Some((10, number(2..10)?)),
        short => Some((2, short)),
    }
}

/// How long the first frame is, if all of it has come.
fn frame(bytes: &[u8]) -> Option<usize> {
    let (mask, length) = header(bytes)?;
    let whole = mask + 4 + length;
    (bytes.len() >= whole).then_some(whole)
}

fn is_commit(frame: &[u8]) -> bool {
    let (mask, _) = header(frame).unwrap();
    let (key, masked) = frame[mask..].split_at(4);
    let payload: Vec<u8> =
        masked.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
    payload.windows(COMMIT.len()).any(|window| window == COMMIT)
}
