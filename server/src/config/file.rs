//! Reads `latchkey.toml`.

use std::path::{Path, PathBuf};

use super::{ConfigError, Keys, names};

/// The file read where none is named, if it is there.
pub(super) const USUAL: &str = "latchkey.toml";

/// Reads the file named, or [`USUAL`] where there is one; without either, no key is set.
pub(super) fn read(named: Option<&Path>) -> Result<(Option<PathBuf>, Keys), ConfigError> {
    let path = match named {
        Some(path) => path.to_owned(),
        None if Path::new(USUAL).exists() => PathBuf::from(USUAL),
        None => return Ok((None, Keys::default())),
    };
    let text = std::fs::read_to_string(&path).map_err(|why| ConfigError::Unreadable { path: path.clone(), why })?;
    parse(&path, &text).map(|keys| (Some(path), keys))
}

fn parse(path: &Path, text: &str) -> Result<Keys, ConfigError> {
    let malformed = |error: &toml::de::Error| malformed(path, text, error);
    let table: toml::Table = toml::from_str(text).map_err(|error| malformed(&error))?;
    let known = names::all();
    if let Some(key) = table.keys().find(|key| !known.contains(key)) {
        let place = format!("{}:{}", path.display(), line_of_key(text, key));
        return Err(ConfigError::UnknownKey { place, key: key.clone(), hint: names::hint(key) });
    }
    toml::from_str(text).map_err(|error| malformed(&error))
}

/// The error with its line. The parser's own words may quote the value, which for a password nobody may see.
fn malformed(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let start = error.span().map_or(0, |span| span.start.min(text.len()));
    let line = text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count() + 1;
    let secret =
        text.lines().nth(line - 1).is_some_and(|line| names::SECRETS.iter().any(|key| line.contains(key)) || line.contains("password"));
    let what = if secret { "this value cannot be read" } else { error.message().trim_end_matches('.') };
    ConfigError::Malformed { path: path.to_owned(), line, what: what.replace('\n', " ") }
}

fn line_of_key(text: &str, key: &str) -> usize {
    let begins = |line: &str| {
        line.trim_start_matches([' ', '\t', '[', '"', '\''])
            .strip_prefix(key)
            .is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ', '\t', ']']).starts_with(['=', '.']) || rest.trim().ends_with(']'))
    };
    text.lines().position(begins).map_or(1, |place| place + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        parse(Path::new("latchkey.toml"), text).expect_err(text).to_string()
    }

    #[test]
    fn the_example_is_the_defaults() {
        let keys = parse(Path::new("latchkey.toml"), super::super::EXAMPLE).expect("the example can be read");
        let shown = |keys: Keys| format!("{:?}", super::super::Configuration::from_keys(keys).expect("sensible"));
        assert_eq!(shown(keys), shown(Keys::default()));
    }

    #[test]
    fn the_example_names_every_key() {
        for name in names::all() {
            let names_it = |line: &str| line.trim_start_matches("# ").starts_with(&format!("{name} = "));
            assert!(super::super::EXAMPLE.lines().any(names_it), "{name}");
        }
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest_one() {
        let error = error("store = \"mem://\"\n\nlisten_on = \"x\"\n");
        assert!(error.starts_with("latchkey.toml:3: there is no key “listen_on”. Did you mean “listen”?"), "{error}");
        let error = self::error("[server]\nlisten = \"x\"\n");
        assert!(error.starts_with("latchkey.toml:1: there is no key “server”."), "{error}");
    }

    #[test]
    fn what_is_no_toml_is_named_with_its_line() {
        let error = error("store = \"mem://\"\nlisten = = 3\n");
        assert!(error.starts_with("latchkey.toml:2: "), "{error}");
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_named_with_its_line() {
        let error = error("# a comment\nsession_hours = \"long\"\n");
        assert!(error.starts_with("latchkey.toml:2: ") && error.contains("u32"), "{error}");
        let error = self::error("trusted_proxies = [\"campus\"]\n");
        assert!(error.starts_with("latchkey.toml:1: "), "{error}");
    }

    #[test]
    fn a_malformed_password_is_not_shown() {
        for text in [
            "store_password = hunter2-hunter2\n",
            "store_password = 1234567\n",
            "store_password = \"hunter2\nx",
            "scim_token = hunter2\n",
            "oidc_client_secret = hunter2\n",
        ] {
            let error = error(text);
            assert!(!error.contains("hunter2") && !error.contains("1234567"), "{error}");
        }
    }
}
