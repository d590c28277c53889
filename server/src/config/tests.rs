//! What outweighs what, and which values make no sense.

use super::*;

fn senseless(keys: Keys) -> String {
    Configuration::from_keys(keys).expect_err("senseless").to_string()
}

#[test]
fn what_is_given_outweighs_what_is_below() {
    let flags = Keys { node: Some("flag".to_owned()), ..Keys::default() };
    let file = Keys { node: Some("file".to_owned()), session_hours: Some(4), ..Keys::default() };
    let result = Configuration::from_keys(flags.or(file)).expect("sensible");
    assert_eq!((result.desk.node.as_str(), result.desk.session_hours, result.desk.session_idle_minutes), ("flag", 4, 30));
}

#[test]
fn a_store_of_no_known_kind_is_refused() {
    for store in ["", "data", "surrealkv://data", "http://127.0.0.1:8000"] {
        assert!(senseless(Keys { store: Some(store.to_owned()), ..Keys::default() }).starts_with("store: "), "{store}");
    }
}

#[test]
fn a_password_in_the_stores_address_is_refused_and_not_repeated() {
    let error = senseless(Keys { store: Some("ws://root:hunter2@db:8000".to_owned()), ..Keys::default() });
    assert!(error.contains("store_password") && !error.contains("hunter2"), "{error}");
}

#[test]
fn a_public_url_is_an_origin() {
    for url in ["latchkey.example.edu", "ftp://latchkey.example.edu", "https://latchkey.example.edu/desk", "https://"] {
        assert!(senseless(Keys { public_url: Some(url.to_owned()), ..Keys::default() }).starts_with("public_url: "), "{url}");
    }
}

#[test]
fn zero_days_are_no_limit() {
    let result = Configuration::from_keys(Keys { token_max_days: Some(0), ..Keys::default() }).expect("sensible");
    assert_eq!(result.desk.token_cap_days, None);
}

#[test]
fn secrets_are_masked() {
    let keys = Keys { store_user: Some("desk".to_owned()), store_password: Some(HiddenText::new("hunter2".to_owned())), ..Keys::default() };
    let result = Configuration::from_keys(keys).expect("sensible");
    assert!(result.to_toml().contains("store_password = \"********\""));
    assert!(!format!("{result:?}{}{}", result.to_toml(), result.to_json()).contains("hunter2"));
}

#[test]
fn a_store_password_without_its_user_is_refused() {
    assert!(senseless(Keys { store_password: Some(HiddenText::new("hunter2".to_owned())), ..Keys::default() }).contains("both or neither"));
}

#[test]
fn a_proxy_that_says_who_is_there_is_configured_whole_or_not_at_all() {
    let proxies = || Some(vec!["192.0.2.1/32".parse().expect("a network")]);
    let name = |name: &str| Some(name.to_owned());
    assert!(senseless(Keys { remote_user_header: name("Remote-User"), ..Keys::default() }).contains("trusted_proxies"));
    assert!(senseless(Keys { remote_name_header: name("Remote-Name"), ..Keys::default() }).contains("remote_user_header"));
    assert!(senseless(Keys { remote_user_header: name("Remote User"), ..Keys::default() }).contains("not the name of a header"));
    let with = || Keys { remote_user_header: name("Remote-User"), trusted_proxies: proxies(), ..Keys::default() };
    assert!(Configuration::from_keys(with()).is_ok());
    let groups = Keys { privileged_groups: Some(vec!["staff".to_owned()]), ..with() };
    assert!(senseless(groups.clone()).contains("remote_groups_header"), "a restriction that nothing can fill must not open the door");
    assert!(Configuration::from_keys(Keys { remote_groups_header: name("Remote-Groups"), ..groups }).is_ok());
    assert!(senseless(Keys { first_password: Some(FirstPassword::SelfService), ..with() }).contains("first_password"));
    for url in ["http://idp.example.edu/", "//idp.example.edu/", "javascript:alert(1)"] {
        assert!(senseless(Keys { log_out_url: name(url), ..with() }).contains("log_out_url"), "{url}");
    }
}

fn ldap() -> Keys {
    Keys {
        ldap_urls: Some(vec!["ldaps://ldap.example.edu".to_owned()]),
        ldap_base: Some("ou=people,dc=example,dc=edu".to_owned()),
        ..Keys::default()
    }
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn a_directory_is_configured_whole() {
    assert!(Configuration::from_keys(ldap()).is_ok());
    assert!(senseless(Keys { ldap_base: None, ..ldap() }).contains("say where people are"));
    assert!(senseless(Keys { ldap_urls: None, ..ldap() }).starts_with("ldap_base: "));
    let group_base = Keys { ldap_group_base: text("ou=groups,dc=example,dc=edu"), ..Keys::default() };
    let ca_file = Keys { ldap_ca_file: Some("/etc/ssl/certs/campus-ca.pem".into()), ..Keys::default() };
    for (key, alone) in [("ldap_group_base", group_base), ("ldap_ca_file", ca_file)] {
        let error = senseless(alone);
        assert!(error.starts_with(&format!("{key}: ")) && error.contains("ldap_urls"), "{error}");
    }
    assert!(senseless(Keys { ldap_bind_dn: text("cn=x"), ..ldap() }).contains("both or neither"));
    for filter in ["(uid=nora)", "uid={netid}", "(uid={netid}", "(&(uid={netid})"] {
        assert!(senseless(Keys { ldap_filter: text(filter), ..ldap() }).starts_with("ldap_filter: "), "{filter}");
    }
    assert!(senseless(Keys { ldap_netid_attribute: text("uid)(x"), ..ldap() }).starts_with("ldap_netid_attribute: "));
    assert!(senseless(Keys { ldap_connections: Some(1), ..ldap() }).contains("2 connections or more"));
    assert!(senseless(Keys { ldap_timeout_seconds: Some(11), ..ldap() }).contains("1 to 10 seconds"));
    assert!(senseless(Keys { directory_max_disable: text("many"), ..ldap() }).starts_with("directory_max_disable: "));
}

#[test]
fn passwords_do_not_go_over_the_network_in_the_clear() {
    let plain = |url: &str| Keys { ldap_urls: Some(vec![url.to_owned()]), ldap_starttls: Some(false), ..ldap() };
    assert!(senseless(plain("ldap://ldap.example.edu")).starts_with("ldap_starttls: "));
    for here in ["ldap://127.0.0.1:389", "ldap://localhost", "ldaps://ldap.example.edu"] {
        assert!(Configuration::from_keys(plain(here)).is_ok(), "{here}");
    }
    for wrong in
        ["ldap.example.edu", "https://ldap.example.edu", "ldap://", "ldap://ldap.example.edu/dc=example", "ldap://me@ldap.example.edu"]
    {
        assert!(senseless(Keys { ldap_urls: Some(vec![wrong.to_owned()]), ..ldap() }).starts_with("ldap_urls: "), "{wrong}");
    }
}

#[test]
fn a_group_named_by_a_word_needs_a_base_it_is_below() {
    let by = |group: &str, base: Option<&str>| Keys {
        ldap_group_attribute: text("memberOf"),
        ldap_group_base: base.map(str::to_owned),
        admin_groups: Some(vec![group.to_owned()]),
        ..ldap()
    };
    assert!(senseless(by("admins", None)).starts_with("ldap_group_base: "), "a group of that name elsewhere must not give a role");
    assert!(Configuration::from_keys(by("admins", Some("ou=groups,dc=example,dc=edu"))).is_ok());
    assert!(Configuration::from_keys(by("cn=admins,ou=groups,dc=example,dc=edu", None)).is_ok());
    let nobody_says = Keys { admin_groups: Some(vec!["admins".to_owned()]), ..ldap() };
    assert!(senseless(nobody_says).contains("nothing says who is in them"));
}

#[test]
fn groups_are_said_by_one_alone() {
    let two = Keys {
        ldap_group_base: text("ou=groups,dc=example,dc=edu"),
        oidc_issuer: text("https://login.example.edu"),
        oidc_client_id: text("latchkey"),
        oidc_groups_claim: text("groups"),
        public_url: text("https://latchkey.example.edu"),
        ..ldap()
    };
    assert!(senseless(two.clone()).contains("said by more than one"));
    assert!(Configuration::from_keys(Keys { oidc_groups_claim: None, ..two }).is_ok());
}

#[test]
fn an_openid_provider_is_configured_whole_and_by_https() {
    let with = |issuer: &str| Keys {
        oidc_issuer: text(issuer),
        oidc_client_id: text("latchkey"),
        public_url: text("https://latchkey.example.edu"),
        ..Keys::default()
    };
    assert!(Configuration::from_keys(with("https://login.example.edu")).is_ok());
    assert!(Configuration::from_keys(with("http://localhost:8080")).is_ok());
    for wrong in ["http://login.example.edu", "login.example.edu"] {
        assert!(senseless(with(wrong)).starts_with("oidc_issuer: "), "{wrong}");
    }
    assert!(senseless(Keys { public_url: None, ..with("https://login.example.edu") }).starts_with("public_url: "));
    assert!(senseless(Keys { oidc_client_id: None, ..with("https://login.example.edu") }).starts_with("oidc_client_id: "));
    assert!(senseless(Keys { oidc_issuer: None, ..with("x") }).contains("oidc_issuer too"));
    assert!(senseless(Keys { oidc_name: text("Campus Login"), ..Keys::default() }).starts_with("oidc_name: "));
}

#[test]
fn a_short_scim_token_is_refused_and_not_repeated() {
    let error = senseless(Keys { scim_token: Some(HiddenText::new("hunter2".to_owned())), ..Keys::default() });
    assert!(error.starts_with("scim_token: ") && !error.contains("hunter2"), "{error}");
}

#[test]
fn a_short_audit_key_is_refused_and_a_good_one_is_never_shown() {
    let with = |key: &str| Keys { audit_key: Some(HiddenText::new(key.to_owned())), ..Keys::default() };
    let error = senseless(with("hunter2"));
    assert!(error.starts_with("audit_key: ") && !error.contains("hunter2"), "{error}");
    let good = "0123456789abcdef".repeat(4);
    let configuration = Configuration::from_keys(with(&good)).expect("a configuration");
    assert!(configuration.desk.audit_key.is_some());
    let shown = configuration.to_toml() + &configuration.to_json();
    assert!(shown.contains("audit_key") && !shown.contains(&good), "{shown}");
    assert!(Configuration::from_keys(with("")).expect("a configuration").desk.audit_key.is_none(), "empty: none");
}

#[test]
fn what_is_shown_of_directories_can_be_written_down_again() {
    let keys = Keys { ldap_group_base: text("ou=groups,dc=example,dc=edu"), directory_sync_minutes: Some(0), ..ldap() };
    let shown = Configuration::from_keys(keys).expect("sensible").to_toml();
    assert!(shown.contains("ldap_filter = \"(uid={netid})\"\n") && shown.contains("directory_sync_minutes = 0\n"), "{shown}");
    let again = Configuration::from_keys(toml::from_str(&shown).expect("TOML")).expect("sensible");
    assert_eq!(again.to_toml(), shown);
}
