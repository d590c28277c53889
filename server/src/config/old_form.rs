//! The file as it was before there were sections: every key at the top, `ldap_base` for what is `base` below `[ldap]` now.
//! Such a file is read as ever; `latchkey config migrate` prints it in today's form.

use toml_edit::{DocumentMut, Item, Table};

use super::names::{self, Key};

/// The key of that name.
pub(super) fn key(flat: &str) -> Option<Key> {
    names::all().into_iter().find(|key| key.flat() == flat)
}

/// The file in today's form: the same values and, with each key, the comments before it. What has its section already stays.
///
/// # Errors
/// What the parser says of a text that is no TOML.
pub(super) fn migrated(text: &str) -> Result<String, toml_edit::TomlError> {
    let old: DocumentMut = text.parse()?;
    let mut new = DocumentMut::new();
    let mut first = true;
    for (section, _) in names::sections() {
        let mut table = match old.get(section) {
            Some(Item::Table(table)) => table.clone(),
            _ => Table::new(),
        };
        for key in names::all().into_iter().filter(|key| key.section == section) {
            let Some((written, value)) = old.get_key_value(&key.flat()).filter(|(_, item)| item.is_value()) else { continue };
            let mut name = toml_edit::Key::new(key.name);
            *name.leaf_decor_mut() = written.leaf_decor().clone();
            table.insert_formatted(&name, value.clone());
        }
        if !table.is_empty() {
            table.decor_mut().set_prefix(if first { "" } else { "\n" });
            table.set_position(None);
            new.insert(section, Item::Table(table));
            first = false;
        }
    }
    new.set_trailing(old.trailing().as_str().unwrap_or_default());
    Ok(new.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "# the desk of the campus\nlisten = \"0.0.0.0:3000\"\nstore = \"wss://db.example.edu\" # in the cellar\n\n\
        # people\nldap_urls = [\n  \"ldaps://one.example.edu\", # the first\n  \"ldaps://two.example.edu\",\n]\nldap_base = \"ou=people\"\n\
        log = \"warn\"\n# the end\n";

    #[test]
    fn values_and_comments_go_below_their_sections() {
        let new = migrated(OLD).expect("TOML");
        let expected = "[server]\n# the desk of the campus\nlisten = \"0.0.0.0:3000\"\n\n[store]\nurl = \"wss://db.example.edu\" # in the cellar\n\n\
            [ldap]\n\n# people\nurls = [\n  \"ldaps://one.example.edu\", # the first\n  \"ldaps://two.example.edu\",\n]\nbase = \"ou=people\"\n\n\
            [log]\nfilter = \"warn\"\n# the end\n";
        assert_eq!(new, expected);
    }

    #[test]
    fn what_is_in_todays_form_stays_as_it_is() {
        let new = "[server]\n# here\nlisten = \"127.0.0.1:3000\"\n\n[log]\nfilter = \"warn\"\n";
        assert_eq!(migrated(new).expect("TOML"), new);
    }
}
