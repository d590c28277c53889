//! What `tools/failures` finds in the log of a run of tests.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// Of cargo, of a program of which nothing failed and of one with two failures.
const CARGO: &str = "\
running 1 test
test fine ... ok

test result: ok. 1 passed; 0 failed; 0 ignored

running 3 tests
test one::is_bad ... FAILED
test two ... FAILED

failures:

---- one::is_bad stdout ----
thread 'one::is_bad' panicked at a.rs:1:1:
left: 1

---- two stdout ----
boom


failures:
    one::is_bad
    two

test result: FAILED. 1 passed; 2 failed; 0 ignored
error: test failed, to rerun pass `--lib`
";

/// Of the browser's, as `end2end/support/summary.ts` ends it.
const BROWSER: &str = "\
  ✘  1 tests/a.spec.ts:1:1 › The list › is short (1.0s)
failed: a.spec.ts › The list › is short
Error: expected 1
    received 2
end2end: 4 passed; 1 failed; 0 skipped; in 3.1 s
";

fn failures(what: &str, log: &str) -> String {
    let mut command = Command::new("../tools/failures");
    command.arg(what).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    // All of it is read before anything is said.
    child.stdin.take().expect("piped").write_all(log.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn each_test_that_failed_is_named() {
    assert_eq!(failures("names", CARGO), "one::is_bad\ntwo\n");
    assert_eq!(failures("names", BROWSER), "a.spec.ts › The list › is short\n");
    assert_eq!(failures("names", "error: cannot compile\n"), "");
}

#[test]
fn what_each_of_them_said_is_told_and_nothing_else() {
    let reported = failures("output", CARGO);
    assert_eq!(
        reported,
        "---- one::is_bad stdout ----\nthread 'one::is_bad' panicked at a.rs:1:1:\nleft: 1\n\n\
         ---- two stdout ----\nboom\n\n\n"
    );
    assert_eq!(
        failures("output", BROWSER),
        "failed: a.spec.ts › The list › is short\nError: expected 1\n    received 2\n"
    );
}

#[test]
fn of_a_long_text_the_end_is_told() {
    let lines: Vec<String> = (1..=60).map(|line| format!("line {line}")).collect();
    let last = format!("{}\n", lines[20..].join("\n"));
    assert_eq!(failures("output", &lines.join("\n")), last, "of one that names no test");
    let log = format!(
        "failures:\n\n---- a stdout ----\n{}\nfailures:\n    a\n\ntest result: FAILED.\n",
        lines.join("\n")
    );
    assert_eq!(failures("output", &log), format!("---- a stdout ----\n[…]\n{last}"));
}
