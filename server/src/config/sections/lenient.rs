//! Values as people write them: a text in place of a list, yes and no, and one of a few words.

use std::fmt;

use clap::ValueEnum;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

use crate::quoted::quoted;

/// A list, or one text with its values separated by commas, as in the environment; a text of a list
/// may hold several too.
pub(super) fn commas<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    from.deserialize_any(Texts(&[',']))
}

/// A list, or one text with its values separated by commas or spaces.
pub(super) fn words<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    from.deserialize_any(Texts(&[',', ' ']))
}

/// A list, or one text with its values separated by semicolons, as in the environment: they may
/// have commas. What is in a list is taken as it is: it may have semicolons.
pub(super) fn semicolons<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    from.deserialize_any(Texts(&[';']))
}

struct Texts(&'static [char]);

impl<'de> Visitor<'de> for Texts {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of texts, such as [\"one\", \"another\"]")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(super::listed(text.split(self.0).map(str::to_owned).collect()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(text) = list.next_element::<String>()? {
            if self.0.contains(&',') {
                all.extend(super::listed(text.split(self.0).map(str::to_owned).collect()));
            } else {
                all.push(text);
            }
        }
        Ok(all)
    }
}

/// What a text says in place of `true` or `false`; none: neither.
pub(in crate::config) fn says_yes(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// One of a few words, capitals aside.
pub(super) fn word<'de, T: ValueEnum, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    let text = <String as serde::Deserialize>::deserialize(from)?;
    T::from_str(text.trim(), true).map_err(|_| {
        let words = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let words: Vec<String> = words.map(|word| format!("“{}”", word.get_name())).collect();
        D::Error::custom(format!(
            "{} is none of {}: write one of them",
            quoted(&text),
            words.join(", ")
        ))
    })
}

#[cfg(test)]
mod tests {
    use crate::config::sections::{Given, ListenAt, Sections};

    fn read(text: &str) -> Result<Sections, String> {
        toml::from_str::<Given>(text)
            .map(Sections::over_defaults)
            .map_err(|error| error.message().to_owned())
    }

    #[test]
    fn a_text_is_a_list_of_its_values() {
        for (text, list) in [
            ("\"127.0.0.1\"", vec!["127.0.0.1"]),
            ("\"127.0.0.1/32, 10.0.0.0/8\"", vec!["127.0.0.1/32", "10.0.0.0/8"]),
            ("\"\"", vec![]),
            ("[\"::1\"]", vec!["::1"]),
        ] {
            assert_eq!(
                read(&format!("[proxy]\ntrusted = {text}")).expect(text).proxy.trusted,
                list
            );
        }
        let groups = read("[groups]\nadmin = \"cn=a,ou=x; staff\"\nprivileged = \"*\"")
            .expect("read")
            .groups;
        assert_eq!(
            (groups.admin, groups.privileged),
            (vec!["cn=a,ou=x".to_owned(), "staff".to_owned()], vec!["*".to_owned()])
        );
        assert_eq!(
            read("[oidc]\nscopes = \"profile email, groups\"").expect("read").oidc.scopes,
            ["profile", "email", "groups"]
        );
        let error = read("[groups]\nadmin = 7").expect_err("no list");
        assert!(error.contains("a list of texts, such as"), "{error}");
    }

    #[test]
    fn where_to_listen_may_be_named_and_what_to_write_is_said() {
        for (text, address) in [
            ("localhost:3000", "127.0.0.1:3000"),
            (" 0.0.0.0:80 ", "0.0.0.0:80"),
            ("[::1]:3000", "[::1]:3000"),
            ("LOCALHOST:0", "127.0.0.1:0"),
        ] {
            assert_eq!(
                text.parse::<ListenAt>().map(|address| address.to_string()).as_deref(),
                Ok(address),
                "{text}"
            );
        }
        for text in [
            ":3000",
            "3000",
            "localhost",
            "127.0.0.1",
            "desk.example.edu:3000",
            "localhost:70000",
            "",
        ] {
            let error = read(&format!("[server]\nlisten = \"{text}\"")).expect_err(text);
            assert!(error.contains("write one like 127.0.0.1:3000"), "{error}");
        }
    }
}
