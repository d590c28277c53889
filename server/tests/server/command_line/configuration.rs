//! The configuration as the program reads it: what outweighs what, what is refused with its place,
//! what is masked.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::support::Latchkey;

#[test]
fn the_example_is_a_configuration() {
    let latchkey = Latchkey::new();
    let example = latchkey.run(&["config", "--example"]);
    assert_eq!(example.code, Some(0));
    latchkey.write("latchkey.toml", &example.out);
    assert_eq!(latchkey.run(&["config"]).code, Some(0));
}

#[test]
fn flags_outweigh_the_environment_and_it_the_file() {
    let latchkey = Latchkey::new();
    latchkey.write(
        "latchkey.toml",
        "[server]\nnode = \"file\"\n[sessions]\nhours = 3\n[store]\nurl = \"mem://\"\n",
    );
    let ended = latchkey
        .command(&["config", "--node", "flag"])
        .env("LATCHKEY_NODE", "environment")
        .env("LATCHKEY_SESSION_HOURS", "5")
        .output()
        .unwrap();
    let out = String::from_utf8(ended.stdout).unwrap();
    assert!(
        out.contains("node = \"flag\"\n")
            && out.contains("\nhours = 5\n")
            && out.contains("url = \"mem://\"\n"),
        "{out}"
    );
}

#[test]
fn another_file_is_named_by_flag_or_environment() {
    let latchkey = Latchkey::new();
    latchkey.write("other.toml", "[server]\nnode = \"other\"\n");
    assert!(latchkey.run(&["config", "--config", "other.toml"]).out.contains("node = \"other\""));
    let ended =
        latchkey.command(&["config"]).env("LATCHKEY_CONFIG", "other.toml").output().unwrap();
    assert!(String::from_utf8(ended.stdout).unwrap().contains("node = \"other\""));
    let missing = latchkey.run(&["config", "--config", "none.toml"]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.err.contains("none.toml cannot be read"), "{}", missing.err);
}

#[test]
fn a_file_that_is_there_and_cannot_be_read_is_not_left_out() {
    // A link that leads nowhere, to itself, below what is no folder, and into one that is closed
    // (to whoever is not root).
    for to in ["nowhere.toml", "latchkey.toml", "plain/latchkey.toml", "closed/latchkey.toml"] {
        let latchkey = Latchkey::new();
        latchkey.write("plain", "");
        fs::create_dir(latchkey.path("closed")).unwrap();
        latchkey.write("closed/latchkey.toml", "[server]\nnode = \"closed\"\n");
        fs::set_permissions(latchkey.path("closed"), Permissions::from_mode(0o0)).unwrap();
        symlink(to, latchkey.path("latchkey.toml")).unwrap();
        let is_read = fs::read(latchkey.path("latchkey.toml")).is_ok();
        for command in [&["config"][..], &["check"], &["serve"], &["config", "migrate"]] {
            let ended = if is_read { latchkey.run(&["config"]) } else { latchkey.run(command) };
            let (code, stated) = if is_read {
                (0, ended.out.contains("node = \"closed\""))
            } else {
                (2, ended.err.contains("The configuration file latchkey.toml cannot be read: "))
            };
            assert_eq!((ended.code, stated), (Some(code), true), "{to} {command:?}: {}", ended.err);
        }
        fs::set_permissions(latchkey.path("closed"), Permissions::from_mode(0o700)).unwrap();
    }
    assert!(Latchkey::new().run(&["check"]).out.contains("Configuration: good. No file is read."));
}

#[test]
fn a_corrupt_file_stops_every_command_with_its_line() {
    let latchkey = Latchkey::new();
    latchkey.write("latchkey.toml", "[server]\nnode = \"main\"\nlisten = \"127.0.0.1:3000\n");
    for command in [&["config"][..], &["check"], &["serve"], &["user", "list"]] {
        let ended = latchkey.run(command);
        assert_eq!(ended.code, Some(2), "{command:?}");
        assert!(
            ended.err.contains("latchkey.toml:3: ") && ended.err.contains("config --example"),
            "{}",
            ended.err
        );
    }
    assert!(!latchkey.path("data").exists(), "nothing was touched");
}

#[test]
fn unknown_keys_are_errors_wherever_they_are() {
    let latchkey = Latchkey::new();
    let ended = latchkey.command(&["config"]).env("LATCHKEY_SESSION_HOUR", "1").output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    assert!(
        String::from_utf8(ended.stderr).unwrap().contains("Did you mean “LATCHKEY_SESSION_HOURS”?")
    );
    assert_eq!(latchkey.run(&["config", "--session-hour", "1"]).code, Some(2));
    latchkey.write("latchkey.toml", "[sessions]\nhour = 1\n");
    let ended = latchkey.run(&["config"]);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.err.contains(
            "latchkey.toml:2: there is no key “sessions.hour”. Did you mean “sessions.hours”?"
        ),
        "{}",
        ended.err
    );
}

#[test]
fn secrets_are_masked() {
    let latchkey = Latchkey::new();
    latchkey.write(
        "latchkey.toml",
        "[store]\nurl = \"ws://127.0.0.1:8000\"\nuser = \"root\"\npassword = \"hunter2\"\n",
    );
    for args in [&["config"][..], &["config", "--json"]] {
        let ended = latchkey.run(args);
        assert!(ended.out.contains("********") && !ended.out.contains("hunter2"), "{}", ended.out);
    }
}

#[test]
fn a_store_that_is_not_there_is_no_empty_one() {
    let latchkey = Latchkey::new();
    for args in [
        &["audit", "verify"][..],
        &["user", "list"],
        &["user", "show", "nora"],
        &["token", "list", "nora"],
        &["client", "list"],
    ] {
        let ended = latchkey.run(&[args, &["--store", "rocksdb://copy"]].concat());
        assert_eq!(
            (ended.code, ended.err.contains("there is no store at rocksdb://copy")),
            (Some(1), true),
            "{args:?}: {}",
            ended.err
        );
    }
    assert!(!latchkey.path("copy").exists());
}

#[test]
fn files_that_the_configuration_names_are_looked_at_before_it_is_called_good() {
    let latchkey = Latchkey::new();
    let oidc = "[server]\npublic_url = \"https://latchkey.example.edu\"\n[oidc]\nissuer \
        = \"https://login.example.edu\"\nclient_id = \"latchkey\"\n";
    let ldap = "[ldap]\nurls = [\"ldaps://ldap.example.edu\"]\nbase = \"dc=example\"\n";
    for (key, rest) in [("oidc.ca_file", oidc), ("ldap.ca_file", ldap)] {
        let groups = "[groups]\nprivileged = [\"*\"]\n";
        latchkey.write("latchkey.toml", &format!("{groups}{rest}ca_file = \"nowhere.pem\"\n"));
        for args in [&["check"][..], &["serve", "--listen", "127.0.0.1:0"]] {
            let ended = latchkey.run(args);
            assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{args:?}: {}", ended.err);
            assert!(
                ended.err.contains(&format!(": {key}: nowhere.pem: "))
                    && ended.err.contains("latchkey.toml:")
                    && !ended.err.contains("--listen"),
                "{}",
                ended.err
            );
        }
    }
}

#[test]
fn check_says_what_is_well_and_what_is_not() {
    let latchkey = Latchkey::new();
    let ended = latchkey.run(&["check"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert!(
        ended.out.contains("there is none at rocksdb://data. The first start makes it"),
        "{}",
        ended.out
    );
    assert!(!latchkey.path("data").exists(), "to look is not to make");
    assert_eq!(
        latchkey.run_with(&["user", "import", "-"], "netid,name\nnora,Nora\n").code,
        Some(0)
    );
    let ended = latchkey.run(&["check"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert!(ended.out.contains("rocksdb://data opens"), "{}", ended.out);
    assert_eq!(latchkey.run(&["check", "--store", "surrealkv://data"]).code, Some(2));
    latchkey.write("file", "not a folder");
    let ended = latchkey.run(&["check", "--store", "rocksdb://file"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("rocksdb://file"), "{}", ended.err);
}

#[test]
fn check_leaves_a_store_of_an_older_program_as_it_is() {
    let latchkey = Latchkey::new();
    let packed = "../desk/tests/fixtures/stores/d96ff93-schema7.tar.gz";
    let unpacked = std::process::Command::new("tar")
        .arg("xzf")
        .arg(packed)
        .arg("-C")
        .arg(latchkey.path("."))
        .status()
        .unwrap();
    assert!(unpacked.success(), "{packed}");
    let check = |args: &[&str]| {
        let ended = latchkey.run(&[args, &["--demo", "--store", "rocksdb://store"]].concat());
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{}", ended.out);
        ended.out
    };
    let demo = ["--demo", "--store", "rocksdb://store"];
    for _ in 0..2 {
        let stated = check(&["check"]);
        assert!(
            stated.contains("Its schema is 7, and this program brings it to ")
                && stated.contains("stop every node and back it up first"),
            "{stated}"
        );
        let ended = latchkey.run(&[&["user", "list"][..], &demo].concat());
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
        assert!(ended.err.contains("(`latchkey serve`) brings the store there"), "{}", ended.err);
    }
    // It has people in it who are not the demo's, and so is not served: after it was opened.
    let serve = latchkey.run(&[&["serve", "--listen", "127.0.0.1:0"][..], &demo].concat());
    assert!(serve.err.contains("people who are not the demo's"), "{}", serve.err);
    let stated = check(&["check"]);
    assert!(stated.contains("opens, answers and has this program's schema"), "{stated}");
}

#[test]
fn a_file_without_sections_is_read_and_printed_anew() {
    let latchkey = Latchkey::new();
    let old = "# ours\nstore = \"mem://\"\nsession_hours = 3 # a morning\nscim_token \
        = \"0123456789abcdef0123456789abcdef\"\n";
    latchkey.write("latchkey.toml", old);
    let before = latchkey.run(&["config"]);
    assert_eq!((before.code, before.err.as_str()), (Some(0), ""));
    assert!(
        before.out.contains("\nhours = 3\n") && before.out.contains("url = \"mem://\"\n"),
        "{}",
        before.out
    );
    let check = latchkey.run(&["check"]);
    assert!(
        check.out.contains("before there were sections: `latchkey config migrate`"),
        "{}",
        check.out
    );
    let migrated = latchkey.run(&["config", "migrate"]);
    assert_eq!(migrated.code, Some(0), "{}", migrated.err);
    assert!(
        migrated.out.contains("[sessions]\nhours = 3 # a morning\n")
            && migrated.out.contains("# ours"),
        "{}",
        migrated.out
    );
    latchkey.write("latchkey.toml", &migrated.out);
    assert_eq!(latchkey.run(&["config"]).out, before.out, "the same configuration");
    assert!(!latchkey.run(&["check"]).out.contains("migrate"));
    let none = Latchkey::new().run(&["config", "migrate"]);
    assert_eq!(
        (none.code, none.err.contains("latchkey.toml cannot be read")),
        (Some(2), true),
        "{}",
        none.err
    );
}

#[test]
fn a_key_that_is_no_flag_is_led_to_its_place() {
    let ended = Latchkey::new().run(&["serve", "--public-url", "https://latchkey.example.edu"]);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.err.contains("write `public_url` below [server]")
            && ended.err.contains("LATCHKEY_PUBLIC_URL"),
        "{}",
        ended.err
    );
}

#[test]
fn what_is_plainly_meant_in_the_file_is_taken_and_can_be_migrated() {
    let latchkey = Latchkey::new();
    let file = "session_hours = \"3\"\nldap_starttls = no # ours\ntrusted_proxies = \
        [\"127.0.0.1/32, 10.0.0.0/8\"]\nnode = 7\n";
    latchkey.write("latchkey.toml", file);
    let taken = latchkey.run(&["config"]);
    assert_eq!((taken.code, taken.err.as_str()), (Some(0), ""));
    for line in ["\nhours = 3\n", "\nstarttls = false\n", "node = \"7\"\n"] {
        assert!(taken.out.contains(line), "{line}: {}", taken.out);
    }
    let migrated = latchkey.run(&["config", "migrate"]);
    assert_eq!(migrated.code, Some(0), "{}", migrated.err);
    latchkey.write("latchkey.toml", &migrated.out);
    assert_eq!(latchkey.run(&["config"]).out, taken.out, "{}", migrated.out);
    latchkey.write("latchkey.toml", "[server]\nnode = \"a\"\nlisten = 127.0.0.1:3000\n");
    let ended = latchkey.run(&["config"]);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended
            .err
            .contains("latchkey.toml:3: a text is written in quotes: listen = \"127.0.0.1:3000\"."),
        "{}",
        ended.err
    );
}

#[test]
fn what_is_no_address_to_listen_on_is_told_with_what_to_write() {
    let latchkey = Latchkey::new();
    for listen in [":3000", "3000", "desk.example.edu:80"] {
        let by_flag = latchkey.run(&["config", "--listen", listen]);
        let by_variable =
            latchkey.command(&["config"]).env("LATCHKEY_LISTEN", listen).output().unwrap();
        for (code, err) in [
            (by_flag.code, by_flag.err),
            (by_variable.status.code(), String::from_utf8(by_variable.stderr).unwrap()),
        ] {
            assert_eq!(code, Some(2), "{listen}");
            assert!(
                err.split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ")
                    .contains("write one like 127.0.0.1:3000"),
                "{err}"
            );
        }
    }
    let none =
        latchkey.command(&["config"]).env("LATCHKEY_LDAP_STARTTLS", "maybe").output().unwrap();
    assert!(String::from_utf8(none.stderr).unwrap().contains("neither true nor false"));
}

#[test]
fn a_provider_that_does_not_answer_is_said_and_stops_nobody() {
    let latchkey = Latchkey::new();
    latchkey.write(
        "latchkey.toml",
        "[server]\npublic_url = \"https://latchkey.example.edu\"\n[oidc]\nissuer \
            = \"http://127.0.0.1:9\"\nclient_id = \"latchkey\"\n\
         [groups]\nprivileged = [\"*\"]\n[proxy]\ntrusted = [\"10.0.0.0/8\"]\n",
    );
    let check = latchkey.run(&["check"]);
    assert_eq!(check.code, Some(0), "{}", check.err);
    assert!(check.out.contains("Careful: OpenID: the provider does not answer: "), "{}", check.out);
    assert!(check.out.contains("Careful: proxy.trusted names 10.0.0.0/8: "), "{}", check.out);
}

#[test]
fn what_is_missing_is_told_with_the_line_that_asks_for_it() {
    for (file, expected) in [
        ("[groups]\nadmin = [\"desk\"]\n", "c.toml:2 (groups.admin): proxy.groups_header, ldap."),
        (
            "[proxy]\ntrusted = [\"192.0.2.1\"]\nuser_header = \"Remote-User\"\n",
            "c.toml:3 (proxy.user_header): groups.privileged: ",
        ),
        (
            "[ldap]\nconnections = 4\nurls = [\"ldaps://ldap.example.edu\"]\n",
            "c.toml:3 (ldap.urls): ldap.base: ",
        ),
        (
            "[ldap]\nbase = \"dc=example\"\nurls = [\"ldaps://ldap.example.edu\"]\n\
                group_attribute = \"memberOf\"\n[groups]\n\
                admin = [\"desk\"]\nprivileged = [\"*\"]\n",
            "c.toml:4 (ldap.group_attribute): ldap.group_base: ",
        ),
        (
            "[proxy]\nlog_out_url = \"/out\"\nname_header = \"Remote-Name\"\n",
            "c.toml:3 (proxy.name_header): proxy.user_header: ",
        ),
        (
            "[oidc]\nissuer = \"https://login.example.edu\"\n",
            "c.toml:2 (oidc.issuer): oidc.client_id: ",
        ),
        (
            "[oidc]\nissuer = \"https://login.example.edu\"\nclient_id = \"latchkey\"\n",
            "c.toml:2 (oidc.issuer): server.public_url: ",
        ),
        (
            "[server]\npublic_url = \"https://latchkey.example.edu\"\n[oidc]\n\
                issuer = \"https://login.example.edu\"\nclient_id = \"latchkey\"\n\
                netid_claim = \"email\"\n",
            "c.toml:6 (oidc.netid_claim): oidc.netid_domains: ",
        ),
        ("[tokens]\nmax_days = -1\n", "c.toml:2: tokens.max_days: -1 is not possible: "),
    ] {
        let latchkey = Latchkey::new();
        latchkey.write("c.toml", file);
        let checked = latchkey.run(&["check", "--config", "c.toml"]);
        assert_eq!(checked.code, Some(2), "{file}");
        assert!(checked.err.contains(expected), "{file}: {}", checked.err);
    }
}
