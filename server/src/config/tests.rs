//! Which values make no sense, alone and together, and what is said of what is dangerous.

use super::*;

mod identity;
mod notices;
mod openid;
mod streams;

/// What is said of the defaults with something changed.
fn with(adjust: impl FnOnce(&mut Sections)) -> Result<Configuration, ConfigError> {
    let mut sections = Sections::default();
    adjust(&mut sections);
    Configuration::from_sections(sections)
}

fn senseless(adjust: impl FnOnce(&mut Sections)) -> String {
    with(adjust).expect_err("senseless").to_string()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn list(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A proxy that says who is there.
fn vouching(keys: &mut Sections) {
    keys.proxy.trusted = list(&["192.0.2.1/32"]);
    keys.proxy.user_header = some("Remote-User");
    keys.groups.privileged = list(&["*"]);
}

fn ldap(keys: &mut Sections) {
    keys.ldap.urls = list(&["ldaps://ldap.example.edu"]);
    keys.ldap.base = some("ou=people,dc=example,dc=edu");
    keys.groups.privileged = list(&["*"]);
}

fn with_ldap(adjust: impl FnOnce(&mut Sections)) -> Result<Configuration, ConfigError> {
    with(|keys| {
        ldap(keys);
        adjust(keys);
    })
}

fn senseless_ldap(adjust: impl FnOnce(&mut Sections)) -> String {
    with_ldap(adjust).expect_err("senseless").to_string()
}

fn provider(keys: &mut Sections) {
    keys.oidc.issuer = some("https://login.example.edu");
    keys.oidc.client_id = some("latchkey");
    keys.server.public_url = some("https://latchkey.example.edu");
    keys.groups.privileged = list(&["*"]);
}

#[test]
fn a_store_of_no_known_kind_is_refused() {
    for store in
        ["", "data", "surrealkv://data", "http://127.0.0.1:8000", "rocksdb://", "rocksdb:// "]
    {
        assert!(
            senseless(|keys| keys.store.url = store.to_owned()).starts_with("store.url: "),
            "{store}"
        );
    }
}

#[test]
fn a_password_in_the_stores_address_is_refused_and_not_repeated() {
    let error =
        senseless(|keys| keys.store.url = "wss://root:hunter2@db.example.edu:8000".to_owned());
    assert!(error.contains("store.password") && !error.contains("hunter2"), "{error}");
}

#[test]
fn no_address_has_a_user_or_a_password_in_it_and_none_is_repeated() {
    type Adjust = fn(&mut Sections, &str);
    let addresses: [(&str, Adjust, &str); _] = [
        ("store.url", |keys, url| keys.store.url = url.to_owned(), "wss://@db.example.edu"),
        ("server.public_url", |keys, url| keys.server.public_url = some(url), "https://@a.example"),
        ("ldap.urls", |keys, url| keys.ldap.urls = list(&[url]), "ldaps://@ldap.example.edu"),
        ("oidc.issuer", |keys, url| keys.oidc.issuer = some(url), "https://@login.example.edu"),
        ("proxy.log_out_url", |keys, url| keys.proxy.log_out_url = some(url), "https://@b.example"),
    ];
    for (key, adjust, address) in addresses {
        for somebody in ["u:hunter2@", ":hunter2@", "hunter2@"] {
            let url = address.replace('@', somebody);
            let error = senseless(|keys| {
                ldap(keys);
                provider(keys);
                adjust(keys, &url);
            });
            assert!(
                error.starts_with(&format!("{key}: ")) && !error.contains("hunter2"),
                "{error}"
            );
        }
    }
    let here = ["ldap://:hunter22@127.0.0.1:1389", "ldap://[::1]:389"];
    let error = senseless_ldap(|keys| keys.ldap.urls = list(&here));
    assert!(error.contains("ldap.bind_password") && !error.contains("hunter22"), "{error}");
    let error = senseless(|keys| {
        provider(keys);
        keys.oidc.issuer = some("http://u:hunter22@127.0.0.1:8080");
    });
    assert!(error.contains("oidc.client_secret") && !error.contains("hunter22"), "{error}");
}

#[test]
fn a_store_elsewhere_is_spoken_to_in_secret() {
    for clear in [
        "ws://db.example.edu:8000",
        "ws://192.0.2.1:8000",
        "ws://[2001:db8::1]:8000",
        "ws://localhost.example.edu",
    ] {
        assert!(
            senseless(|keys| keys.store.url = clear.to_owned()).contains("use wss://"),
            "{clear}"
        );
    }
    for good in
        ["ws://127.0.0.1:8000", "ws://localhost:8000", "ws://[::1]:8000", "wss://db.example.edu"]
    {
        assert!(with(|keys| keys.store.url = good.to_owned()).is_ok(), "{good}");
    }
}

#[test]
fn a_public_url_is_a_site_and_beyond_this_machine_https() {
    let wrong = [
        "latchkey.example.edu",
        "ftp://latchkey.example.edu",
        "https://latchkey.example.edu/settings",
        "https://latchkey.example.edu/a b",
        "https://latchkey.example.edu/?x",
        "https://latchkey.example.edu/#x",
        "https://tia@latchkey.example.edu",
        "https://",
    ];
    for url in wrong.into_iter().chain(["http://latchkey.example.edu", "http://192.0.2.1:3000"]) {
        assert!(
            senseless(|keys| keys.server.public_url = some(url)).starts_with("server.public_url: "),
            "{url}"
        );
    }
    for url in [
        "https://latchkey.example.edu",
        "http://127.0.0.1:3000",
        "http://localhost:3000",
        "http://[::1]:3000",
    ] {
        assert!(with(|keys| keys.server.public_url = some(url)).is_ok(), "{url}");
    }
    for (url, path) in [
        ("https://help.example.edu/latchkey/", "/latchkey"),
        ("https://help.example.edu/it/desk", "/it/desk"),
    ] {
        let url = with(|keys| keys.server.public_url = some(url))
            .expect("sensible")
            .public_url
            .expect("it is there");
        assert_eq!(url.path(), path);
    }
}

#[test]
fn zero_days_are_no_limit() {
    assert_eq!(with(|keys| keys.tokens.max_days = 0).expect("sensible").desk.token_cap_days, None);
}

#[test]
fn numbers_that_would_close_or_open_a_door_are_refused() {
    type Adjust = fn(&mut Sections);
    let refused: [(&str, Adjust); _] = [
        ("tokens.per_user", |keys| keys.tokens.per_user = 0),
        ("tokens.per_minute", |keys| keys.tokens.per_minute = 0),
        ("tokens.cached", |keys| keys.tokens.cached = 0),
        ("sessions.hours", |keys| keys.sessions.hours = 0),
        ("sessions.hours", |keys| keys.sessions.hours = 169),
        ("sessions.idle_minutes", |keys| keys.sessions.idle_minutes = 0),
        ("sessions.idle_minutes", |keys| keys.sessions.idle_minutes = 100_000),
        ("sessions.confirm_seconds", |keys| keys.sessions.confirm_seconds = 3601),
        ("sessions.per_user", |keys| keys.sessions.per_user = 0),
        ("limits.connections", |keys| keys.limits.connections = 63),
        ("hash.passes", |keys| keys.hash.passes = 0),
        ("log.filter", |keys| keys.log.filter = "info,,=".to_owned()),
    ];
    for (key, adjust) in refused {
        assert!(
            senseless(adjust).split(": ").next().is_some_and(|keys| keys.contains(key)),
            "{key}"
        );
    }
}

#[test]
fn secrets_are_masked() {
    let result = with(|keys| {
        keys.store.user = some("desk");
        keys.store.password = Some(HiddenText::new("hunter2".to_owned()));
    });
    let result = result.expect("sensible");
    assert!(result.to_toml().contains("password = \"********\""), "{}", result.to_toml());
    assert!(!format!("{result:?}{}{}", result.to_toml(), result.to_json()).contains("hunter2"));
}

#[test]
fn a_store_password_without_its_user_is_refused() {
    assert!(
        senseless(|keys| keys.store.password = Some(HiddenText::new("hunter2".to_owned())))
            .contains("both or neither")
    );
}

#[test]
fn a_short_audit_key_is_refused_and_a_good_one_is_never_shown() {
    let key = |key: &str| with(|keys| keys.audit.key = Some(HiddenText::new(key.to_owned())));
    let error = key("hunter2").expect_err("short").to_string();
    assert!(error.starts_with("audit.key: ") && !error.contains("hunter2"), "{error}");
    let good = "0123456789abcdef".repeat(4);
    let configuration = key(&good).expect("a configuration");
    assert!(configuration.desk.audit_key.is_some());
    let shown = configuration.to_toml() + &configuration.to_json();
    assert!(shown.contains("[audit]\nkey = ") && !shown.contains(&good), "{shown}");
    assert!(key("").expect("a configuration").desk.audit_key.is_none(), "empty: none");
}

#[test]
fn the_audit_is_kept_for_ever_or_for_a_month_at_least() {
    let keep = |days: u32| with(|keys| keys.audit.keep_days = days);
    assert_eq!(keep(0).expect("for ever").desk.audit_keep, None);
    assert_eq!(keep(30).expect("a month").desk.audit_keep, desk::KeepDays::new(30).ok());
    let error = keep(29).expect_err("too few").to_string();
    assert!(
        error.starts_with("audit.keep_days: ") && error.contains("at least 30 days"),
        "{error}"
    );
}

#[test]
fn backups_are_made_of_a_store_in_a_folder_where_it_is_said_how_often_and_to_where() {
    type Adjust = fn(&mut Sections);
    let with_backups = |adjust: Adjust| {
        with(|keys| {
            keys.backup.to = some("/srv/backups");
            keys.backup.hours = 24;
            adjust(keys);
        })
    };
    let schedule = with_backups(|_| {}).expect("sensible").desk.backups.schedule;
    let schedule = schedule.expect("one");
    assert_eq!((schedule.every_hours, schedule.keep), (24, 7));
    assert_eq!(schedule.folder, std::path::Path::new("/srv/backups"));
    let none = with_backups(|keys| keys.backup.hours = 0).expect("sensible").desk.backups;
    assert!(none.schedule.is_none());
    let refused: [(&str, Adjust); _] = [
        ("backup.to", |keys| keys.backup.to = some(" ")),
        ("backup.hours", |keys| keys.backup.hours = 8761),
        ("backup.hours", |keys| keys.store.url = "ws://127.0.0.1:8000".to_owned()),
        ("backup.keep", |keys| keys.backup.keep = 0),
        ("backup.recipients", |keys| keys.backup.recipients = list(&["AGE-SECRET-KEY-1HUNTER2"])),
    ];
    for (key, adjust) in refused {
        let error = with_backups(adjust).expect_err("senseless").to_string();
        assert!(error.starts_with(&format!("{key}: ")) && !error.contains("HUNTER2"), "{error}");
    }
    // The recipient of age's own documentation.
    let recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    let read = with(|keys| keys.backup.recipients = list(&[recipient])).expect("sensible");
    let read: Vec<String> = read.desk.backups.recipients.iter().map(ToString::to_string).collect();
    assert_eq!(read, [recipient]);
}

#[test]
fn what_is_shown_can_be_written_down_again() {
    let shown = with_ldap(|keys| {
        keys.ldap.group_base = some("ou=groups,dc=example,dc=edu");
        keys.ldap.sync_minutes = 0;
    });
    let shown = shown.expect("sensible").to_toml();
    assert!(
        shown.contains("\nsync_minutes = 0\n")
            && shown.contains("\nurls = [\"ldaps://ldap.example.edu\"]\n"),
        "{shown}"
    );
    let again = Sections::over_defaults(toml::from_str(&shown).expect("TOML"));
    assert_eq!(Configuration::from_sections(again).expect("sensible").to_toml(), shown);
}

#[test]
fn hashes_that_are_quickly_guessed_are_refused_where_somebodys_are_kept() {
    let strength = |store: &str, memory, passes| {
        let configuration = with(|keys| {
            keys.store.url = store.to_owned();
            (keys.hash.memory_kib, keys.hash.passes) = (memory, passes);
        });
        configuration.expect("sensible").check_strength()
    };
    for (memory, passes) in [(8, 1), (64, 3), (19_455, 2), (19_456, 1), (7_168, 4)] {
        let error = strength("rocksdb://data", memory, passes).expect_err("weak").to_string();
        assert!(error.starts_with("hash.memory_kib, hash.passes: "), "{error}");
        assert!(strength("mem://", memory, passes).is_ok(), "a store that forgets keeps nobody's");
    }
    for (memory, passes) in [(19_456, 2), (47_104, 1), (12_288, 3), (7_168, 5), (65_536, 3)] {
        assert!(strength("wss://db.example.edu", memory, passes).is_ok(), "{memory} {passes}");
    }
}

#[test]
fn a_place_is_named_with_what_is_wrong() {
    let mut places = Places::default();
    let base =
        names::all().into_iter().find(|key| key.path() == "ldap.bind_password").expect("a key");
    places.note(&base, "latchkey.toml:7");
    places.note(&base, "LATCHKEY_LDAP_BIND_PASSWORD");
    let error = senseless_ldap(|keys| {
        keys.ldap.bind_password = Some(HiddenText::new("hunter2".to_owned()));
    });
    assert!(error.starts_with("ldap.bind_dn, ldap.bind_password: "), "{error}");
    let error =
        with_ldap(|keys| keys.ldap.bind_password = Some(HiddenText::new("hunter2".to_owned())))
            .expect_err("half")
            .at(&places);
    assert!(
        error.to_string().starts_with("latchkey.toml:7: ldap.bind_dn, ldap.bind_password: "),
        "{error}"
    );
}

#[test]
fn what_keeps_strangers_in_bounds_is_not_switched_off_without_a_word() {
    type Adjust = fn(&mut Sections);
    let warned = |adjust: Adjust| with(adjust).expect("sensible").hazards();
    let off: [(&str, Adjust); _] = [
        ("ldap.tries is 0", |keys| {
            ldap(keys);
            keys.ldap.tries = 0;
        }),
        ("ldap.max_disable is 100%", |keys| {
            ldap(keys);
            keys.ldap.max_disable = " 100.0 % ".to_owned();
        }),
        ("scim.max_leavers_per_hour is 100%", |keys| {
            keys.scim.token = Some(HiddenText::new("0123456789abcdef".repeat(2)));
            keys.scim.max_leavers_per_hour = "100%".to_owned();
        }),
        ("limits.log_ins_per_minute is 0", |keys| keys.limits.log_ins_per_minute = 0),
        ("limits.requests_per_session_per_minute is 0", |keys| {
            keys.limits.requests_per_session_per_minute = 0;
        }),
    ];
    let unsaid: [(&str, Adjust); _] = [
        ("metrics.listen is an address beyond this machine", |keys| {
            keys.metrics.listen = some("0.0.0.0:9464");
        }),
        ("proxy.user_header is set without server.public_url", vouching),
        ("listening beyond this machine with server.public_url by http", |keys| {
            keys.server.public_url = some("http://127.0.0.1:3000");
            keys.server.listen = ([0, 0, 0, 0], 3000).into();
        }),
        ("store.url is mem://", |keys| keys.store.url = "mem://".to_owned()),
        ("server.public_url is set and proxy.trusted is not", |keys| {
            keys.server.public_url = Some("https://latchkey.example.edu".to_owned());
        }),
    ];
    for (what, adjust) in off.into_iter().chain(unsaid) {
        assert!(warned(adjust).iter().any(|hazard| hazard.starts_with(what)), "{what}");
    }
    let near = warned(|keys| keys.metrics.listen = some("127.0.0.1:9464"));
    assert_eq!(near, Vec::<String>::new(), "this machine's own");
    // Where there is no directory, nothing of it is switched off.
    let nothing = warned(|keys| (keys.ldap.tries, keys.ldap.max_disable) = (0, "100%".to_owned()));
    assert_eq!((nothing, warned(ldap)), (Vec::<String>::new(), Vec::new()));
    // Nor is anything left unsaid by a proxy that proves itself, or where the name is known.
    let known: [Adjust; 2] = [
        |keys| keys.proxy.secret = Some(HiddenText::new("0123456789abcdef".repeat(2))),
        |keys| keys.server.public_url = some("https://latchkey.example.edu"),
    ];
    for adjust in known {
        let hazards = with(|keys| {
            vouching(keys);
            adjust(keys);
        })
        .expect("sensible")
        .hazards();
        assert!(hazards.iter().all(|hazard| !hazard.contains("proxy.user_header is set without")));
    }
}
