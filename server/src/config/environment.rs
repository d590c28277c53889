//! The environment: every key under its variable, and none that looks like a key and is none, since
//! a misspelled `LATCHKEY_LISTN` must not be silently ignored. A variable that is empty, as compose
//! files make them, sets nothing.

use std::ffi::OsStr;

use confique::Layer as _;
use toml::Value;

use super::sections::Given;
use super::value::{self, Form};
use super::{ConfigError, names};

/// The variables that are no keys: the file's path, where `rt import` reads, and what building and
/// testing use.
const OTHERS: [&str; 6] = [
    "LATCHKEY_CONFIG",
    "LATCHKEY_PROFILE",
    "LATCHKEY_RT_DATABASE",
    "LATCHKEY_SITE",
    "LATCHKEY_SITE_DIR",
    "LATCHKEY_TEST_",
];

/// The keys that are set there.
pub(super) fn read() -> Result<Given, ConfigError> {
    check(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))?;
    let mut given = Given::empty();
    for key in names::all() {
        let Some(value) = std::env::var_os(key.variable).filter(|value| says_something(value))
        else {
            continue;
        };
        let wrong = |what: String| ConfigError::Environment {
            what: format!("{} ({}): {what}", key.variable, key.path()),
        };
        let text =
            value.into_string().map_err(|_| wrong("it is no UTF-8: write it anew".to_owned()))?;
        given = value::read(&key, &Value::String(text), Form::Variable)
            .map_err(wrong)?
            .with_fallback(given);
    }
    Ok(given)
}

/// Whether a variable's value is more than blanks.
pub(crate) fn says_something(value: &OsStr) -> bool {
    !value.to_string_lossy().trim().is_empty()
}

/// What of its addresses Kubernetes puts into every pod's environment for each Service: `latchkey`
/// has `LATCHKEY_SERVICE_HOST`, `latchkey-web` has `LATCHKEY_WEB_SERVICE_HOST`.
const SERVICE_HOST: &str = "SERVICE_HOST";

/// Whether it is another of the variables of such a Service, without what those begin with:
/// `SERVICE_PORT`, `SERVICE_PORT_NAME`, `PORT`, `PORT_3000_TCP`, `PORT_3000_TCP_ADDR`.
fn is_of_a_service(rest: &str) -> bool {
    if rest == SERVICE_HOST || rest == "SERVICE_PORT" || rest.starts_with("SERVICE_PORT_") {
        return true;
    }
    let is_number =
        |port: &str| !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit());
    match rest.split('_').collect::<Vec<_>>().as_slice() {
        ["PORT"] => true,
        ["PORT", port, "TCP" | "UDP" | "SCTP"]
        | ["PORT", port, "TCP" | "UDP" | "SCTP", "PROTO" | "PORT" | "ADDR"] => is_number(port),
        _ => false,
    }
}

/// Checks the names of all `variables`.
fn check(variables: impl Iterator<Item = String>) -> Result<(), ConfigError> {
    let known = names::all();
    let ours: Vec<String> =
        variables.filter(|variable| variable.starts_with(names::PREFIX)).collect();
    let services: Vec<String> = ours
        .iter()
        .filter_map(|variable| variable.strip_suffix(SERVICE_HOST))
        .filter(|service| service.ends_with('_'))
        .map(str::to_owned)
        .collect();
    for variable in ours {
        let is_address = services
            .iter()
            .any(|service| variable.strip_prefix(service.as_str()).is_some_and(is_of_a_service));
        let other = is_address
            || OTHERS.iter().any(|other| {
                variable == *other || (other.ends_with('_') && variable.starts_with(other))
            });
        if !other && !known.iter().any(|key| key.variable == variable) {
            let hint = names::hint(&variable, known.iter().map(|key| key.variable.to_owned()));
            return Err(ConfigError::UnknownKey {
                place: "the environment".to_owned(),
                hint,
                key: variable,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(names: &[&str]) -> Result<(), String> {
        check(names.iter().map(|name| (*name).to_owned())).map_err(|error| error.to_string())
    }

    #[test]
    fn keys_and_what_is_not_ours_pass() {
        assert_eq!(
            checked(&[
                "PATH",
                "LATCHKEY_LISTEN",
                "LATCHKEY_STORE_PASSWORD",
                "LATCHKEY_CONFIG",
                "LATCHKEY_PROFILE",
                "LATCHKEY_RT_DATABASE",
                "LATCHKEY_SITE_DIR",
                "LATCHKEY_TEST_PORT"
            ]),
            Ok(())
        );
    }

    #[test]
    fn what_kubernetes_says_of_a_service_called_latchkey_passes_and_nothing_like_it() {
        let of_service = [
            "LATCHKEY_SERVICE_HOST",
            "LATCHKEY_SERVICE_PORT",
            "LATCHKEY_SERVICE_PORT_HTTP",
            "LATCHKEY_PORT",
            "LATCHKEY_PORT_3000_TCP",
            "LATCHKEY_PORT_3000_TCP_PROTO",
            "LATCHKEY_PORT_3000_TCP_PORT",
            "LATCHKEY_PORT_3000_TCP_ADDR",
            "LATCHKEY_PORT_53_UDP_ADDR",
            "LATCHKEY_WEB_SERVICE_HOST",
            "LATCHKEY_WEB_PORT",
        ];
        assert_eq!(checked(&of_service), Ok(()));
        for other in [
            "LATCHKEY_PORTS",
            "LATCHKEY_PORT_TCP",
            "LATCHKEY_PORT_3000",
            "LATCHKEY_PORT_x_TCP",
            "LATCHKEY_PORT_3000_TCP_ADDRESS",
            "LATCHKEY_SERVICE",
            "LATCHKEY_SERVICE_PORTS",
            "LATCHKEY_OTHER_PORT",
        ] {
            let all: Vec<&str> = of_service.into_iter().chain([other]).collect();
            assert!(checked(&all).is_err(), "{other}");
        }
        // Where there is no Service, a port is not what somebody meant for one.
        assert!(checked(&["LATCHKEY_PORT"]).is_err());
    }

    #[test]
    fn a_misspelled_one_is_an_error() {
        let error = checked(&["LATCHKEY_LISTN"]).expect_err("unknown");
        assert!(error.contains("“LATCHKEY_LISTN”. Did you mean “LATCHKEY_LISTEN”?"), "{error}");
        assert!(checked(&["LATCHKEY_CONFIGURATION"]).is_err());
    }
}
