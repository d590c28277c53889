//! `[leaks]`: who may report tokens that were found where strangers can read them.

use confique::Config;
use serde::Serialize;
use url::Url;

use super::server::is_loopback;
use super::{filled, names_somebody};
use crate::config::ConfigError;

/// Tokens that were found where strangers can read them.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct LeaksSection {
    /// GitHub's secret scanning may report tokens at PUBLIC_URL/leaks/github, signed by its key:
    /// they end at once, and GitHub is told which of them were tokens. It has to be arranged with
    /// GitHub first. Anybody may report some at PUBLIC_URL/leaks in any case, and is told nothing.
    #[config(env = "LATCHKEY_LEAKS_GITHUB", default = false)]
    pub github: bool,

    /// Where GitHub publishes the keys that it signs with.
    #[config(
        env = "LATCHKEY_LEAKS_GITHUB_KEYS",
        default = "https://api.github.com/meta/public_keys/secret_scanning"
    )]
    pub github_keys: String,
}

impl LeaksSection {
    /// Where GitHub's keys are; none: nothing is taken from there.
    pub(in crate::config) fn keys(&self) -> Result<Option<Url>, ConfigError> {
        if !self.github {
            return Ok(None);
        }
        let wrong = |what: &str| ConfigError::senseless("leaks.github_keys", what);
        let url = filled(Some(self.github_keys.clone())).and_then(|text| Url::parse(&text).ok());
        let is_site = |url: &Url| matches!(url.scheme(), "http" | "https") && url.host().is_some();
        let url = url.filter(is_site).ok_or_else(|| {
            wrong(
                "write it like https://api.github.com/meta/public_keys/secret_scanning, or leave \
                 it out.",
            )
        })?;
        if names_somebody(&url) {
            return Err(wrong("leave out user name and password: the keys are public."));
        }
        // Whoever is on the way could put a key of their own there, and end whatever they know.
        if url.scheme() == "http" && !is_loopback(&url) {
            return Err(wrong("use https://: whoever is on the way could give keys of their own."));
        }
        Ok(Some(url))
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Configuration, Sections};

    const GITHUB: &str = "https://api.github.com/meta/public_keys/secret_scanning";

    fn keys(github: bool, address: &str) -> Result<Option<String>, String> {
        let mut sections = Sections::default();
        sections.leaks.github = github;
        address.clone_into(&mut sections.leaks.github_keys);
        Configuration::from_sections(sections)
            .map(|configuration| configuration.github_keys.map(|url| url.to_string()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn github_reports_nothing_unless_it_is_wanted_and_its_keys_come_by_https() {
        assert_eq!(Sections::default().leaks.github_keys, GITHUB);
        assert_eq!(keys(false, GITHUB), Ok(None));
        assert_eq!(keys(true, GITHUB), Ok(Some(GITHUB.to_owned())));
        assert_eq!(keys(true, " http://127.0.0.1:9/x "), Ok(Some("http://127.0.0.1:9/x".into())));
        for (address, word) in [
            ("", "write it like"),
            ("api.github.com", "write it like"),
            ("file:///keys.json", "write it like"),
            ("http://api.github.com/keys", "use https://"),
            ("https://me:secret@api.github.com/keys", "leave out"),
        ] {
            let error = keys(true, address).expect_err(address);
            assert!(error.starts_with("leaks.github_keys: ") && error.contains(word), "{error}");
            assert!(!error.contains("secret@"), "{error}");
        }
    }
}
