//! Where each key was given, so that what is wrong with it can be found: flag, variable, or file
//! and line.

use std::collections::BTreeMap;

use super::environment::says_something;
use super::names::{self, Key};

/// Where keys were given.
#[derive(Clone, Debug, Default)]
pub(super) struct Places(BTreeMap<String, String>);

impl Places {
    /// Notes that `key` was given at `place`, unless something of more weight gave it.
    pub(super) fn note(&mut self, key: &Key, place: impl Into<String>) {
        self.0.entry(key.path()).or_insert_with(|| place.into());
    }

    /// Notes every key that a variable of the environment sets.
    pub(super) fn note_environment(&mut self) {
        for key in names::all() {
            if std::env::var_os(key.variable).is_some_and(|value| says_something(&value)) {
                self.note(&key, key.variable);
            }
        }
    }

    /// Where the key was given; none: nowhere.
    pub(super) fn of(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }
}
