//! From one start to the kill: what is sent counts, and the kill comes at one of the requests.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Notify;

use crate::support::{Answer, Request};

/// What all clients of a round share.
#[derive(Debug)]
pub(super) struct Round {
    /// Where the server listens.
    pub(super) address: SocketAddr,
    kill_at: usize,
    sent: AtomicUsize,
    kill: Notify,
    is_over: AtomicBool,
    /// Tokens whose revocation was acknowledged.
    revoked: Mutex<Vec<String>>,
}

impl Round {
    /// The kill comes at that request; tokens that were revoked before are known.
    pub(super) fn new(address: SocketAddr, kill_at: usize, revoked: Vec<String>) -> Self {
        Self {
            address,
            kill_at,
            sent: AtomicUsize::new(0),
            kill: Notify::new(),
            is_over: AtomicBool::new(false),
            revoked: Mutex::new(revoked),
        }
    }

    /// Sends; none: the connection was lost, or the server could not say what became of it.
    pub(super) async fn send(&self, request: Request) -> Option<Answer> {
        if self.sent.fetch_add(1, Ordering::Relaxed) + 1 == self.kill_at {
            self.kill.notify_one();
        }
        request.try_send(self.address).await.filter(|answer| answer.status < 500)
    }

    /// Waits until the kill is due.
    pub(super) async fn is_due(&self) {
        self.kill.notified().await;
    }

    /// Nobody asks for anything more.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// A token's revocation was acknowledged.
    pub(super) fn revoked(&self, secret: &str) {
        self.revoked.lock().unwrap().push(secret.to_owned());
    }

    /// Asks about revoked tokens, one after the other, until the server is gone.
    ///
    /// # Panics
    /// One of them works.
    pub(super) async fn watch_revoked(&self) {
        let mut at = 0;
        while !self.is_over() {
            let queried = {
                let revoked = self.revoked.lock().unwrap();
                // The newest every other time.
                let newest = revoked.len().saturating_sub(1);
                at += 1;
                let which = if at % 2 == 0 { newest } else { at % revoked.len().max(1) };
                revoked.get(which).cloned()
            };
            // Before there is one it waits for an answer all the same.
            let secret = queried.unwrap_or_else(|| "latchkey_nonsense".to_owned());
            let Some(status) = status(self.address, &secret).await else { return };
            assert!(status != 200, "a token works whose revocation was acknowledged");
        }
    }
}

/// What verify answers; none: the server is gone.
pub(super) async fn status(address: SocketAddr, secret: &str) -> Option<u16> {
    let request = Request::get("/auth/verify").header("authorization", &format!("token {secret}"));
    request.try_send(address).await.map(|answer| answer.status)
}
