//! The names of the keys, taken from the structs that have them, and the nearest to one misspelled.

use confique::Config as _;
use confique::meta::{Expr, FieldKind, LeafKind};

use super::sections::Sections;

/// What a variable of the environment that sets a key begins with.
pub(super) const PREFIX: &str = "LATCHKEY_";

/// The keys that hold a secret; a test holds the list against their types.
const SECRETS: [&str; 8] = [
    "LATCHKEY_PROXY_SECRET",
    "LATCHKEY_STORE_PASSWORD",
    "LATCHKEY_AUDIT_KEY",
    "LATCHKEY_LDAP_BIND_PASSWORD",
    "LATCHKEY_OIDC_CLIENT_SECRET",
    "LATCHKEY_SCIM_TOKEN",
    "LATCHKEY_MAIL_PASSWORD",
    "LATCHKEY_WEBHOOK_SECRET",
];

/// How alike two names are (Jaro-Winkler) of which one is taken for a slip of the other.
const ALIKE: f64 = 0.85;

/// A key of the configuration, as the example and the reference describe it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    /// Its section: `ldap`.
    pub(super) section: &'static str,
    /// Its name there: `base`.
    pub(super) name: &'static str,
    /// Its variable: `LATCHKEY_LDAP_BASE`.
    pub(super) variable: &'static str,
    /// Its default; none: it is not set.
    pub(super) default: Option<Expr>,
    /// What it is for, a line each.
    pub(super) doc: &'static [&'static str],
}

impl Key {
    /// As messages call it: `ldap.base`.
    pub(super) fn path(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// Whether its value is nobody's to see.
    pub(super) fn is_secret(&self) -> bool {
        SECRETS.contains(&self.variable)
    }

    /// What the key was called in files without sections: `ldap_base`.
    pub(super) fn flat(&self) -> String {
        self.variable.strip_prefix(PREFIX).unwrap_or(self.variable).to_ascii_lowercase()
    }
}

/// The sections, each with what it is for.
pub(super) fn sections() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    Sections::META.fields.iter().map(|field| (field.name, field.doc))
}

/// Every key, in the order of the example.
pub(super) fn all() -> Vec<Key> {
    let mut keys = Vec::new();
    for section in Sections::META.fields {
        let FieldKind::Nested { meta } = section.kind else { continue };
        for field in meta.fields {
            let FieldKind::Leaf { env: Some(variable), kind } = field.kind else { continue };
            let default = match kind {
                LeafKind::Required { default } => default,
                LeafKind::Optional => None,
            };
            keys.push(Key {
                section: section.name,
                name: field.name,
                variable,
                default,
                doc: field.doc,
            });
        }
    }
    keys
}

/// Whether there is such a section.
pub(super) fn is_section(name: &str) -> bool {
    sections().any(|(section, _)| section == name)
}

/// " Did you mean …?" with the nearest of `known`, or nothing where none is near.
pub(crate) fn hint(written: &str, known: impl IntoIterator<Item = String>) -> String {
    let written = written.to_ascii_lowercase();
    let measured = known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&written, &name.to_ascii_lowercase()), name));
    match measured.max_by(|(one, _), (other, _)| one.total_cmp(other)) {
        Some((alike, name)) if alike >= ALIKE => format!(" Did you mean “{name}”?"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised() {
        let paths = || all().iter().map(Key::path).collect::<Vec<_>>();
        assert_eq!(hint("server.lisen", paths()), " Did you mean “server.listen”?");
        assert_eq!(hint("Server.Public_URI", paths()), " Did you mean “server.public_url”?");
        assert_eq!(hint("xyzzy", paths()), "");
    }

    #[test]
    fn secrets_are_the_keys_of_hidden_texts() {
        for key in all() {
            let value = toml::Table::from_iter([(
                key.name.to_owned(),
                toml::Value::String("hunter2".to_owned()),
            )]);
            let given =
                toml::Table::from_iter([(key.section.to_owned(), toml::Value::Table(value))])
                    .try_into();
            let hidden = given.is_ok_and(|given: crate::config::sections::Given| {
                format!("{given:?}").contains("HiddenText")
            });
            assert_eq!(key.is_secret(), hidden, "{}", key.path());
        }
    }

    #[test]
    fn every_key_has_a_section_a_variable_and_a_word_on_what_it_is_for() {
        let keys = all();
        assert!(
            keys.iter().any(|key| key.path() == "store.password" && key.flat() == "store_password")
        );
        for key in &keys {
            assert!(key.variable.starts_with(PREFIX) && !key.doc.is_empty(), "{}", key.path());
        }
        let fields: usize = Sections::META
            .fields
            .iter()
            .map(|section| match section.kind {
                FieldKind::Nested { meta } => meta.fields.len(),
                FieldKind::Leaf { .. } => panic!("{} is in no section", section.name),
            })
            .sum();
        assert_eq!(keys.len(), fields, "a field without a variable is no key");
        let variables: std::collections::BTreeSet<_> =
            keys.iter().map(|key| key.variable).collect();
        assert_eq!(variables.len(), keys.len(), "two keys share a variable");
    }
}
