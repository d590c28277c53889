//! The environment: every key under its variable, and none that looks like a key and is none, since
//! a misspelled `LATCHKEY_LISTN` must not be silently ignored. A variable that is empty, as compose
//! files make them, sets nothing.

use std::ffi::OsStr;

use confique::Layer as _;
use toml::Value;

use super::sections::Given;
use super::value::{self, Form};
use super::{ConfigError, names};

/// The variables that are no keys: the file's path, and what building and testing use.
const OTHERS: [&str; 4] =
    ["LATCHKEY_CONFIG", "LATCHKEY_SITE", "LATCHKEY_SITE_DIR", "LATCHKEY_TEST_"];

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

/// Checks the names of all `variables`.
fn check(variables: impl Iterator<Item = String>) -> Result<(), ConfigError> {
    let known = names::all();
    for variable in variables.filter(|variable| variable.starts_with(names::PREFIX)) {
        let other = OTHERS.iter().any(|other| {
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
                "LATCHKEY_SITE_DIR",
                "LATCHKEY_TEST_PORT"
            ]),
            Ok(())
        );
    }

    #[test]
    fn a_misspelled_one_is_an_error() {
        let error = checked(&["LATCHKEY_LISTN"]).expect_err("unknown");
        assert!(error.contains("“LATCHKEY_LISTN”. Did you mean “LATCHKEY_LISTEN”?"), "{error}");
        assert!(checked(&["LATCHKEY_CONFIGURATION"]).is_err());
    }
}
