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
    let keys =
        Keys { store_user: Some("desk".to_owned()), store_password: Some(HiddenText::new("hunter2".to_owned())), ..Keys::default() };
    let result = Configuration::from_keys(keys).expect("sensible");
    assert!(result.to_toml().contains("store_password = \"********\""));
    assert!(!format!("{result:?}{}{}", result.to_toml(), result.to_json()).contains("hunter2"));
}

#[test]
fn a_store_password_without_its_user_is_refused() {
    assert!(
        senseless(Keys { store_password: Some(HiddenText::new("hunter2".to_owned())), ..Keys::default() }).contains("both or neither")
    );
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
