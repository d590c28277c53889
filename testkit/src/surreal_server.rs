//! A SurrealDB server of a test's own.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A SurrealDB server that a test may stop and end.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// For `store.url`.
    pub url: String,
}

impl Server {
    /// In memory; none where the tests do not run on servers (`LATCHKEY_TEST_STORE=ws`).
    pub async fn start() -> Option<Self> {
        Self::start_on("memory").await
    }

    /// On a store of its own: `memory`, or `mem://FOLDER?aol=sync`, which outlives the server.
    pub async fn start_on(store: &str) -> Option<Self> {
        if std::env::var("LATCHKEY_TEST_STORE").as_deref() != Ok("ws") {
            return None;
        }
        Some(Self::start_at(&format!("127.0.0.1:{}", own_port()), store).await)
    }

    /// At this address.
    pub async fn start_at(bind: &str, store: &str) -> Self {
        Self::start_as(bind, store, &["--unauthenticated"]).await
    }

    /// At this address, with who may sign in: `--unauthenticated`, or `--user` and `--pass` of a
    /// root.
    pub async fn start_as(bind: &str, store: &str, who: &[&str]) -> Self {
        let program =
            std::env::var_os("LATCHKEY_TEST_SURREAL").expect("tools/test says where the server is");
        let mut child = Command::new(program)
            .args(["start", "--bind", bind, "--log", "none"])
            .args(who)
            .arg(store)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let began = Instant::now();
        while tokio::net::TcpStream::connect(bind).await.is_err() {
            assert_eq!(child.try_wait().unwrap(), None, "the server has ended");
            assert!(began.elapsed() < Duration::from_mins(1), "the server does not start");
            tokio::task::yield_now().await;
        }
        Self { child, url: format!("ws://{bind}") }
    }

    /// `-STOP`, `-CONT` …
    pub fn signal(&self, signal: &str) {
        assert!(
            Command::new("kill")
                .args([signal, &self.child.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
    }
}

/// A free port, and none of those that the machine gives to clients: a client that tries to reach a
/// server that is away would now and then be given the very port, and be connected to itself.
fn own_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let offset = (std::process::id().wrapping_mul(37).wrapping_add(next)) % 20_000;
        let port = 10_000 + u16::try_from(offset).unwrap_or_default();
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
