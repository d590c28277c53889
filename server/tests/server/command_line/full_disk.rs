//! A store on a disk that is full: nothing is half done, and tokens go on working.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use desk::Refusal;

use super::serving::{log_in, make_token, status};
use crate::support::{Latchkey, Request};

/// A server whose store is on a disk of 40 MB that it shares with nobody: a mount in a namespace of its own. When it ends it
/// is started once more.
struct Small {
    shell: Child,
    said: BufReader<ChildStdout>,
    disk: PathBuf,
}

/// Whether this machine lets anybody mount something in a namespace of their own (containers may not).
fn can_mount() -> bool {
    let tried = Command::new("unshare").args(["--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).output();
    tried.is_ok_and(|tried| tried.status.success())
}

impl Small {
    fn start(latchkey: &Latchkey) -> Self {
        std::fs::create_dir(latchkey.path("disk")).unwrap();
        let script = "mount -t tmpfs -o size=40m tmpfs disk
            for start in 1 2; do \"$0\" serve --demo --store rocksdb://disk/store --listen 127.0.0.1:0; done";
        let own = latchkey.command(&[]);
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", script, env!("CARGO_BIN_EXE_latchkey")]);
        command.current_dir(latchkey.path(""));
        for (name, value) in own.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let mut shell = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let said = BufReader::new(shell.stdout.take().unwrap());
        let disk = Path::new("/proc").join(shell.id().to_string()).join("root").join(latchkey.path("disk").strip_prefix("/").unwrap());
        Self { shell, said, disk }
    }

    /// Waits for the next start.
    fn address(&mut self) -> SocketAddr {
        loop {
            let mut line = String::new();
            assert!(self.said.read_line(&mut line).unwrap() > 0, "it ended");
            if let Some(address) = line.trim().strip_prefix("Latchkey listens on http://") {
                return address.parse().unwrap();
            }
        }
    }

    fn signal(&self, signal: &str) {
        let shell = self.shell.id();
        let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).unwrap_or_default();
        for child in children.split_whitespace() {
            let _ = Command::new("kill").args([signal, child]).status();
        }
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = self.shell.kill();
        self.signal("-KILL");
        let _ = self.shell.wait();
    }
}

async fn answers(address: SocketAddr, path: &str) -> u16 {
    Request::get(path).send(address).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_nothing_is_half_done_and_tokens_go_on_working() {
    if !can_mount() {
        eprintln!("skipped: no mount in a namespace of one's own here");
        return;
    }
    let latchkey = Latchkey::new();
    let mut small = Small::start(&latchkey);
    let address = small.address();
    let mut session = String::new();
    log_in(address, &mut session).await;
    let (token, id) = make_token(address, &mut session, "before", "1").await;
    assert_eq!((status(address, &token).await, answers(address, "/readyz").await), (200, 200));

    let filler = small.disk.join("filler");
    // Writes as much as there is room for.
    let _ = std::fs::write(&filler, vec![0; 64 << 20]);
    // What the disk's last block has room for still goes through.
    let mut tries = 0;
    let refused = loop {
        let form = format!("try {tries}");
        let fields = [("form", form.as_str()), ("description", "refused"), ("expires", "30"), ("access", "full")];
        let answer = Request::form("/fn/create_token", &fields).header("cookie", &session).send(address).await;
        if answer.status != 200 {
            break answer;
        }
        tries += 1;
    };
    assert_eq!((refused.status, refused.refusal()), (503, Refusal::Unavailable));
    let revoke = Request::form("/fn/revoke_token", &[("id", &id)]).header("cookie", &session).send(address).await;
    assert_eq!(revoke.status, 503, "a revocation that is not kept must not look like one");
    assert_eq!(status(address, &token).await, 200);
    assert_eq!((answers(address, "/healthz").await, answers(address, "/readyz").await), (200, 503), "whoever watches is told");

    std::fs::remove_file(&filler).unwrap();
    small.signal("-TERM");
    let address = small.address();
    assert_eq!((status(address, &token).await, answers(address, "/readyz").await), (200, 200));
    let revoke = Request::form("/fn/revoke_token", &[("id", &id)]).header("cookie", &session).send(address).await;
    assert_eq!(revoke.status, 200, "{}", revoke.text());
    assert_eq!(status(address, &token).await, 401);
}
