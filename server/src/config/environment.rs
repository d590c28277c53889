//! Refuses a variable that looks like a key and is none: a misspelled `LATCHKEY_LISTN` must not be silently ignored.

use super::{ConfigError, HiddenText, names};

/// The variables that are no keys: the file's path, and what building and testing use.
const OTHERS: [&str; 4] = ["LATCHKEY_CONFIG", "LATCHKEY_SITE", "LATCHKEY_SITE_DIR", "LATCHKEY_TEST_"];

/// Checks the names of all `variables`.
pub(super) fn check(variables: impl Iterator<Item = String>) -> Result<(), ConfigError> {
    let known = names::all();
    for variable in variables {
        let Some(key) = variable.strip_prefix(names::PREFIX) else { continue };
        let other = OTHERS.iter().any(|other| variable == *other || (other.ends_with('_') && variable.starts_with(other)));
        if !other && !known.iter().any(|name| name.to_ascii_uppercase() == key) {
            return Err(ConfigError::UnknownKey { place: "the environment".to_owned(), hint: names::hint(key), key: variable });
        }
    }
    Ok(())
}

/// The value of a key that no flag may set.
pub(super) fn secret(key: &str) -> Option<HiddenText> {
    std::env::var(format!("{}{}", names::PREFIX, key.to_ascii_uppercase())).ok().filter(|text| !text.is_empty()).map(HiddenText::new)
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
            checked(&["PATH", "LATCHKEY_LISTEN", "LATCHKEY_STORE_PASSWORD", "LATCHKEY_CONFIG", "LATCHKEY_SITE_DIR", "LATCHKEY_TEST_PORT"]),
            Ok(())
        );
    }

    #[test]
    fn a_misspelled_one_is_an_error() {
        let error = checked(&["LATCHKEY_LISTN"]).expect_err("unknown");
        assert!(error.contains("“LATCHKEY_LISTN”. Did you mean “listen”?"), "{error}");
        assert!(checked(&["LATCHKEY_CONFIGURATION"]).is_err());
    }
}
