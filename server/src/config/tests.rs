//! Which values make no sense, alone and together, and what is said of what is dangerous.

use super::*;

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

#[test]
fn a_store_of_no_known_kind_is_refused() {
    for store in ["", "data", "surrealkv://data", "http://127.0.0.1:8000"] {
        assert!(senseless(|keys| keys.store.url = store.to_owned()).starts_with("store.url: "), "{store}");
    }
}

#[test]
fn a_password_in_the_stores_address_is_refused_and_not_repeated() {
    let error = senseless(|keys| keys.store.url = "wss://root:hunter2@db.example.edu:8000".to_owned());
    assert!(error.contains("store.password") && !error.contains("hunter2"), "{error}");
}

#[test]
fn a_store_elsewhere_is_spoken_to_in_secret() {
    for clear in ["ws://db.example.edu:8000", "ws://192.0.2.1:8000", "ws://[2001:db8::1]:8000", "ws://localhost.example.edu"] {
        assert!(senseless(|keys| keys.store.url = clear.to_owned()).contains("use wss://"), "{clear}");
    }
    for good in ["ws://127.0.0.1:8000", "ws://localhost:8000", "ws://[::1]:8000", "wss://db.example.edu"] {
        assert!(with(|keys| keys.store.url = good.to_owned()).is_ok(), "{good}");
    }
}

#[test]
fn a_public_url_is_an_origin_and_beyond_this_machine_https() {
    let wrong = ["latchkey.example.edu", "ftp://latchkey.example.edu", "https://latchkey.example.edu/desk", "https://"];
    for url in wrong.into_iter().chain(["http://latchkey.example.edu", "http://192.0.2.1:3000"]) {
        assert!(senseless(|keys| keys.server.public_url = some(url)).starts_with("server.public_url: "), "{url}");
    }
    for url in ["https://latchkey.example.edu", "http://127.0.0.1:3000", "http://localhost:3000", "http://[::1]:3000"] {
        assert!(with(|keys| keys.server.public_url = some(url)).is_ok(), "{url}");
    }
}

#[test]
fn zero_days_are_no_limit() {
    assert_eq!(with(|keys| keys.tokens.max_days = 0).expect("sensible").desk.token_cap_days, None);
}

#[test]
fn numbers_that_would_close_or_open_a_door_are_refused() {
    type Adjust = fn(&mut Sections);
    let refused: [(&str, Adjust); 12] = [
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
        assert!(senseless(adjust).split(": ").next().is_some_and(|keys| keys.contains(key)), "{key}");
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
    assert!(senseless(|keys| keys.store.password = Some(HiddenText::new("hunter2".to_owned()))).contains("both or neither"));
}

/// A proxy that says who is there.
fn vouching(keys: &mut Sections) {
    keys.proxy.trusted = list(&["192.0.2.1/32"]);
    keys.proxy.user_header = some("Remote-User");
    keys.groups.privileged = list(&["*"]);
}

#[test]
fn a_proxy_that_says_who_is_there_is_configured_whole_or_not_at_all() {
    assert!(with(vouching).is_ok());
    assert!(senseless(|keys| keys.proxy.user_header = some("Remote-User")).contains("proxy.trusted"));
    assert!(senseless(|keys| keys.proxy.name_header = some("Remote-Name")).contains("proxy.user_header"));
    assert!(senseless(|keys| keys.proxy.user_header = some("Remote User")).contains("not the name of a header"));
    for name in ["Cookie", "User-Agent", "Origin", "Referer", "Host", "X-Forwarded-For", "Authorization", "Latchkey-Proxy-Secret", "Accept"]
    {
        let clients = |keys: &mut Sections| {
            vouching(keys);
            keys.proxy.user_header = some(name);
        };
        assert!(senseless(clients).starts_with("proxy.user_header: "), "{name}");
    }
    let twice = |keys: &mut Sections| {
        vouching(keys);
        keys.proxy.groups_header = some("Remote-User");
    };
    assert!(senseless(twice).contains("name another"));
    let groups = |keys: &mut Sections| {
        vouching(keys);
        keys.groups.privileged = list(&["staff"]);
    };
    assert!(senseless(groups).contains("proxy.groups_header"), "a restriction that nothing can fill must not open the door");
    let filled = |keys: &mut Sections| {
        groups(keys);
        keys.proxy.groups_header = some("Remote-Groups");
    };
    assert!(with(filled).is_ok());
    let self_service = |keys: &mut Sections| {
        vouching(keys);
        keys.people.first_password = FirstPassword::SelfService;
    };
    assert!(senseless(self_service).starts_with("people.first_password: "));
    for url in ["http://idp.example.edu/", "//idp.example.edu/", "javascript:alert(1)"] {
        assert!(senseless(|keys| keys.proxy.log_out_url = some(url)).starts_with("proxy.log_out_url: "), "{url}");
    }
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

#[test]
fn a_directory_is_configured_whole() {
    assert!(with(ldap).is_ok());
    assert!(senseless_ldap(|keys| keys.ldap.base = None).contains("say where people are"));
    assert!(senseless_ldap(|keys| keys.ldap.urls = Vec::new()).starts_with("ldap.base: "));
    let group_base = senseless(|keys| keys.ldap.group_base = some("ou=groups,dc=example,dc=edu"));
    assert!(group_base.starts_with("ldap.group_base: ") && group_base.contains("ldap.urls"), "{group_base}");
    let ca_file = senseless(|keys| keys.ldap.ca_file = Some("/etc/ssl/certs/campus-ca.pem".into()));
    assert!(ca_file.starts_with("ldap.ca_file: ") && ca_file.contains("ldap.urls"), "{ca_file}");
    assert!(senseless_ldap(|keys| keys.ldap.bind_dn = some("cn=x")).contains("both or neither"));
    for filter in ["(uid=nora)", "uid={netid}", "(uid={netid}", "(&(uid={netid})"] {
        assert!(senseless_ldap(|keys| keys.ldap.filter = some(filter)).starts_with("ldap.filter: "), "{filter}");
    }
    for name in ["uid)(x", "", " "] {
        let error = senseless_ldap(|keys| keys.ldap.netid_attribute = name.to_owned());
        assert!(error.starts_with("ldap.netid_attribute: "), "{name}");
    }
    assert!(senseless_ldap(|keys| keys.ldap.connections = 1).contains("2 connections or more"));
    assert!(senseless_ldap(|keys| keys.ldap.timeout_seconds = 11).contains("1 to 10 seconds"));
    assert!(senseless_ldap(|keys| keys.ldap.max_disable = "many".to_owned()).starts_with("ldap.max_disable: "));
}

#[test]
fn passwords_do_not_go_over_the_network_in_the_clear() {
    let plain = |url: &str| {
        with_ldap(|keys| {
            keys.ldap.urls = list(&[url]);
            keys.ldap.starttls = false;
        })
    };
    assert!(plain("ldap://ldap.example.edu").expect_err("clear").to_string().starts_with("ldap.starttls: "));
    for here in ["ldap://127.0.0.1:389", "ldap://localhost", "ldap://[::1]", "ldaps://ldap.example.edu"] {
        assert!(plain(here).is_ok(), "{here}");
    }
    for wrong in
        ["ldap.example.edu", "https://ldap.example.edu", "ldap://", "ldap://ldap.example.edu/dc=example", "ldap://me@ldap.example.edu"]
    {
        assert!(senseless_ldap(|keys| keys.ldap.urls = list(&[wrong])).starts_with("ldap.urls: "), "{wrong}");
    }
}

#[test]
fn a_group_named_by_a_word_needs_a_base_it_is_below() {
    let by = |group: &'static str, base: Option<&'static str>| {
        move |keys: &mut Sections| {
            keys.ldap.group_attribute = some("memberOf");
            keys.ldap.group_base = base.map(str::to_owned);
            keys.groups.admin = list(&[group]);
        }
    };
    assert!(senseless_ldap(by("admins", None)).starts_with("ldap.group_base: "), "a group of that name elsewhere must not give a role");
    assert!(with_ldap(by("admins", Some("ou=groups,dc=example,dc=edu"))).is_ok());
    assert!(with_ldap(by("cn=admins,ou=groups,dc=example,dc=edu", None)).is_ok());
    assert!(senseless_ldap(|keys| keys.groups.admin = list(&["admins"])).contains("nothing says who is in them"));
}

#[test]
fn everybody_is_meant_where_it_is_said_and_never_for_a_role() {
    let brought: [fn(&mut Sections); 3] = [ldap, vouching, provider];
    for bring in brought {
        let silent = |keys: &mut Sections| {
            bring(keys);
            keys.groups.privileged = Vec::new();
        };
        let error = senseless(silent);
        assert!(error.starts_with("groups.privileged: ") && error.contains("[\"*\"]"), "{error}");
        assert!(with(bring).expect("sensible").desk.groups.privileged.is_empty(), "no group is asked for");
    }
    assert!(senseless_ldap(|keys| keys.groups.privileged = list(&["*", "staff"])).contains("alone"));
    for role in ["rep", "help_desk", "admin"] {
        let error = senseless_ldap(|keys| match role {
            "rep" => keys.groups.rep = list(&["*"]),
            "help_desk" => keys.groups.help_desk = list(&["*"]),
            _ => keys.groups.admin = list(&["*"]),
        });
        assert!(error.starts_with(&format!("groups.{role}: ")), "{error}");
    }
}

#[test]
fn groups_are_said_by_one_alone() {
    let two = |keys: &mut Sections| {
        keys.ldap.group_base = some("ou=groups,dc=example,dc=edu");
        provider(keys);
        keys.oidc.groups_claim = some("groups");
    };
    assert!(senseless_ldap(two).contains("said by more than one"));
    let one = |keys: &mut Sections| {
        two(keys);
        keys.oidc.groups_claim = None;
    };
    assert!(with_ldap(one).is_ok());
}

fn provider(keys: &mut Sections) {
    keys.oidc.issuer = some("https://login.example.edu");
    keys.oidc.client_id = some("latchkey");
    keys.server.public_url = some("https://latchkey.example.edu");
    keys.groups.privileged = list(&["*"]);
}

#[test]
fn an_openid_provider_is_configured_whole_and_by_https() {
    let issued_by = |issuer: &str| {
        with(|keys| {
            provider(keys);
            keys.oidc.issuer = some(issuer);
        })
    };
    assert!(with(provider).is_ok() && issued_by("http://localhost:8080").is_ok());
    for wrong in ["http://login.example.edu", "login.example.edu"] {
        assert!(issued_by(wrong).expect_err("clear").to_string().starts_with("oidc.issuer: "), "{wrong}");
    }
    let without = |adjust: fn(&mut Sections)| {
        senseless(|keys| {
            provider(keys);
            adjust(keys);
        })
    };
    assert!(without(|keys| keys.server.public_url = None).starts_with("server.public_url: "));
    assert!(without(|keys| keys.oidc.client_id = None).starts_with("oidc.client_id: "));
    assert!(without(|keys| keys.oidc.issuer = None).contains("oidc.issuer too"));
    assert!(senseless(|keys| keys.oidc.name = some("Campus Login")).starts_with("oidc.name: "));
}

#[test]
fn proxies_are_named_one_by_one() {
    let trusted = |text: &str| with(|keys| keys.proxy.trusted = list(&[text]));
    for good in ["127.0.0.1", "127.0.0.1/32", "::1", "192.0.2.0/24", "2001:db8::/48", "fe80::1%eth0"] {
        assert!(trusted(good).is_ok(), "{good}");
    }
    for wide in ["0.0.0.0/0", "::/0", "campus", "0.0.0.0/1", "127.0.0.1%lo"] {
        let error = trusted(wide).expect_err("too wide").to_string();
        assert!(error.starts_with("proxy.trusted: ") && error.contains(wide), "{error}");
    }
}

#[test]
fn a_proxys_secret_is_long_and_belongs_to_its_header() {
    let secret = |keys: &mut Sections, text: &str| keys.proxy.secret = Some(HiddenText::new(text.repeat(8)));
    assert!(
        with(|keys| {
            vouching(keys);
            secret(keys, "0123");
        })
        .expect("sensible")
        .proxy_secret
        .is_some()
    );
    let short = senseless(|keys| {
        vouching(keys);
        secret(keys, "abc");
    });
    assert!(short.starts_with("proxy.secret: ") && !short.contains("abc"), "{short}");
    assert!(senseless(|keys| secret(keys, "0123")).contains("proxy.user_header"));
}

#[test]
fn a_short_scim_token_is_refused_and_not_repeated() {
    let error = senseless(|keys| keys.scim.token = Some(HiddenText::new("hunter2".to_owned())));
    assert!(error.starts_with("scim.token: ") && !error.contains("hunter2"), "{error}");
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
fn what_is_shown_can_be_written_down_again() {
    let shown = with_ldap(|keys| {
        keys.ldap.group_base = some("ou=groups,dc=example,dc=edu");
        keys.ldap.sync_minutes = 0;
    });
    let shown = shown.expect("sensible").to_toml();
    assert!(shown.contains("\nsync_minutes = 0\n") && shown.contains("\nurls = [\"ldaps://ldap.example.edu\"]\n"), "{shown}");
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
    let base = names::all().into_iter().find(|key| key.path() == "ldap.bind_password").expect("a key");
    places.note(&base, "latchkey.toml:7");
    places.note(&base, "LATCHKEY_LDAP_BIND_PASSWORD");
    let error = senseless_ldap(|keys| keys.ldap.bind_password = Some(HiddenText::new("hunter2".to_owned())));
    assert!(error.starts_with("ldap.bind_dn, ldap.bind_password: "), "{error}");
    let error = with_ldap(|keys| keys.ldap.bind_password = Some(HiddenText::new("hunter2".to_owned()))).expect_err("half").at(&places);
    assert!(error.to_string().starts_with("latchkey.toml:7: ldap.bind_dn, ldap.bind_password: "), "{error}");
}

#[test]
fn whoever_hears_of_no_leavers_is_told() {
    let told = |adjust: fn(&mut Sections)| {
        let hazards = with(adjust).expect("sensible").hazards();
        hazards.iter().any(|hazard| hazard.contains("tokens.needs_log_in_days"))
    };
    assert!(told(vouching) && told(provider));
    assert!(!told(|_| {}) && !told(ldap));
    let one_of_these: [fn(&mut Sections); 3] = [
        |keys| {
            provider(keys);
            keys.tokens.needs_log_in_days = 90;
        },
        |keys| {
            provider(keys);
            keys.scim.token = Some(HiddenText::new("0123456789abcdef".repeat(2)));
        },
        |keys| {
            provider(keys);
            ldap(keys);
        },
    ];
    for adjust in one_of_these {
        assert!(!told(adjust));
    }
}

#[test]
fn what_an_identity_system_may_do_is_said_as_a_share_or_a_number() {
    for good in ["5%", "0", "100%", "12"] {
        assert!(with(|keys| keys.scim.max_leavers_per_hour = good.to_owned()).is_ok(), "{good}");
    }
    for wrong in ["", "many", "101%", "-1"] {
        let error = senseless(|keys| keys.scim.max_leavers_per_hour = wrong.to_owned());
        assert!(error.starts_with("scim.max_leavers_per_hour: "), "{error}");
    }
}

#[test]
fn reserved_names_are_names_or_none() {
    assert!(with(|keys| keys.people.reserved_netids = Vec::new()).is_ok());
    let error = senseless(|keys| keys.people.reserved_netids = list(&["no name"]));
    assert!(error.starts_with("people.reserved_netids: "), "{error}");
    let default = Configuration::from_sections(Sections::default()).expect("sensible").desk;
    let own = desk::Settings::default();
    assert_eq!(default.reserved_netids, own.reserved_netids, "the desk's own");
    assert_eq!(
        (default.directory_tries, default.directory_quiet_minutes, default.sessions_per_user, default.scim_max_leavers_per_hour),
        (own.directory_tries, own.directory_quiet_minutes, own.sessions_per_user, own.scim_max_leavers_per_hour)
    );
}
