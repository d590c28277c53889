//! Prints the configuration that results, secrets masked, in the form in which it can be written
//! down again.

use super::Configuration;

impl Configuration {
    /// As TOML. Keys that are not set are left out.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(&self.sections)
            .unwrap_or_else(|error| unreachable!("texts, numbers and lists are TOML: {error}"))
    }

    /// As one JSON object, a member a section.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(&self.sections)
            .unwrap_or_else(|error| unreachable!("texts, numbers and lists are JSON: {error}"))
    }
}
