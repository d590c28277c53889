//! `latchkey directory` where there is no directory, or it is away. With real ones it is tried by
//! `make test-directory`.

use crate::support::Latchkey;

/// Nothing listens there.
const NOWHERE: &str = "[groups]\nprivileged = [\"*\"]\n[ldap]\nurls = \
    [\"ldap://127.0.0.1:9\"]\nstarttls = false\nbase \
    = \"ou=people,dc=example,dc=edu\"\ntimeout_seconds = 1\n";

#[test]
fn without_a_directory_the_commands_say_what_to_set() {
    let latchkey = Latchkey::new();
    let ended = latchkey.run(&["directory", "test", "nora"]);
    assert_eq!(
        (ended.code, ended.err.contains("set ldap.urls and ldap.base")),
        (Some(2), true),
        "{}",
        ended.err
    );
    let ended = latchkey.run(&["directory", "sync"]);
    assert_eq!(
        (ended.code, ended.err.contains("set ldap.urls and ldap.base")),
        (Some(2), true),
        "{}",
        ended.err
    );
}

#[test]
fn a_directory_that_is_away_is_a_step_that_fails() {
    let latchkey = Latchkey::new();
    latchkey.write("latchkey.toml", NOWHERE);
    let ended = latchkey.run(&["directory", "test", "nora"]);
    assert_eq!(ended.code, Some(4));
    assert!(ended.out.starts_with("✗ Server ldap://127.0.0.1:9: "), "{}", ended.out);
    let ended = latchkey.run(&["directory", "sync", "--dry-run"]);
    assert!(
        ended.code == Some(1)
            && ended.err.contains("there is no store at rocksdb://data yet: this is the plan")
            && ended.err.contains("Nobody was disabled"),
        "{}",
        ended.err
    );
    assert!(!latchkey.path("data").exists(), "a plan makes none");
    let ended = latchkey.run(&["directory", "sync"]);
    assert_eq!(
        (ended.code, ended.err.contains("Nobody was disabled")),
        (Some(1), true),
        "{}",
        ended.err
    );
    assert_eq!(latchkey.run(&["directory", "test", "not a NetID"]).code, Some(3));
    assert_eq!(latchkey.run(&["directory", "sync", "--max-disable", "a few"]).code, Some(2));
}

#[test]
fn what_each_server_says_is_told() {
    let latchkey = Latchkey::new();
    latchkey.write(
        "latchkey.toml",
        &NOWHERE.replace("127.0.0.1:9\"", "127.0.0.1:9\", \"ldap://localhost:9\""),
    );
    let err = latchkey.run(&["directory", "sync"]).err;
    assert!(
        err.contains("ldap://127.0.0.1:9: ") && err.contains("; ldap://localhost:9: "),
        "{err}"
    );
}

#[test]
fn secrets_are_masked_and_come_from_the_environment_too() {
    let latchkey = Latchkey::new();
    latchkey.write("latchkey.toml", &format!("{NOWHERE}bind_dn = \"cn=latchkey\"\n"));
    let ended = latchkey
        .command(&["config"])
        .env("LATCHKEY_LDAP_BIND_PASSWORD", "hunter2-hunter2")
        .output()
        .unwrap();
    let out = String::from_utf8(ended.stdout).unwrap();
    assert!(out.contains("bind_password = \"********\"") && !out.contains("hunter2"), "{out}");
}
