//! The file as it was before there were sections: every key at the top, `ldap_base` for what is
//! `base` below `[ldap]` now. Such a file is read as ever; `latchkey config migrate` prints it in
//! today's form.

use toml_edit::{DocumentMut, Item, Table};

use super::names::{self, Key};

/// The key of that name.
pub(super) fn key(flat: &str) -> Option<Key> {
    names::all().into_iter().find(|key| key.flat() == flat)
}

/// The file in today's form: the same values and, with each key, the comments before it. What has
/// its section already stays.
///
/// # Errors
/// What the parser says of a text that is no TOML.
pub(super) fn migrated(text: &str) -> Result<String, toml_edit::TomlError> {
    let old: DocumentMut = text.parse()?;
    let mut new = DocumentMut::new();
    let mut first = true;
    for (section, _) in names::sections() {
        // A section may be written in one line, too.
        let mut table = old
            .get(section)
            .cloned()
            .and_then(|item| item.into_table().ok())
            .unwrap_or_else(Table::new);
        for key in names::all().into_iter().filter(|key| key.section == section) {
            let Some((written, value)) =
                old.get_key_value(&key.flat()).filter(|(_, item)| item.is_value())
            else {
                continue;
            };
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
    Ok(new.to_string().lines().map(renamed).fold(String::new(), |text, line| text + &line + "\n"))
}

/// A line; where it is a key that a comment switches off, by the name that it has now, and with the
/// section to switch it on in.
fn renamed(line: &str) -> String {
    let switched_off = line.trim_start().strip_prefix('#').and_then(|rest| rest.split_once('='));
    match switched_off.and_then(|(flat, value)| Some((key(flat.trim())?, value))) {
        Some((key, value)) => format!("# below [{}]: {} ={value}", key.section, key.name),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "# the desk of the campus\nlisten = \"0.0.0.0:3000\"\nstore \
        = \"wss://db.example.edu\" # in the cellar\n\n\
        # people\nldap_urls = [\n  \"ldaps://one.example.edu\", # the \
        first\n  \"ldaps://two.example.edu\",\n]\nldap_base = \"ou=people\"\n\
        log = \"warn\"\n# the end\n";

    #[test]
    fn values_and_comments_go_below_their_sections() {
        let new = migrated(OLD).expect("TOML");
        let expected = "[server]\n# the desk of the campus\nlisten \
            = \"0.0.0.0:3000\"\n\n[store]\nurl = \"wss://db.example.edu\" # in the cellar\n\n\
            [ldap]\n\n# people\nurls = [\n  \"ldaps://one.example.edu\", # the \
            first\n  \"ldaps://two.example.edu\",\n]\nbase = \"ou=people\"\n\n\
            [log]\nfilter = \"warn\"\n# the end\n";
        assert_eq!(new, expected);
    }

    #[test]
    fn sections_in_one_line_are_kept() {
        let old = "listen = \"127.0.0.1:9\"\ntoken_max_days = 4\nscim = { token = \"x\" }\ntokens \
            = { per_user = 3 }\nserver.node = \"one\"\n";
        let new: toml::Table = migrated(old).expect("TOML").parse().expect("TOML");
        assert_eq!(new["scim"]["token"].as_str(), Some("x"));
        assert_eq!(
            (new["tokens"]["per_user"].as_integer(), new["tokens"]["max_days"].as_integer()),
            (Some(3), Some(4))
        );
        assert_eq!(
            (new["server"]["node"].as_str(), new["server"]["listen"].as_str()),
            (Some("one"), Some("127.0.0.1:9"))
        );
    }

    #[test]
    fn what_a_comment_switches_off_is_told_where_it_belongs_now() {
        let old = "# token_max_days = 90\n# by the minute\nlisten \
            = \"127.0.0.1:9\"\n#ldap_base=\"ou=people\" # one day\n";
        let expected = "[server]\n# below [tokens]: max_days = 90\n# by the minute\nlisten \
            = \"127.0.0.1:9\"\n\
            # below [ldap]: base =\"ou=people\" # one day\n";
        assert_eq!(migrated(old).expect("TOML"), expected);
    }

    #[test]
    fn what_is_in_todays_form_stays_as_it_is() {
        let new = "[server]\n# here\nlisten = \"127.0.0.1:3000\"\n\n[log]\nfilter = \"warn\"\n";
        assert_eq!(migrated(new).expect("TOML"), new);
    }
}
