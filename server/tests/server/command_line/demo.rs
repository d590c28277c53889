//! The demo's store and a real one, as the binary tells them apart.

use crate::support::{Ended, Latchkey};

const PEOPLE: &str = "netid,name,privileged\nnora,Nora,yes\n";

/// Serves the demo once, so that there is its store.
fn with_demo() -> Latchkey {
    let latchkey = Latchkey::new();
    let (code, _) = latchkey.serve().terminate();
    assert_eq!(code, Some(0));
    latchkey
}

#[test]
fn without_demo_nothing_opens_a_demos_store() {
    let latchkey = with_demo();
    latchkey.write("people.csv", PEOPLE);
    let directory = "[ldap]\nurls = [\"ldaps://127.0.0.1:1\"]\nbase \
        = \"dc=example\"\n[groups]\nprivileged = [\"*\"]\n";
    latchkey.write("latchkey.toml", directory);
    for args in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["check"],
        &["user", "import", "people.csv"],
        &["user", "list"],
        &["user", "set-password", "ada"],
        &["token", "list", "tia"],
        &["client", "add", "rt"],
        &["client", "list"],
        &["audit", "tail"],
        &["audit", "verify"],
        &["directory", "sync"],
    ] {
        let Ended { code, err, .. } = latchkey.run(args);
        assert_eq!(code, Some(1), "{args:?}: {err}");
        assert!(
            err.contains("rocksdb://data is a demo's") && err.contains("latchkey user import"),
            "{args:?}: {err}"
        );
    }
    // With it, commands may be tried.
    latchkey.write("latchkey.toml", "");
    let listed = latchkey.run(&["user", "list", "--demo"]);
    assert!(
        listed.code == Some(0) && listed.out.contains("ada") && !listed.out.contains("nora"),
        "{}{}",
        listed.out,
        listed.err
    );
    assert_eq!(latchkey.run(&["check", "--demo"]).code, Some(0));
    assert_eq!(latchkey.run(&["--demo", "client", "add", "rt"]).code, Some(0));
    latchkey.serve().kill();
}

#[test]
fn with_demo_no_real_store_is_opened() {
    let latchkey = Latchkey::new();
    assert_eq!(latchkey.run_with(&["user", "import", "-"], PEOPLE).code, Some(0));
    for args in [
        &["serve", "--demo", "--listen", "127.0.0.1:0"][..],
        &["check", "--demo"],
        &["user", "list", "--demo"],
    ] {
        let Ended { code, err, .. } = latchkey.run(args);
        assert_eq!(code, Some(1), "{args:?}: {err}");
        assert!(
            err.contains("is not a demo's") && err.contains("rocksdb://demo-data"),
            "{args:?}: {err}"
        );
    }
    assert!(latchkey.run(&["user", "list"]).out.contains("nora"));
}

#[test]
fn nobody_real_comes_into_a_demo_and_nobody_elsewhere_to_it() {
    let latchkey = Latchkey::new();
    let ended = latchkey.run_with(&["user", "import", "-", "--demo"], PEOPLE);
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    let secret = "0123456789abcdef0123456789abcdef0123456789";
    let privileged = "[groups]\nprivileged = [\"*\"]\n";
    for (file, key) in [
        ("[server]\nlisten = \"0.0.0.0:0\"\n", "server.listen"),
        ("[server]\nlisten = \"[::]:0\"\n", "server.listen"),
        ("[server]\npublic_url = \"https://latchkey.example.edu\"\n", "server.public_url"),
        ("[proxy]\ntrusted = [\"127.0.0.1\"]\n", "proxy.trusted"),
        ("[proxy]\ntrusted = [\"127.0.0.1\"]\nuser_header = \"Remote-User\"\n", "proxy.trusted"),
        ("[ldap]\nurls = [\"ldaps://127.0.0.1:1\"]\nbase = \"dc=example\"\n", "ldap.urls"),
        (&format!("[scim]\ntoken = \"{secret}\"\n"), "scim.token"),
    ] {
        latchkey.write("latchkey.toml", &format!("{file}{privileged}"));
        for command in ["serve", "check"] {
            let ended = latchkey.run(&[command, "--demo"]);
            assert_eq!(ended.code, Some(2), "{file}: {}", ended.err);
            assert!(
                ended.err.starts_with("latchkey: latchkey.toml:2: ")
                    && ended.err.contains(&format!(" {key}: ")),
                "{file}: {}",
                ended.err
            );
            assert!(
                ended.err.contains("--demo") && !ended.err.contains(secret),
                "{file}: {}",
                ended.err
            );
        }
    }
    assert!(!latchkey.path("data").exists(), "nothing was made");
}
