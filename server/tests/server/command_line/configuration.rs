//! The configuration as the program reads it: what outweighs what, what is refused with its place, what is masked.

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
    latchkey.write("latchkey.toml", "node = \"file\"\nsession_hours = 3\nstore = \"mem://\"\n");
    let ended = latchkey
        .command(&["config", "--node", "flag"])
        .env("LATCHKEY_NODE", "environment")
        .env("LATCHKEY_SESSION_HOURS", "5")
        .output()
        .unwrap();
    let out = String::from_utf8(ended.stdout).unwrap();
    assert!(out.contains("node = \"flag\"\n") && out.contains("session_hours = 5\n") && out.contains("store = \"mem://\"\n"), "{out}");
}

#[test]
fn another_file_is_named_by_flag_or_environment() {
    let latchkey = Latchkey::new();
    latchkey.write("other.toml", "node = \"other\"\n");
    assert!(latchkey.run(&["config", "--config", "other.toml"]).out.contains("node = \"other\""));
    let ended = latchkey.command(&["config"]).env("LATCHKEY_CONFIG", "other.toml").output().unwrap();
    assert!(String::from_utf8(ended.stdout).unwrap().contains("node = \"other\""));
    let missing = latchkey.run(&["config", "--config", "none.toml"]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.err.contains("none.toml cannot be read"), "{}", missing.err);
}

#[test]
fn a_corrupt_file_stops_every_command_with_its_line() {
    let latchkey = Latchkey::new();
    latchkey.write("latchkey.toml", "node = \"main\"\nlisten = \"127.0.0.1:3000\n");
    for command in [&["config"][..], &["check"], &["serve"], &["user", "list"]] {
        let ended = latchkey.run(command);
        assert_eq!(ended.code, Some(2), "{command:?}");
        assert!(ended.err.contains("latchkey.toml:2: ") && ended.err.contains("config --example"), "{}", ended.err);
    }
    assert!(!latchkey.path("data").exists(), "nothing was touched");
}

#[test]
fn unknown_keys_are_errors_wherever_they_are() {
    let latchkey = Latchkey::new();
    let ended = latchkey.command(&["config"]).env("LATCHKEY_SESSION_HOUR", "1").output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    assert!(String::from_utf8(ended.stderr).unwrap().contains("Did you mean “session_hours”?"));
    assert_eq!(latchkey.run(&["config", "--session-hour", "1"]).code, Some(2));
    latchkey.write("latchkey.toml", "session_hour = 1\n");
    let ended = latchkey.run(&["config"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("latchkey.toml:1: there is no key “session_hour”. Did you mean “session_hours”?"), "{}", ended.err);
}

#[test]
fn secrets_are_masked() {
    let latchkey = Latchkey::new();
    latchkey.write("latchkey.toml", "store = \"ws://127.0.0.1:8000\"\nstore_user = \"root\"\nstore_password = \"hunter2\"\n");
    for args in [&["config"][..], &["config", "--json"]] {
        let ended = latchkey.run(args);
        assert!(ended.out.contains("********") && !ended.out.contains("hunter2"), "{}", ended.out);
    }
}

#[test]
fn a_store_that_is_not_there_is_no_empty_one() {
    let latchkey = Latchkey::new();
    for args in [&["audit", "verify"][..], &["user", "list"], &["user", "show", "nora"], &["token", "list", "nora"], &["client", "list"]] {
        let ended = latchkey.run(&[args, &["--store", "rocksdb://copy"]].concat());
        assert_eq!((ended.code, ended.err.contains("there is no store at rocksdb://copy")), (Some(1), true), "{args:?}: {}", ended.err);
    }
    assert!(!latchkey.path("copy").exists());
}

#[test]
fn files_that_the_configuration_names_are_looked_at_before_it_is_called_good() {
    let latchkey = Latchkey::new();
    let oidc =
        "public_url = \"https://latchkey.example.edu\"\noidc_issuer = \"https://login.example.edu\"\noidc_client_id = \"latchkey\"\n";
    let ldap = "ldap_urls = [\"ldaps://ldap.example.edu\"]\nldap_base = \"dc=example\"\n";
    for (key, rest) in [("oidc_ca_file", oidc), ("ldap_ca_file", ldap)] {
        latchkey.write("latchkey.toml", &format!("{rest}{key} = \"nowhere.pem\"\n"));
        for args in [&["check"][..], &["serve", "--listen", "127.0.0.1:0"]] {
            let ended = latchkey.run(args);
            assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{args:?}: {}", ended.err);
            assert!(ended.err.contains(&format!("{key}: nowhere.pem: ")) && !ended.err.contains("--listen"), "{}", ended.err);
        }
    }
}

#[test]
fn check_says_what_is_well_and_what_is_not() {
    let latchkey = Latchkey::new();
    let ended = latchkey.run(&["check"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert!(ended.out.contains("there is none at rocksdb://data. The first start makes it"), "{}", ended.out);
    assert!(!latchkey.path("data").exists(), "to look is not to make");
    assert_eq!(latchkey.run_with(&["user", "import", "-"], "netid,name\nnora,Nora\n").code, Some(0));
    let ended = latchkey.run(&["check"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert!(ended.out.contains("rocksdb://data opens"), "{}", ended.out);
    assert_eq!(latchkey.run(&["check", "--store", "surrealkv://data"]).code, Some(2));
    latchkey.write("file", "not a folder");
    let ended = latchkey.run(&["check", "--store", "rocksdb://file"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("rocksdb://file"), "{}", ended.err);
}
