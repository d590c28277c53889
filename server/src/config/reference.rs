//! The example file and the reference page, made from the keys themselves and held against the
//! files in the tree by tests. `UPDATE_REFERENCE=1 cargo test … reference` writes them anew.

use std::fmt::Write as _;

use super::names::{self, Key};

/// A configuration file with every key at its default and what it is for.
#[must_use]
pub fn example() -> String {
    let mut text = String::from(
        "# Latchkey's configuration, with every key and its default. What is commented out is the\n\
         # default, or not set.\n\
         #\n\
         # Each key can also be given as the variable of the environment that is named with\n\
         # it; --listen, --store, --node, --log and --log-format are flags too; one that is\n\
         # empty sets nothing. In rising order of weight: default, this file, files in\n\
         # $CREDENTIALS_DIRECTORY (latchkey_ldap.bind_password), environment, flag. A key that\n\
         # does not exist is an error. `latchkey config` prints what results, secrets masked.\n\
         # `latchkey check` tries it out.\n",
    );
    for (section, doc) in names::sections() {
        text.push('\n');
        comment(&mut text, doc);
        let _ = writeln!(text, "[{section}]");
        for key in names::all().into_iter().filter(|key| key.section == section) {
            text.push('\n');
            comment(&mut text, key.doc);
            let _ = writeln!(text, "# ({})", key.variable);
            let _ = writeln!(
                text,
                "# {} = {}",
                key.name,
                default(&key).unwrap_or_else(|| "\"\"".to_owned())
            );
        }
    }
    text
}

/// The reference page, in Markdown.
#[cfg(test)]
fn page() -> String {
    let mut text = String::from(
        "# Configuration\n\n\
         Made from the program's own keys (`server/src/config/sections/`): do not edit it by \
         hand.\n\n\
         Defaults, under `latchkey.toml` (in the working folder, or where `--config` says),\n\
         under files in `$CREDENTIALS_DIRECTORY`, each called after its key\n\
         (`latchkey_ldap.bind_password`), under the environment, under the flags `--listen`,\n\
         `--store`, `--node`, `--log` and `--log-format`. A key that does not exist is an\n\
         error. `latchkey config --example` prints a file with every key, `latchkey config` what\n\
         results, secrets masked; `latchkey check` tries configuration and store before a start.\n\
         Lists are separated by commas in the environment, groups, whose names may have commas,\n\
         by semicolons. A variable or file that is empty sets nothing.\n\n\
         A file without sections, as earlier versions had it, is still read;\n\
         `latchkey config migrate` prints it in today's form.\n",
    );
    for (section, doc) in names::sections() {
        let _ = write!(
            text,
            "\n## `[{section}]`\n\n{}\n\n| key | default | |\n|---|---|---|\n",
            doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join("\n")
        );
        for key in names::all().into_iter().filter(|key| key.section == section) {
            let default = default(&key)
                .map_or_else(|| "not set".to_owned(), |default| format!("`{default}`"));
            let _ = writeln!(
                text,
                "| `{}`<br>`{}` | {default} | {} |",
                key.name,
                key.variable,
                joined(key.doc).replace('|', "\\|")
            );
        }
    }
    text
}

fn comment(text: &mut String, doc: &[&str]) {
    for line in doc {
        let _ = writeln!(text, "#{line}");
    }
}

#[cfg(test)]
fn joined(doc: &[&str]) -> String {
    doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// As TOML, which of texts, numbers and lists JSON is.
fn default(key: &Key) -> Option<String> {
    key.default
        .and_then(|default| serde_json::to_string(&default).ok())
        .map(|text| text.replace("\",\"", "\", \""))
}

#[cfg(test)]
mod tests {
    use super::super::sections::{Given, Sections};
    use super::*;
    use crate::kept::{blocks, documents, holds};

    #[test]
    fn the_reference_page_is_of_these_keys() {
        holds("docs/reference/configuration.md", &page());
    }

    #[test]
    fn the_example_file_is_of_these_keys() {
        holds("docs/reference/latchkey.toml", &example());
    }

    #[test]
    fn the_example_is_the_defaults_with_every_key() {
        // Every default in it, uncommented, is what the program takes.
        let key = |line: &str| {
            line.strip_prefix("# ").is_some_and(|line| {
                names::all().iter().any(|key| line.starts_with(&format!("{} = ", key.name)))
            })
        };
        let uncommented: String = example()
            .lines()
            .map(|line| if key(line) { format!("{}\n", &line[2..]) } else { format!("{line}\n") })
            .collect();
        let given: Given = toml::from_str(&uncommented).expect("TOML");
        let sections = Sections::over_defaults(given);
        let shown = |sections| {
            format!(
                "{:?}",
                super::super::Configuration::from_sections(sections).expect("sensible").desk
            )
        };
        assert_eq!(shown(sections), shown(Sections::default()));
        assert_eq!(
            uncommented
                .lines()
                .filter(|line| line.contains(" = ") && !line.starts_with('#'))
                .count(),
            names::all().len()
        );
    }

    #[test]
    fn every_configuration_in_a_document_is_one_that_is_read() {
        let mut seen = 0;
        for (path, text) in documents() {
            for block in blocks(&text, "toml") {
                seen += 1;
                let mut table: toml::Table = toml::from_str(&block)
                    .unwrap_or_else(|error| panic!("{}: {error}\n{block}", path.display()));
                for (section, keys) in &table {
                    for name in keys.as_table().expect("a section").keys() {
                        let is_known = names::all()
                            .iter()
                            .any(|key| key.section == section && key.name == name);
                        assert!(is_known, "{}: {section}.{name}", path.display());
                    }
                }
                // The secret beside it comes from the environment.
                for (section, name, secret) in [
                    ("store", "user", "password"),
                    ("ldap", "bind_dn", "bind_password"),
                    ("mail", "user", "password"),
                    ("webhook", "url", "secret"),
                ] {
                    let keys = table.get_mut(section).and_then(toml::Value::as_table_mut);
                    if let Some(keys) = keys.filter(|keys| keys.contains_key(name)) {
                        keys.entry(secret).or_insert("a-secret-in-the-environment".into());
                    }
                }
                let given: Given =
                    table.try_into().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                let read =
                    super::super::Configuration::from_sections(Sections::over_defaults(given));
                assert!(read.is_ok(), "{}: {:?}\n{block}", path.display(), read.err());
            }
        }
        assert!(seen > 8, "{seen}");
    }
}
