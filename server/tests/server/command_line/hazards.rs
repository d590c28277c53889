//! What is dangerous and may be meant: listed by `check`, said at the start of `serve`. What nobody
//! can mean is refused.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use crate::support::Latchkey;

fn chmod(latchkey: &Latchkey, name: &str, mode: u32) {
    fs::set_permissions(latchkey.path(name), Permissions::from_mode(mode)).unwrap();
}

fn mode(latchkey: &Latchkey, name: &str) -> u32 {
    fs::metadata(latchkey.path(name)).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_store_is_its_owners_alone() {
    let latchkey = Latchkey::new();
    assert_eq!(
        latchkey.run_with(&["user", "import", "-"], "netid,name\nnora,Nora\n").code,
        Some(0)
    );
    assert_eq!(mode(&latchkey, "data"), 0o700);
    for file in fs::read_dir(latchkey.path("data")).unwrap() {
        let file = file.unwrap();
        assert_eq!(
            file.metadata().unwrap().permissions().mode() & 0o077,
            0,
            "{}",
            file.path().display()
        );
    }
    assert!(!latchkey.run(&["check"]).out.contains("Careful"));
    chmod(&latchkey, "data", 0o755);
    let check = latchkey.run(&["check"]);
    assert!(
        check.out.contains("Careful: data, the store, can be entered by anybody"),
        "{}",
        check.out
    );
    // With what SurrealDB is told in the address, too.
    let mut command = latchkey.command(&["check"]);
    let check = command.env("LATCHKEY_STORE", "rocksdb://data?versioned=false").output().unwrap();
    let out = String::from_utf8(check.stdout).unwrap();
    assert!(out.contains("Careful: data, the store, can be entered by anybody"), "{out}");
}

#[test]
fn a_file_with_a_secret_is_its_owners_alone() {
    let latchkey = Latchkey::new();
    latchkey.write("latchkey.toml", "[scim]\ntoken = \"0123456789abcdef0123456789abcdef\"\n");
    for (mode, expected) in [(0o600, false), (0o640, false), (0o644, true), (0o602, true)] {
        chmod(&latchkey, "latchkey.toml", mode);
        let check = latchkey.run(&["check"]);
        assert_eq!(
            (check.code, check.out.contains("Careful: latchkey.toml ")),
            (Some(0), expected),
            "{mode:o}: {}",
            check.out
        );
    }
    latchkey.write("latchkey.toml", "[sessions]\nhours = 3\n");
    chmod(&latchkey, "latchkey.toml", 0o644);
    assert!(!latchkey.run(&["check"]).out.contains("Careful"), "nothing in it is secret");
    // A secret that is elsewhere is not in the file.
    let mut command = latchkey.command(&["check"]);
    let token = "0123456789abcdef0123456789abcdef";
    let check = command.env("LATCHKEY_SCIM_TOKEN", token).output().unwrap();
    let out = String::from_utf8(check.stdout).unwrap();
    assert!(!out.contains("holds a secret"), "{out}");
    // One that is written there is, in any form, also where the environment has another.
    for written in [format!("scim.token = \"{token}\"\n"), format!("scim_token = \"{token}\"\n")] {
        latchkey.write("latchkey.toml", &written);
        chmod(&latchkey, "latchkey.toml", 0o644);
        let mut command = latchkey.command(&["check"]);
        let check = command.env("LATCHKEY_SCIM_TOKEN", token).output().unwrap();
        let out = String::from_utf8(check.stdout).unwrap();
        assert!(out.contains("Careful: latchkey.toml holds a secret"), "{written}: {out}");
    }
    for (line, expected) in [
        ("#  token = \"was-in-use-last-year\"", true),
        ("# token = \"\"", false),
        ("# token: see below", false),
    ] {
        latchkey.write("latchkey.toml", &format!("[scim]\n{line}\n"));
        chmod(&latchkey, "latchkey.toml", 0o644);
        assert_eq!(
            latchkey.run(&["check"]).out.contains("Careful: latchkey.toml holds a secret"),
            expected,
            "{line}"
        );
    }
}

#[test]
fn a_file_that_anybody_may_replace_is_said() {
    let latchkey = Latchkey::new();
    fs::create_dir(latchkey.path("etc")).unwrap();
    latchkey.write("etc/latchkey.toml", "[sessions]\nhours = 3\n");
    for (mode, expected) in [(0o755, false), (0o1777, false), (0o777, true), (0o757, true)] {
        chmod(&latchkey, "etc", mode);
        let check = latchkey.run(&["check", "--config", "etc/latchkey.toml"]);
        assert_eq!(
            check
                .out
                .contains("Careful: etc, where etc/latchkey.toml is, can be changed by anybody"),
            expected,
            "{mode:o}: {}",
            check.out
        );
    }
}

#[test]
fn weak_hashes_stop_every_command_but_a_demo() {
    let latchkey = Latchkey::new();
    latchkey.write("latchkey.toml", "[hash]\nmemory_kib = 19\npasses = 2\n");
    for args in [&["check"][..], &["serve"], &["user", "import", "-"]] {
        let ended = latchkey.run(args);
        assert_eq!(ended.code, Some(2), "{args:?}");
        assert!(
            ended.err.contains(
                "latchkey.toml:2: hash.memory_kib, hash.passes: 19 KiB and 2 passes \
                are quickly guessed"
            ),
            "{}",
            ended.err
        );
    }
    assert!(!latchkey.path("data").exists(), "nothing was touched");
}

#[test]
fn whoever_listens_to_everybody_is_told() {
    let latchkey = Latchkey::new();
    let check = latchkey.run(&["check", "--listen", "0.0.0.0:3000"]);
    assert!(
        check.out.contains("Careful: listening beyond this machine without server.public_url"),
        "{}",
        check.out
    );
}

#[test]
fn whoever_says_http_and_listens_to_everybody_is_told_too() {
    let latchkey = Latchkey::new();
    for (listen, expected) in
        [("0.0.0.0:3000", true), ("[::]:3000", true), ("127.0.0.1:3000", false)]
    {
        let mut command = latchkey.command(&["check", "--listen", listen]);
        let check = command.env("LATCHKEY_PUBLIC_URL", "http://127.0.0.1:3000").output().unwrap();
        let out = String::from_utf8(check.stdout).unwrap();
        let careful = "Careful: listening beyond this machine with server.public_url by http";
        assert_eq!((check.status.code(), out.contains(careful)), (Some(0), expected), "{out}");
    }
}

#[test]
fn backups_that_will_not_be_made_are_told_by_check_and_at_the_start() {
    let latchkey = Latchkey::new();
    latchkey.write("latchkey.toml", "[backup]\nto = \"backups\"\n");
    let check = latchkey.run(&["check"]).out;
    assert!(check.contains("Careful: backup.to is set and backup.hours is not"), "{check}");
    latchkey.write("latchkey.toml", "[backup]\nto = \"backups\"\nhours = 24\n");
    let check = latchkey.run(&["check"]).out;
    assert!(check.contains("Careful: no backup can be made: the folder backups"), "{check}");
    let (_, log) = latchkey.serve().terminate();
    assert!(log.contains("no backup can be made: the folder backups"), "{log}");
    fs::create_dir(latchkey.path("backups")).unwrap();
    assert!(!latchkey.run(&["check", "--demo"]).out.contains("no backup"));
}

#[test]
fn an_audit_key_that_is_gone_or_another_is_told() {
    let latchkey = Latchkey::new();
    let with = |args: &[&str], key: Option<char>| {
        let mut command = latchkey.command(args);
        command.envs(key.map(|c| ("LATCHKEY_AUDIT_KEY", String::from(c).repeat(64))));
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    latchkey.write("people.csv", "netid,name\nnora,Nora\n");
    with(&["user", "import", "people.csv"], Some('1'));
    assert!(!with(&["check"], Some('1')).contains("audit.key"));
    let gone = with(&["check"], None);
    assert!(gone.contains("Careful: rows of the audit are marked by an audit.key"), "{gone}");
    let another = with(&["check"], Some('2'));
    assert!(another.contains("marked by another audit.key"), "{another}");
}
