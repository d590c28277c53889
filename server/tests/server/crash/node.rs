//! The server as a process that is killed: `serve --demo`, what it says in a file.

use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use testkit::program::{ANY_PORT, Signal, announced, signal};

use crate::support::{Latchkey, Request};

/// No test waits for longer.
pub(super) const MAX_WAIT: Duration = Duration::from_mins(2);

/// What people do here they do faster than people, all of them from one address, and with cheap
/// hashes. Room on the disk is held back by other tests.
const ENVIRONMENT: [(&str, &str); 8] = [
    ("LATCHKEY_HASH_MEMORY_KIB", "64"),
    ("LATCHKEY_HASH_PASSES", "1"),
    ("LATCHKEY_LOG_INS_PER_MINUTE", "0"),
    ("LATCHKEY_TOKENS_PER_MINUTE", "1000000"),
    ("LATCHKEY_TOKENS_PER_USER", "1000000"),
    ("LATCHKEY_SESSIONS_PER_USER", "1000000"),
    ("LATCHKEY_REQUESTS_PER_SESSION_PER_MINUTE", "0"),
    ("LATCHKEY_DISK_RESERVE_MIB", "0"),
];

/// A server; killed when dropped.
#[derive(Debug)]
pub(super) struct Node {
    child: Child,
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// How long it took until it was ready.
    pub(super) took: Duration,
}

/// The command that serves a store.
pub(super) fn serve(latchkey: &Latchkey, name: &str, store: &str) -> Command {
    let mut command = latchkey
        .command(&["serve", "--demo", "--node", name, "--store", store, "--listen", ANY_PORT]);
    command.envs(ENVIRONMENT);
    command
}

impl Node {
    /// Starts one, and waits until it is ready.
    ///
    /// # Errors
    /// It has ended instead: what it said last.
    pub(super) async fn start(
        latchkey: &Latchkey,
        name: &str,
        store: &str,
    ) -> Result<Self, String> {
        Self::start_by(latchkey, serve(latchkey, name, store)).await
    }

    /// The same by this command.
    ///
    /// # Errors
    /// As [`Node::start`].
    pub(super) async fn start_by(
        latchkey: &Latchkey,
        mut command: Command,
    ) -> Result<Self, String> {
        let began = Instant::now();
        let log = OpenOptions::new().create(true).append(true).open(latchkey.path("log")).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(address) = announced(&line) else {
            child.wait().unwrap();
            return Err(last_lines(latchkey));
        };
        let mut node = Self { child, address, took: Duration::ZERO };
        let ready = async || Request::get("/readyz").try_send(address).await;
        while ready().await.is_none_or(|answer| answer.status != 200) {
            if node.child.try_wait().unwrap().is_some() {
                return Err(last_lines(latchkey));
            }
            assert!(began.elapsed() < MAX_WAIT, "never ready: {}", last_lines(latchkey));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        node.took = began.elapsed();
        Ok(node)
    }

    /// SIGKILL: nothing is tidied up.
    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and its end.
    pub(super) fn stop(mut self) {
        signal(self.child.id(), Signal::Term);
        self.child.wait().unwrap();
    }

    /// Whether it has ended by itself.
    pub(super) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the servers of this folder have said.
pub(super) fn log(latchkey: &Latchkey) -> String {
    std::fs::read_to_string(latchkey.path("log")).unwrap_or_default()
}

fn last_lines(latchkey: &Latchkey) -> String {
    let log = log(latchkey);
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}
