//! What happens at the terminal of whoever typed a command: a reader that goes, or waits; Ctrl-C;
//! the server's stop in the middle.

use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Stdio};

use testkit::program::{Signal, signal};

use super::{campus, code};
use crate::support::{Latchkey, Request};

const TAIL: [&str; 6] = ["audit", "tail", "-n", "3000", "--json", "--demo"];

/// The command that writes more than a pipe holds, once it has written the first line.
fn tail(latchkey: &Latchkey) -> (Child, BufReader<ChildStdout>) {
    // However these tests were started.
    let mut command = latchkey.command_by(&["env", "--default-signal=INT"], &TAIL);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    assert!(out.read_line(&mut line).unwrap() > 0, "{}", errors(&mut child));
    (child, out)
}

fn errors(child: &mut Child) -> String {
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    text
}

/// Until one more command may run: those whose caller has gone end when they next wait.
fn runs_again(latchkey: &Latchkey) {
    loop {
        let ended = latchkey.run(&["client", "list", "--demo"]);
        if ended.code == Some(0) {
            return;
        }
        assert!(ended.err.contains("As many commands run"), "{}", ended.err);
    }
}

#[test]
fn a_reader_that_has_read_enough_is_no_failure() {
    let latchkey = campus();
    let serving = latchkey.serve();
    for args in [&["audit", "export", "--demo"][..], &TAIL, &["user", "list", "--demo"]] {
        let mut command = latchkey.command(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty());
        assert_eq!((errors(&mut child).as_str(), code(&mut child)), ("", Some(0)), "{args:?}");
    }
    serving.kill();
}

#[test]
fn a_full_disk_at_the_caller_s_is_told_as_without_a_server() {
    let latchkey = campus();
    let export = || {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = latchkey.command(&["audit", "export", "--demo"]);
        let mut child = command.stdout(full).stderr(Stdio::piped()).spawn().unwrap();
        (errors(&mut child), code(&mut child))
    };
    let without = export();
    assert!(without.0.contains("No space left") && without.1 == Some(1), "{without:?}");
    let _serving = latchkey.serve();
    assert_eq!(export(), without);
}

#[test]
fn a_slow_reader_holds_up_the_command_and_nobody_else_and_reads_all_of_it() {
    let latchkey = campus();
    let whole = latchkey.run(&TAIL).out;
    let serving = latchkey.serve();
    let (mut child, mut out) = tail(&latchkey);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let verify = Request::get("/auth/verify").header("authorization", "token latchkey_nonsense");
    assert_eq!(runtime.block_on(verify.send(serving.address)).status, 401);
    assert_eq!(latchkey.run(&["user", "list", "--demo"]).code, Some(0));
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!((errors(&mut child).as_str(), code(&mut child)), ("", Some(0)));
    assert!(whole.ends_with(&rest), "all but the first line");
    assert_eq!(rest.lines().count(), whole.lines().count() - 1);
    serving.kill();
}

#[test]
fn whoever_breaks_off_leaves_nothing_behind_in_the_server() {
    let latchkey = campus();
    let serving = latchkey.serve();
    // More than run at once.
    for _ in 0..20 {
        let (mut child, _out) = tail(&latchkey);
        signal(child.id(), Signal::Int);
        assert_eq!(code(&mut child), None, "by the signal");
        runs_again(&latchkey);
    }
    let (ended, log) = serving.terminate();
    assert!(ended == Some(0) && !log.contains("panicked"), "{log}");
}

#[test]
fn the_server_s_stop_ends_a_command_and_says_so() {
    let latchkey = campus();
    let serving = latchkey.serve();
    let (mut child, mut out) = tail(&latchkey);
    let (ended, log) = serving.terminate();
    assert_eq!(ended, Some(0), "{log}");
    assert!(log.contains("a command begins") && log.contains("audit tail"), "{log}");
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    let err = errors(&mut child);
    assert_eq!(code(&mut child), Some(1), "{err}");
    assert!(err.contains("The server stopped before the command had ended"), "{err}");
    // And the store is free.
    assert_eq!(latchkey.run(&["audit", "verify", "--demo"]).code, Some(0));
}

#[test]
fn a_server_that_is_killed_ends_it_too() {
    let latchkey = campus();
    let serving = latchkey.serve();
    let (mut child, mut out) = tail(&latchkey);
    serving.kill();
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    let err = errors(&mut child);
    assert_eq!(code(&mut child), Some(1), "{err}");
    assert!(err.contains("The server has gone before the command had ended"), "{err}");
}
