//! Why there is no usable configuration, in sentences that name the place and what to do. Tests:
//! `config/tests.rs`, `server/tests/server/command_line/configuration.rs`, `variables.rs`.

use std::borrow::Cow;
use std::path::PathBuf;

use super::places::Places;

/// Why there is no usable configuration. Each says where and what to do; the program ends with exit
/// code 2.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file named cannot be read.
    #[error(
        "The configuration file {} cannot be read: {why}. Check its name and its permissions.",
        path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: std::io::Error,
    },
    /// The file is not TOML, or a value is not of the kind that its key wants.
    #[error("{}:{line}: {what}. Correct that line; `latchkey config --example` prints a file with \
        every key.", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it, without the value of a secret.
        what: String,
    },
    /// A variable of the environment is not of the kind that its key wants.
    #[error("the environment: {what}. `latchkey config --example` prints every key.")]
    Environment {
        /// Which, and what is wrong with it.
        what: String,
    },
    /// There is no such key.
    #[error(
        "{place}: there is no key “{key}”.{hint} `latchkey config --example` prints every key."
    )]
    UnknownKey {
        /// File and line, or "the environment".
        place: String,
        /// The key as written.
        key: String,
        /// "Did you mean …?", or nothing.
        hint: String,
    },
    /// A value is readable and makes no sense.
    #[error("{place}{key}: {what}")]
    Senseless {
        /// Where it was given, with a colon: file and line, variable or flag; empty where it is the
        /// default, or missing.
        place: String,
        /// The key, or several: `ldap.base`.
        key: Cow<'static, str>,
        /// What is wrong and what to do.
        what: String,
        /// The keys that ask for it, where it is missing.
        since: &'static str,
    },
}

impl ConfigError {
    /// A value that makes no sense, wherever it was given.
    pub(crate) fn senseless(key: &'static str, what: impl Into<String>) -> Self {
        let (place, what) = (String::new(), what.into());
        Self::Senseless { place, key: Cow::Borrowed(key), what, since: "" }
    }

    /// Because these keys are given.
    pub(super) fn since(mut self, keys: &'static str) -> Self {
        if let Self::Senseless { since, .. } = &mut self {
            *since = keys;
        }
        self
    }

    /// With the place of the first of its keys that was given; of none of them, with that of the
    /// first that asks for it.
    pub(super) fn at(mut self, places: &Places) -> Self {
        if let Self::Senseless { key, place, since, .. } = &mut self {
            let own = key.split(", ").find_map(|key| places.of(key)).map(str::to_owned);
            let asking = || since.split(", ").find_map(|key| Some((key, places.of(key)?)));
            *place = match own {
                Some(own) => format!("{own}: "),
                None => {
                    asking().map(|(key, place)| format!("{place} ({key}): ")).unwrap_or_default()
                }
            };
        }
        self
    }
}
