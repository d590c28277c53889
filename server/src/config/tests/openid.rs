//! An OpenID provider: whole, by https, and one campus’s alone.

use super::*;

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
        assert!(
            issued_by(wrong).expect_err("clear").to_string().starts_with("oidc.issuer: "),
            "{wrong}"
        );
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
fn an_issuer_is_one_campuss_and_nobody_elses() {
    let issued_by = |issuer: &str| {
        with(|keys| {
            provider(keys);
            keys.oidc.issuer = some(issuer);
        })
    };
    for many in [
        "https://login.microsoftonline.com/common/v2.0",
        "https://login.microsoftonline.com/organizations/v2.0",
        "https://login.microsoftonline.com/Consumers/v2.0/",
        "https://LOGIN.microsoftonline.com/common",
        "https://login.microsoftonline.com/",
        "https://login.microsoftonline.us/organizations/v2.0",
        "https://sts.windows.net/common/",
    ] {
        let error = issued_by(many).expect_err("anybody's").to_string();
        assert!(
            error.starts_with("oidc.issuer: ") && error.contains("TENANT-ID"),
            "{many}: {error}"
        );
    }
    let warned = |configuration: Configuration| {
        configuration.hazards().iter().any(|hazard| hazard.contains("anybody can make an account"))
    };
    for (good, is_anybodys) in [
        ("https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0", false),
        ("https://login.example.edu/common", false),
        ("https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", true),
        ("https://accounts.google.com", true),
    ] {
        assert_eq!(warned(issued_by(good).expect("sensible")), is_anybodys, "{good}");
    }
    let of_campus = with(|keys| {
        provider(keys);
        keys.oidc.issuer = some("https://accounts.google.com");
        keys.oidc.netid_claim = "email".to_owned();
        keys.oidc.netid_domains = list(&["example.edu"]);
    });
    assert!(!warned(of_campus.expect("sensible")));
}

#[test]
fn what_is_left_empty_at_the_provider_is_said() {
    let with_provider = |adjust: fn(&mut Sections)| {
        with(|keys| {
            provider(keys);
            adjust(keys);
        })
    };
    let error = with_provider(|keys| keys.oidc.netid_claim = "email".to_owned())
        .expect_err("nobody is let in")
        .to_string();
    assert!(
        error.starts_with("oidc.netid_domains: ") && error.contains("no address is a NetID"),
        "{error}"
    );
    for empty in ["", "  "] {
        let error = senseless(|keys| {
            provider(keys);
            keys.oidc.client_id = some(empty);
        });
        assert!(error.starts_with("oidc.client_id: "), "{error}");
    }
    let warned = |configuration: Result<Configuration, ConfigError>| {
        configuration
            .expect("sensible")
            .hazards()
            .iter()
            .any(|hazard| hazard.starts_with("oidc.client_secret is empty"))
    };
    assert!(warned(with_provider(
        |keys| keys.oidc.client_secret = Some(HiddenText::new(String::new()))
    )));
    assert!(warned(with_provider(
        |keys| keys.oidc.client_secret = Some(HiddenText::new("  ".to_owned()))
    )));
    assert!(!warned(with_provider(
        |keys| keys.oidc.client_secret = Some(HiddenText::new("s".to_owned()))
    )));
    assert!(
        !warned(with_provider(|keys| keys.oidc.client_secret = None)),
        "a public client may be meant"
    );
}
