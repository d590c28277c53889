//! `latchkey seed`: a campus in a store of its own.

use crate::support::{Ended, Latchkey};

#[test]
fn a_campus_is_made_once_and_opened_as_a_demo() {
    let latchkey = Latchkey::new();
    let args = ["seed", "--people", "30", "--seed", "3", "--print-tokens", "5"];
    let Ended { code, out, err } = latchkey.run(&args);
    assert_eq!(code, Some(0), "{err}");
    assert!(err.contains("30 people") && err.contains("30 rows of the audit"), "{err}");
    let tokens: Vec<&str> = out.lines().collect();
    assert_eq!(tokens.len(), 5, "{out}");
    let verified = latchkey.run_with(&["token", "verify", "--token-stdin", "--demo"], tokens[0]);
    assert_eq!(verified.code, Some(0), "{}", verified.err);
    let audit = latchkey.run(&["audit", "verify", "--demo"]);
    assert_eq!(audit.code, Some(0), "{}{}", audit.out, audit.err);
    assert_eq!(latchkey.run(&["check", "--demo"]).code, Some(0));
    let again = latchkey.run(&args);
    assert_eq!(again.code, Some(1));
    assert!(again.err.contains("there are people in this store"), "{}", again.err);
    let real = latchkey.run(&["user", "list"]);
    assert!(real.code == Some(1) && real.err.contains("is a demo's"), "{}", real.err);
    assert!(latchkey.run(&["user", "list", "--demo"]).out.contains("ada"));
}

#[test]
fn no_real_store_becomes_a_campus() {
    let latchkey = Latchkey::new();
    let people = "netid,name,privileged\nnora,Nora,yes\n";
    assert_eq!(latchkey.run_with(&["user", "import", "-"], people).code, Some(0));
    let refused = latchkey.run(&["seed", "--people", "3"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("is there already"), "{}", refused.err);
    assert!(latchkey.run(&["user", "list"]).out.contains("nora"));
    let none = latchkey.run(&["seed", "--people", "0", "--store", "rocksdb://other"]);
    assert_eq!(none.code, Some(2), "{}", none.err);
    assert!(!latchkey.run(&["--help"]).out.contains("seed"));
}
