//! Whose word is taken for who people are: proxies, LDAP, SCIM, groups.

use super::*;

#[test]
fn a_proxy_that_says_who_is_there_is_configured_whole_or_not_at_all() {
    assert!(with(vouching).is_ok());
    assert!(
        senseless(|keys| keys.proxy.user_header = some("Remote-User")).contains("proxy.trusted")
    );
    assert!(
        senseless(|keys| keys.proxy.name_header = some("Remote-Name"))
            .contains("proxy.user_header")
    );
    assert!(
        senseless(|keys| keys.proxy.user_header = some("Remote User"))
            .contains("not the name of a header")
    );
    for name in [
        "Cookie",
        "User-Agent",
        "Origin",
        "Referer",
        "Host",
        "X-Forwarded-For",
        "Authorization",
        "Latchkey-Proxy-Secret",
        "Accept",
    ] {
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
    assert!(
        senseless(groups).contains("proxy.groups_header"),
        "a restriction that nothing can fill must not open the door"
    );
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
        assert!(
            senseless(|keys| keys.proxy.log_out_url = some(url)).starts_with("proxy.log_out_url: "),
            "{url}"
        );
    }
}

#[test]
fn a_directory_is_configured_whole() {
    assert!(with(ldap).is_ok());
    assert!(senseless_ldap(|keys| keys.ldap.base = None).contains("say where people are"));
    assert!(senseless_ldap(|keys| keys.ldap.urls = Vec::new()).starts_with("ldap.base: "));
    let group_base = senseless(|keys| keys.ldap.group_base = some("ou=groups,dc=example,dc=edu"));
    assert!(
        group_base.starts_with("ldap.group_base: ") && group_base.contains("ldap.urls"),
        "{group_base}"
    );
    let ca_file = senseless(|keys| keys.ldap.ca_file = Some("/etc/ssl/certs/campus-ca.pem".into()));
    assert!(ca_file.starts_with("ldap.ca_file: ") && ca_file.contains("ldap.urls"), "{ca_file}");
    assert!(senseless_ldap(|keys| keys.ldap.bind_dn = some("cn=x")).contains("both or neither"));
    for filter in ["(uid=nora)", "uid={netid}", "(uid={netid}", "(&(uid={netid})"] {
        assert!(
            senseless_ldap(|keys| keys.ldap.filter = some(filter)).starts_with("ldap.filter: "),
            "{filter}"
        );
    }
    for name in ["uid)(x", "", " "] {
        let error = senseless_ldap(|keys| keys.ldap.netid_attribute = name.to_owned());
        assert!(error.starts_with("ldap.netid_attribute: "), "{name}");
    }
    assert!(senseless_ldap(|keys| keys.ldap.connections = 1).contains("2 connections or more"));
    assert!(senseless_ldap(|keys| keys.ldap.timeout_seconds = 11).contains("1 to 10 seconds"));
    assert!(
        senseless_ldap(|keys| keys.ldap.max_disable = "many".to_owned())
            .starts_with("ldap.max_disable: ")
    );
}

#[test]
fn passwords_do_not_go_over_the_network_in_the_clear() {
    let plain = |url: &str| {
        with_ldap(|keys| {
            keys.ldap.urls = list(&[url]);
            keys.ldap.starttls = false;
        })
    };
    assert!(
        plain("ldap://ldap.example.edu")
            .expect_err("clear")
            .to_string()
            .starts_with("ldap.starttls: ")
    );
    for context in
        ["ldap://127.0.0.1:389", "ldap://localhost", "ldap://[::1]", "ldaps://ldap.example.edu"]
    {
        assert!(plain(context).is_ok(), "{context}");
    }
    for wrong in [
        "ldap.example.edu",
        "https://ldap.example.edu",
        "ldap://",
        "ldap://ldap.example.edu/dc=example",
        "ldap://me@ldap.example.edu",
    ] {
        assert!(
            senseless_ldap(|keys| keys.ldap.urls = list(&[wrong])).starts_with("ldap.urls: "),
            "{wrong}"
        );
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
    assert!(
        senseless_ldap(by("admins", None)).starts_with("ldap.group_base: "),
        "a group of that name elsewhere must not give a role"
    );
    assert!(with_ldap(by("admins", Some("ou=groups,dc=example,dc=edu"))).is_ok());
    assert!(with_ldap(by("cn=admins,ou=groups,dc=example,dc=edu", None)).is_ok());
    assert!(
        senseless_ldap(|keys| keys.groups.admin = list(&["admins"]))
            .contains("nothing says who is in them")
    );
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
        assert!(
            with(bring).expect("sensible").desk.groups.privileged.is_empty(),
            "no group is asked for"
        );
    }
    assert!(
        senseless_ldap(|keys| keys.groups.privileged = list(&["*", "staff"])).contains("alone")
    );
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
    assert!(senseless_ldap(two).contains("more than one of these says"));
    let one = |keys: &mut Sections| {
        two(keys);
        keys.oidc.groups_claim = None;
    };
    assert!(with_ldap(one).is_ok());
}

#[test]
fn proxies_are_named_one_by_one() {
    let trusted = |text: &str| with(|keys| keys.proxy.trusted = list(&[text]));
    for good in
        ["127.0.0.1", "127.0.0.1/32", "::1", "192.0.2.0/24", "2001:db8::/48", "fe80::1%eth0"]
    {
        assert!(trusted(good).is_ok(), "{good}");
    }
    for wide in ["0.0.0.0/0", "::/0", "campus", "0.0.0.0/1", "127.0.0.1%lo"] {
        let error = trusted(wide).expect_err("too wide").to_string();
        assert!(error.starts_with("proxy.trusted: ") && error.contains(wide), "{error}");
    }
}

#[test]
fn a_proxys_secret_is_long_and_belongs_to_its_header() {
    let secret =
        |keys: &mut Sections, text: &str| keys.proxy.secret = Some(HiddenText::new(text.repeat(8)));
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
fn whoever_hears_of_no_leavers_is_told() {
    let warned = |adjust: fn(&mut Sections)| {
        let hazards = with(adjust).expect("sensible").hazards();
        hazards.iter().any(|hazard| hazard.contains("tokens.needs_log_in_days"))
    };
    assert!(warned(vouching) && warned(provider));
    assert!(!warned(|_| {}) && !warned(ldap));
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
        assert!(!warned(adjust));
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
}

#[test]
fn the_defaults_of_the_keys_are_those_of_a_desk_of_its_own() {
    let default = Configuration::from_sections(Sections::default()).expect("sensible").desk;
    // In memory there is no disk to hold room on.
    let own = desk::Settings {
        store: default.store.clone(),
        disk_reserve: default.disk_reserve,
        ..desk::Settings::default()
    };
    assert_eq!(format!("{default:?}"), format!("{own:?}"));
}
