//! The audit's stream of the real program: it begins when it is configured, a restart goes on, and
//! what `audit verify` compares is what is in the file. A target that is away is said once.

use std::path::Path;

use crate::support::{Latchkey, Request};

/// The numbers of the rows in a file, once there are so many.
async fn numbers(path: &Path, least: usize) -> Vec<i64> {
    let reading = async {
        loop {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            let row = |line| serde_json::from_str::<serde_json::Value>(line).ok();
            let rows = text.lines().filter_map(row).filter_map(|row| row["seq"].as_i64());
            let rows: Vec<i64> = rows.collect();
            if rows.len() >= least {
                return rows;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_mins(1), reading).await.unwrap()
}

fn log_in() -> Request {
    let fields = [("netid", "tia"), ("password", "tia-netid-password"), ("next", "")];
    Request::form("/fn/log_in", &fields)
}

#[test]
fn a_file_has_each_row_once_it_is_configured_and_a_restart_goes_on() {
    let (latchkey, runtime) = (Latchkey::new(), tokio::runtime::Runtime::new().unwrap());
    let path = latchkey.path("audit.jsonl");
    let serve = || {
        let mut command = latchkey.command(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
        command.env("LATCHKEY_AUDIT_STREAM_URL", format!("file://{}", path.display()));
        command.env("LATCHKEY_AUDIT_STREAM_FROM", "start");
        latchkey.serve_by(command)
    };
    let mut least = 1;
    for _ in 0..2 {
        let serving = serve();
        assert_eq!(runtime.block_on(log_in().send(serving.address)).status, 200);
        let streamed = runtime.block_on(async {
            loop {
                let rows = numbers(&path, least).await;
                let text = std::fs::read_to_string(&path).unwrap();
                if text.matches("\"log-in\"").count() >= least {
                    return rows;
                }
            }
        });
        assert_eq!(streamed, (1..).take(streamed.len()).collect::<Vec<_>>());
        least += 1;
        assert_eq!(serving.terminate().0, Some(0));
    }
    let against = path.display().to_string();
    let verified = latchkey.run(&["audit", "verify", "--demo", "--against", &against]);
    assert_eq!(verified.code, Some(0), "{}{}", verified.out, verified.err);
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
    assert!(log.matches("stream does not reach its target").count() <= 1, "{log}");
}

#[test]
fn what_others_could_read_on_the_way_is_said_before_a_start() {
    let latchkey = Latchkey::new();
    let check = |url: &str| {
        let mut command = latchkey.command(&["check", "--demo"]);
        command.env("LATCHKEY_AUDIT_STREAM_URL", url);
        let ended = command.output().unwrap();
        String::from_utf8(ended.stdout).unwrap()
    };
    assert!(check("syslog://log.example.edu").contains("Careful: audit_stream.url is syslog://"));
    assert!(!check("syslog+tls://log.example.edu").contains("audit_stream"));
}
