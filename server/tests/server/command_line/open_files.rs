//! A process that may open few files: more connections than that, and verify goes on.

use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use testkit::program::ANY_PORT;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::serving::{log_in, make_token, status};
use crate::support::Latchkey;

async fn half_open(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let _ = stream.write_all(b"GET /auth/verify HTTP/1.1\r\nhost: x\r\nauthorization: tok").await;
    stream
}

/// `serve` where at most so many files may be open, of which it is to have all.
fn few_files(latchkey: &Latchkey) -> Command {
    let serve = ["serve", "--demo", "--listen", ANY_PORT];
    let mut command = latchkey.command_by(&["prlimit", "--nofile=256:1024"], &serve);
    // A child of the test's, so that it ends with it.
    command.process_group(0);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn with_1100_half_open_connections_and_1024_files_verify_goes_on() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        eprintln!("skipped: no prlimit here");
        return;
    }
    rlimit::increase_nofile_limit(4096).unwrap();
    let latchkey = Latchkey::new();
    let serving = latchkey.serve_by(few_files(&latchkey));
    let address = serving.address;
    let mut session = String::new();
    log_in(address, &mut session).await;
    let (token, _) = make_token(address, &mut session, "goes on", "1").await;
    let mut half = Vec::new();
    for n in 0..1100 {
        half.push(half_open(address).await);
        if n % 20 == 0 {
            assert_eq!(status(address, &token).await, 200, "with {n}");
        }
    }
    assert_eq!(status(address, &token).await, 200);
    // The first of them was closed to make room, before its time.
    let mut none = [0];
    assert!(matches!(half[0].read(&mut none).await, Ok(0) | Err(_)));
    drop(half);
    let (code, log) = serving.terminate();
    assert_eq!(code, Some(0), "{log}");
    assert!(
        log.contains("fewer connections than wanted") && !log.contains("Too many open files"),
        "{log}"
    );
    assert!(
        log.contains("Is it a proxy? Name it in proxy.trusted") && log.contains("127.0.0.1/32"),
        "{log}"
    );
}
