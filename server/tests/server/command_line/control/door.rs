//! The socket itself: who opens it, and what comes of those who say nothing, or nonsense.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;

use super::{serve, socket};
use crate::support::{Latchkey, Request};

/// How many call at once and say nothing.
const SILENT: usize = 1000;

fn verify(address: std::net::SocketAddr) -> u16 {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let request = Request::get("/auth/verify").header("authorization", "token latchkey_nonsense");
    runtime.block_on(request.send(address)).status
}

#[test]
fn it_is_its_owner_s_alone_and_goes_with_the_server() {
    let latchkey = Latchkey::new();
    let path = socket(&latchkey);
    let serving = serve(&latchkey);
    let mode = || std::fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    assert_eq!(serving.terminate().0, Some(0));
    assert!(!path.exists());
    // What a killed one leaves is in nobody's way.
    serve(&latchkey).kill();
    assert!(path.exists());
    assert_eq!(latchkey.run(&["user", "list", "--json"]).out, "[]\n");
    let serving = serve(&latchkey);
    assert_eq!((mode(), latchkey.run(&["client", "list"]).code), (0o600, Some(0)));
    serving.kill();
}

#[test]
fn check_says_whether_a_server_runs_and_answers() {
    let latchkey = Latchkey::new();
    let serving = serve(&latchkey);
    let check = latchkey.run(&["check"]).out;
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!("Server: Latchkey {version} runs on it and takes commands.");
    assert!(check.contains(&expected), "{check}");
    assert_eq!(serving.terminate().0, Some(0));
    let check = latchkey.run(&["check"]).out;
    assert!(check.contains("Server: none runs on it."), "{check}");
}

#[test]
fn nonsense_is_closed_and_nothing_else_suffers() {
    let latchkey = Latchkey::new();
    let serving = serve(&latchkey);
    let hello = |text: &str| {
        let length = u32::try_from(text.len()).unwrap();
        [&length.to_be_bytes()[..], text.as_bytes()].concat()
    };
    let refused = hello(r#"{"latchkey":"0.0.1","protocol":99}"#);
    let frames: [&[u8]; 4] = [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xFF; 64], &hello("{}"), &refused];
    let mut answers = Vec::new();
    for frame in frames {
        let mut stream = UnixStream::connect(socket(&latchkey)).unwrap();
        stream.write_all(frame).unwrap();
        let mut answer = Vec::new();
        // Closed with something unread it ends in an error.
        let _ = stream.read_to_end(&mut answer);
        answers.push(String::from_utf8_lossy(&answer).into_owned());
    }
    assert_eq!(answers[..3], ["", "", ""]);
    for part in [env!("CARGO_PKG_VERSION"), "0.0.1", "restart the server"] {
        assert!(answers[3].contains(part), "{part}: {}", answers[3]);
    }
    assert_eq!(latchkey.run(&["user", "list", "--json"]).out, "[]\n");
    let (code, log) = serving.terminate();
    assert!(code == Some(0) && !log.contains("panicked"), "{log}");
}

#[test]
fn a_thousand_who_say_nothing_hold_up_no_request() {
    let _ = rlimit::increase_nofile_limit(4096);
    let latchkey = Latchkey::new();
    let serving = serve(&latchkey);
    let connect = |_| UnixStream::connect(socket(&latchkey)).ok();
    let silent: Vec<UnixStream> = (0..SILENT).filter_map(connect).collect();
    assert_eq!(silent.len(), SILENT);
    for _ in 0..20 {
        assert_eq!(verify(serving.address), 401);
    }
    let crowded = latchkey.run(&["client", "list"]);
    assert!(
        crowded.code == Some(0) || crowded.err.contains("Try again in a moment"),
        "{}",
        crowded.err
    );
    drop(silent);
    while latchkey.run(&["client", "list"]).code != Some(0) {}
    let (code, log) = serving.terminate();
    assert!(code == Some(0) && !log.contains("panicked"), "{log}");
}
