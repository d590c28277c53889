//! The audit's stream of the real program: it begins when it is configured, a restart goes on, and
//! what `audit verify` compares is what is in the file. A target that is away is said once.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use crate::support::{Latchkey, Request};

/// A file, once so many have logged in by it.
async fn text_of(path: &Path, log_ins: usize) -> String {
    let reading = async {
        loop {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            if text.ends_with('\n') && text.matches("\"log-in\"").count() >= log_ins {
                return text;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), reading).await.unwrap()
}

fn log_in() -> Request {
    let fields = [("netid", "tia"), ("password", "tia-netid-password"), ("next", "")];
    Request::form("/fn/log_in", &fields)
}

#[test]
fn a_file_has_each_row_in_its_order_and_a_restart_goes_on() {
    let (latchkey, runtime) = (Latchkey::new(), tokio::runtime::Runtime::new().unwrap());
    let path = latchkey.path("audit.jsonl");
    for log_ins in 1..=2 {
        let mut command = latchkey.command(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
        command.env("LATCHKEY_AUDIT_STREAM_URL", format!("file://{}", path.display()));
        command.env("LATCHKEY_AUDIT_STREAM_FROM", "start");
        let serving = latchkey.serve_by(command);
        assert_eq!(runtime.block_on(log_in().send(serving.address)).status, 200);
        let text = runtime.block_on(text_of(&path, log_ins));
        let row = |line| serde_json::from_str::<serde_json::Value>(line).unwrap();
        let mut seen = HashSet::new();
        let mut numbers: Vec<i64> =
            text.lines().map(row).map(|row| row["seq"].as_i64().unwrap()).collect();
        // Where it was stopped before it had noted that they are there, some come twice.
        numbers.retain(|number| seen.insert(*number));
        assert_eq!(numbers, (1..).take(numbers.len()).collect::<Vec<_>>());
        assert_eq!(serving.terminate().0, Some(0));
    }
    let against = path.display().to_string();
    let verified = latchkey.run(&["audit", "verify", "--demo", "--against", &against]);
    assert_eq!(verified.code, Some(0), "{}{}", verified.out, verified.err);
}

#[test]
fn what_is_written_just_before_a_stop_is_in_the_file() {
    let (latchkey, runtime) = (Latchkey::new(), tokio::runtime::Runtime::new().unwrap());
    let path = latchkey.path("audit.jsonl");
    let mut command = latchkey.command(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
    command.env("LATCHKEY_AUDIT_STREAM_URL", format!("file://{}", path.display()));
    command.env("LATCHKEY_AUDIT_STREAM_FROM", "start");
    let serving = latchkey.serve_by(command);
    for _ in 0..3 {
        assert_eq!(runtime.block_on(log_in().send(serving.address)).status, 200);
    }
    let (code, log) = serving.terminate();
    assert_eq!(code, Some(0), "{log}");
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches("\"log-in\"").count(), 3, "{text}{log}");
}

#[test]
fn a_target_that_is_away_is_said_once_and_delays_nothing() {
    let (latchkey, runtime) = (Latchkey::new(), tokio::runtime::Runtime::new().unwrap());
    let away = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = latchkey.command(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
    command.env("LATCHKEY_AUDIT_STREAM_URL", format!("syslog://{away}"));
    command.env("LATCHKEY_AUDIT_STREAM_FROM", "start");
    let serving = latchkey.serve_by(command);
    for _ in 0..20 {
        assert_eq!(runtime.block_on(log_in().send(serving.address)).status, 200);
    }
    let (code, log) = serving.terminate();
    assert_eq!(code, Some(0), "{log}");
    let lines: Vec<&str> =
        log.lines().filter(|line| line.contains("stream does not reach its target")).collect();
    let [line] = lines.as_slice() else { panic!("once: {log}") };
    assert!(line.contains(" rows=") && line.contains(&format!("to=syslog://{away}")), "{line}");
}

#[test]
fn what_others_could_read_on_the_way_is_said_before_a_start() {
    let latchkey = Latchkey::new();
    let check = |url: &str| {
        let mut command = latchkey.command(&["check", "--demo"]);
        command.env("LATCHKEY_AUDIT_STREAM_URL", url);
        let ended = command.output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
        String::from_utf8(ended.stdout).unwrap()
    };
    assert!(check("syslog://log.example.edu").contains("Careful: audit_stream.url is syslog://"));
    assert!(!check("unix:///dev/log").contains("audit_stream"));
}
