//! The command `latchkey-testkit`: what it prints, and that the desk ends with whoever started it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// With a variable that would stop every command of Latchkey's: somebody's own.
fn kit(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey-testkit"));
    command.args(args).env("LATCHKEY_OF_SOMEBODY", "1").env_remove("LATCHKEY_BIN");
    command
}

/// A desk of the kit's; killed when dropped.
struct Started {
    kit: Child,
    facts: Value,
}

fn start(args: &[&str]) -> Started {
    let mut command = kit(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut kit = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(kit.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let facts = serde_json::from_str(&line).unwrap_or_else(|_| {
        let mut error = String::new();
        kit.stderr.take().unwrap().read_to_string(&mut error).unwrap();
        panic!("{line}{error}")
    });
    Started { kit, facts }
}

impl Started {
    fn text(&self, name: &str) -> &str {
        self.facts[name].as_str().unwrap()
    }

    fn listens(&self) -> bool {
        TcpStream::connect(self.text("url").strip_prefix("http://").unwrap()).is_ok()
    }

    fn is_running(&self) -> bool {
        Path::new("/proc").join(self.facts["pid"].to_string()).exists()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        drop(self.kit.stdin.take());
        let _ = self.kit.wait();
    }
}

fn signal(process: u32, signal: &str) {
    let process = process.to_string();
    assert!(Command::new("kill").args([signal, &process]).status().unwrap().success());
}

#[test]
fn a_desk_ends_with_standard_input_and_leaves_nothing() {
    let mut started = start(&["--demo"]);
    assert!(started.listens());
    let store = started.text("store").strip_prefix("rocksdb://").unwrap().to_owned();
    assert!(Path::new(&store).is_dir() && Path::new(started.text("log")).is_file());
    drop(started.kit.stdin.take());
    assert!(started.kit.wait().unwrap().success());
    assert!(!started.is_running() && !started.listens());
    assert!(!Path::new(&store).parent().unwrap().exists());
}

#[test]
fn a_desk_ends_by_a_signal_and_its_folder_is_kept_where_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let mut started = start(&["--demo", "--folder", folder.path().to_str().unwrap()]);
    signal(started.kit.id(), "-TERM");
    assert!(started.kit.wait().unwrap().success());
    assert!(!started.is_running());
    assert!(folder.path().join("data").is_dir() && folder.path().join("latchkey.log").is_file());
}

#[test]
fn it_ends_when_the_desk_is_killed() {
    let mut started = start(&["--demo"]);
    signal(u32::try_from(started.facts["pid"].as_u64().unwrap()).unwrap(), "-KILL");
    // Waiting would close it, which is an order to end.
    let _stdin = started.kit.stdin.take();
    assert_eq!(started.kit.wait().unwrap().code(), Some(1));
}

fn beside(args: &[&str], script: &str) -> Output {
    kit(&[args, &["--", "sh", "-c", script]].concat()).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn a_command_runs_beside_a_desk_and_says_how_it_ends() {
    let script = "echo \"$LATCHKEY_URL\"; test -f \"$DEMO_LOG\" && exit 7";
    let ended = beside(&["--demo"], script);
    assert_eq!(ended.status.code(), Some(7), "{}", String::from_utf8_lossy(&ended.stderr));
    assert!(ended.stdout.starts_with(b"http://127.0.0.1:"));
    let ended = beside(&["--demo", "--client", "rt"], "echo \"$CLIENT_SECRET\"");
    assert!(ended.status.success() && ended.stdout.starts_with(b"latchkey_client_"));
}

#[test]
fn what_keeps_the_desk_from_starting_is_said() {
    let ended = beside(&["--demo", "--env=LATCHKEY_NO_SUCH_KEY=1"], "exit 0");
    let error = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(error.contains("NO_SUCH_KEY"), "{error}");
}
