//! The configuration from the environment: what an empty variable sets, and what is said of a wrong
//! one.

use crate::support::Latchkey;

#[test]
fn a_variable_of_the_wrong_kind_is_named() {
    let latchkey = Latchkey::new();
    let ended =
        latchkey.command(&["config"]).env("LATCHKEY_SESSION_HOURS", "long").output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    assert!(String::from_utf8(ended.stderr).unwrap().contains("LATCHKEY_SESSION_HOURS"));
    let ended = latchkey.command(&["config"]).env("LATCHKEY_STORE_USER", "desk").output().unwrap();
    let error = String::from_utf8(ended.stderr).unwrap();
    assert!(
        error.contains("LATCHKEY_STORE_USER: store.user, store.password: give both"),
        "{error}"
    );
    assert!(error.contains("the variable LATCHKEY_STORE_PASSWORD"), "{error}");
    // Where a secret belongs that is missing beside what is in the file.
    latchkey.write(
        "latchkey.toml",
        "[ldap]\nurls = [\"ldaps://x\"]\nbase = \"dc=x\"\nbind_dn = \"cn=latchkey,dc=x\"\n",
    );
    let ended = latchkey.run(&["config"]);
    assert_eq!(ended.code, Some(2));
    for part in ["latchkey.toml:4: ldap.bind_dn", "ldap.bind_password, or in the variable"] {
        assert!(ended.err.contains(part), "{part}: {}", ended.err);
    }
}

#[test]
fn an_empty_variable_sets_nothing() {
    let latchkey = Latchkey::new();
    let file = "[server]\nlisten = \"localhost:3001\"\n[proxy]\ntrusted = \"192.0.2.7, \
        ::1\"\n[ldap]\nstarttls = \"yes\"\n";
    latchkey.write("latchkey.toml", file);
    let mut command = latchkey.command(&["config"]);
    for name in [
        "LISTEN",
        "TRUSTED_PROXIES",
        "TOKEN_MAX_DAYS",
        "LDAP_URLS",
        "ADMIN_GROUPS",
        "PUBLIC_URL",
        "LDAP_STARTTLS",
        "OIDC_SCOPES",
    ] {
        command.env(format!("LATCHKEY_{name}"), "");
    }
    let ended = command.output().unwrap();
    let out = String::from_utf8(ended.stdout).unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    for line in ["listen = \"127.0.0.1:3001\"", "starttls = true", "max_days = 0"] {
        assert!(out.contains(line), "{line}: {out}");
    }
    let list: String = out
        .split("trusted = ")
        .nth(1)
        .unwrap()
        .split(']')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    assert!(list.starts_with("[\"192.0.2.7\",\"::1\""), "{list}");
    assert!(out.contains("\"profile\""), "{out}");
}

/// Every variable that sets a key, as the example names it.
fn variables(latchkey: &Latchkey) -> Vec<String> {
    let example = latchkey.run(&["config", "--example"]).out;
    let named = |line: &str| Some(line.strip_prefix("# (LATCHKEY_")?.strip_suffix(')')?.to_owned());
    let variables: Vec<String> =
        example.lines().filter_map(named).map(|name| format!("LATCHKEY_{name}")).collect();
    assert!(variables.len() > 50, "{variables:?}");
    variables
}

#[test]
fn every_variable_that_is_set_to_nothing_is_not_set() {
    let latchkey = Latchkey::new();
    latchkey.write(
        "latchkey.toml",
        "[server]\nnode = \"file\"\n[store]\nurl = \"mem://\"\n[sessions]\nhours = \
                3\n[ldap]\nstarttls = false\n",
    );
    let variables = variables(&latchkey);
    let without = latchkey.run(&["config"]);
    assert_eq!((without.code, without.err.as_str()), (Some(0), ""));
    for nothing in ["", " ", "\t\n"] {
        for args in [&["config"][..], &["check"], &["config", "migrate"]] {
            let mut command = latchkey.command(args);
            variables
                .iter()
                .map(String::as_str)
                .chain(["LATCHKEY_CONFIG"])
                .for_each(|name| _ = command.env(name, nothing));
            let ended = command.output().unwrap();
            assert_eq!(
                ended.status.code(),
                Some(0),
                "{nothing:?} {args:?}: {}",
                String::from_utf8_lossy(&ended.stderr)
            );
            if args == ["config"] {
                assert_eq!(String::from_utf8(ended.stdout).unwrap(), without.out, "{nothing:?}");
            }
        }
    }
    // Each by itself, too: none makes up for another.
    for name in &variables {
        let ended = latchkey.command(&["config"]).env(name, "").output().unwrap();
        assert_eq!(
            String::from_utf8(ended.stdout).unwrap(),
            without.out,
            "{name}: {:?}",
            ended.stderr
        );
    }
}

#[test]
fn no_variable_answers_in_the_parser_s_own_words() {
    let latchkey = Latchkey::new();
    // Of a filter that is good the filter's own crate says what it makes of it.
    for name in variables(&latchkey).into_iter().filter(|name| name != "LATCHKEY_LOG") {
        for value in ["\u{1b}[31mnonsense", "-1", "99999999999999999999"] {
            let ended = latchkey.command(&["config"]).env(&name, value).output().unwrap();
            let err = String::from_utf8(ended.stderr).unwrap();
            for word in [
                "deserialize",
                "invalid type",
                "expected",
                "u32",
                "usize",
                "unknown variant",
                "invalid digit",
                "\u{1b}",
            ] {
                assert!(!err.contains(word), "{name}={value:?}: {err}");
            }
            assert!(
                !err.contains("the environment:") || err.contains(&name),
                "{name}={value:?}: {err}"
            );
        }
    }
    let ended =
        latchkey.command(&["config"]).env("LATCHKEY_SESSION_HOURS", "long").output().unwrap();
    let expected = "the environment: LATCHKEY_SESSION_HOURS (sessions.hours): “long” is not \
        possible: write a whole number from 0 on, such as LATCHKEY_SESSION_HOURS=8.";
    assert!(String::from_utf8(ended.stderr).unwrap().contains(expected));
}

#[test]
fn a_file_of_a_secret_outweighs_the_configuration_and_a_variable_outweighs_it() {
    let latchkey = Latchkey::new();
    latchkey.write("latchkey.toml", "[sessions]\nhours = 2\nidle_minutes = 20\nper_user = 5\n");
    std::fs::create_dir(latchkey.path("secrets")).unwrap();
    latchkey.write("secrets/latchkey.sessions.hours", "3\n");
    latchkey.write("secrets/latchkey_sessions.idle_minutes", "10\n");
    let config = |credentials: &str| {
        let mut command = latchkey.command(&["config"]);
        command.env("CREDENTIALS_DIRECTORY", credentials).env("LATCHKEY_SESSION_IDLE_MINUTES", "7");
        let ended = command.output().unwrap();
        (
            ended.status.code(),
            [ended.stdout, ended.stderr].map(|text| String::from_utf8(text).unwrap()),
        )
    };
    let (code, [out, err]) = config("secrets");
    assert_eq!(code, Some(0), "{err}");
    for line in ["\nhours = 3\n", "\nidle_minutes = 7\n", "\nper_user = 5\n"] {
        assert!(out.contains(line), "{line}: {out}");
    }
    assert!(config("").1[0].contains("\nhours = 2\n"), "named by nothing, there is none");
    latchkey.write("secrets/latchkey_session.hours", "4");
    let (code, [_, err]) = config("secrets");
    assert_eq!(code, Some(2));
    assert!(
        err.contains("secrets/latchkey_session.hours: there is no key “session.hours”"),
        "{err}"
    );
}
