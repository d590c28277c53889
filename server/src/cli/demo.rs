//! What `--demo` goes with: everybody knows its accounts' passwords, so that nobody but whoever
//! sits at this machine may reach it, and nobody real is in it. That its store is one of its own
//! kind, the desk sees to. Tests: here, and `server/tests/server/command_line/demo.rs`.

use url::{Host, Url};

use crate::config::{ConfigError, Configuration};

/// Whether it is listened on this machine alone, and not for a proxy, who would bring anybody.
fn is_here(configuration: &Configuration) -> bool {
    let listen = &configuration.sections.server.listen;
    listen.is_local() && listen.socket().is_none()
}

/// Whether what people open is of this machine alone: mail leads there.
fn leads_elsewhere(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() != "http" || !is_here
}

/// The configuration of a demo.
///
/// # Errors
/// [`ConfigError::Senseless`] where it would be reached from elsewhere, or would have real people
/// in it.
pub(super) fn demo(mut configuration: Configuration) -> Result<Configuration, ConfigError> {
    check(&configuration)?;
    configuration.desk.demo = true;
    Ok(configuration)
}

/// Whether it is a demo's.
///
/// # Errors
/// As [`demo`].
pub(super) fn check(configuration: &Configuration) -> Result<(), ConfigError> {
    let directories = &configuration.directories;
    let public = "a demo is for this machine alone, since everybody knows its accounts’ passwords";
    let people = "there are no people in a demo but its own";
    let refused = [
        (!is_here(configuration), "server.listen", public),
        (
            configuration.public_url.as_ref().is_some_and(leads_elsewhere),
            "server.public_url",
            public,
        ),
        (!configuration.trusted_proxies.is_empty(), "proxy.trusted", public),
        (configuration.remote.is_some(), "proxy.user_header", people),
        (directories.ldap.is_some(), "ldap.urls", people),
        (directories.oidc.is_some(), "oidc.issuer", people),
        (directories.scim_token.is_some(), "scim.token", people),
    ];
    if let Some((_, key, why)) = refused.into_iter().find(|(is_set, ..)| *is_set) {
        let what = format!("{why}. Leave it out, or --demo.");
        return Err(configuration.located(ConfigError::senseless(key, what)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sections;

    fn refused(adjust: impl FnOnce(&mut Sections)) -> Option<String> {
        let mut sections = Sections::default();
        adjust(&mut sections);
        match demo(Configuration::from_sections(sections).expect("it makes sense")) {
            Ok(configuration) => {
                assert!(configuration.desk.demo);
                None
            }
            Err(ConfigError::Senseless { key, .. }) => Some(key.into_owned()),
            Err(other) => panic!("{other}"),
        }
    }

    type Adjust = fn(&mut Sections);

    #[test]
    fn a_demo_is_of_this_machine_and_of_its_own_people() {
        assert_eq!(refused(|_| {}), None);
        for address in ["127.0.0.1:4000", "[::1]:0", "127.9.9.9:1"] {
            assert_eq!(
                refused(|keys| keys.server.listen = address.parse().expect("an address")),
                None,
                "{address}"
            );
        }
        for url in ["http://127.0.0.1:3000", "http://[::1]:3000", "http://localhost:3000"] {
            let key = refused(|keys| keys.server.public_url = Some(url.to_owned()));
            assert_eq!(key, None, "{url}");
        }
        for url in ["http://192.0.2.1", "http://localhost.example.edu", "https://localhost"] {
            assert!(leads_elsewhere(&url.parse().expect("an address")), "{url}");
        }
        for address in ["0.0.0.0:3000", "[::]:3000", "192.0.2.1:3000", "unix:/run/x.sock"] {
            let key = refused(|keys| keys.server.listen = address.parse().expect("an address"));
            assert_eq!(key.as_deref(), Some("server.listen"), "{address}");
        }
        let keys: [(&str, Adjust); 6] = [
            ("server.public_url", |keys| {
                keys.server.public_url = Some("https://127.0.0.1:3000".to_owned());
            }),
            ("proxy.trusted", |keys| keys.proxy.trusted = vec!["127.0.0.1".to_owned()]),
            ("proxy.trusted", |keys| {
                keys.proxy.trusted = vec!["127.0.0.1".to_owned()];
                keys.proxy.user_header = Some("Remote-User".to_owned());
                keys.groups.privileged = vec!["*".to_owned()];
            }),
            ("ldap.urls", |keys| {
                keys.ldap.urls = vec!["ldaps://ldap.example.edu".to_owned()];
                keys.ldap.base = Some("dc=example,dc=edu".to_owned());
                keys.groups.privileged = vec!["*".to_owned()];
            }),
            ("server.public_url", |keys| {
                keys.server.public_url = Some("https://latchkey.example.edu".to_owned());
                keys.oidc.issuer = Some("https://login.example.edu".to_owned());
                keys.oidc.client_id = Some("latchkey".to_owned());
                keys.groups.privileged = vec!["*".to_owned()];
            }),
            ("scim.token", |keys| {
                keys.scim.token =
                    Some(crate::config::HiddenText::new("0123456789abcdef".repeat(2)));
            }),
        ];
        for (key, adjust) in keys {
            assert_eq!(refused(adjust).as_deref(), Some(key));
        }
    }
}
