//! What `--demo` goes with: everybody knows its accounts' passwords, so that nobody but whoever sits at this machine may reach it,
//! and nobody real is in it. That its store is one of its own kind, the desk sees to. Tests: here, and
//! `server/tests/server/command_line/demo.rs`.

use crate::config::{ConfigError, Configuration};

/// The configuration of a demo.
///
/// # Errors
/// [`ConfigError::Senseless`] where it would be reached from elsewhere, or would have real people in it.
pub(super) fn demo(mut configuration: Configuration) -> Result<Configuration, ConfigError> {
    let directories = &configuration.directories;
    let public = "a demo is for this machine alone, since everybody knows its accounts’ passwords";
    let people = "there are no people in a demo but its own";
    let refused = [
        (!configuration.listen.ip().is_loopback(), "listen", public),
        (configuration.public_url.is_some(), "public_url", public),
        (!configuration.trusted_proxies.is_empty(), "trusted_proxies", public),
        (configuration.remote.is_some(), "remote_user_header", people),
        (directories.ldap.is_some(), "ldap_urls", people),
        (directories.oidc.is_some(), "oidc_issuer", people),
        (directories.scim_token.is_some(), "scim_token", people),
    ];
    if let Some((_, key, why)) = refused.into_iter().find(|(is_set, ..)| *is_set) {
        let what = format!("{why}. Leave it out, or --demo.");
        return Err(ConfigError::Senseless { key, what });
    }
    configuration.desk.demo = true;
    Ok(configuration)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Keys;

    fn refused(keys: Keys) -> Option<&'static str> {
        let configuration = Configuration::from_keys(keys).expect("it makes sense");
        match demo(configuration) {
            Ok(configuration) => {
                assert!(configuration.desk.demo);
                None
            }
            Err(ConfigError::Senseless { key, .. }) => Some(key),
            Err(other) => panic!("{other}"),
        }
    }

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn a_demo_is_of_this_machine_and_of_its_own_people() {
        assert_eq!(refused(Keys::default()), None);
        for address in ["127.0.0.1:4000", "[::1]:0", "127.9.9.9:1"] {
            assert_eq!(refused(Keys { listen: address.parse().ok(), ..Keys::default() }), None, "{address}");
        }
        for address in ["0.0.0.0:3000", "[::]:3000", "192.0.2.1:3000"] {
            assert_eq!(refused(Keys { listen: address.parse().ok(), ..Keys::default() }), Some("listen"), "{address}");
        }
        assert_eq!(refused(Keys { public_url: text("http://127.0.0.1:3000"), ..Keys::default() }), Some("public_url"));
        let proxies = || Some(vec!["127.0.0.1/32".parse().expect("a network")]);
        assert_eq!(refused(Keys { trusted_proxies: proxies(), ..Keys::default() }), Some("trusted_proxies"));
    }
}
