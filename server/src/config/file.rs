//! Reads `latchkey.toml`: key by key, so that whatever is wrong is told with its line
//! ([`super::value`]). A file without sections, as they were written before there were any, is read
//! too.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use confique::Layer as _;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::names::{self, Key};
use super::places::Places;
use super::sections::Given;
use super::value::{self, Form};
use super::{ConfigError, bare, old_form};

/// The file read where none is named, if it is there.
pub(super) const USUAL: &str = "latchkey.toml";

/// A configuration file, read.
#[derive(Debug)]
pub(super) struct File {
    /// Where it is.
    pub(super) path: PathBuf,
    pub(super) text: String,
    /// The keys that it sets.
    pub(super) given: Given,
    /// Whether some are written as they were before there were sections.
    pub(super) is_old: bool,
    /// Whether one of them is a secret.
    pub(super) holds_a_secret: bool,
}

/// The path named, or [`USUAL`] where there is one; none: no file is read.
pub(super) fn find(named: Option<&Path>) -> Option<PathBuf> {
    named.map(Path::to_owned).or_else(|| is_there(USUAL).then(|| PathBuf::from(USUAL)))
}

/// Whether there is anything by that name, a link that leads nowhere too: what somebody has put
/// there and cannot be read is told, and not left out.
fn is_there(path: &str) -> bool {
    !std::fs::symlink_metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

/// Reads the file, and notes where it sets what.
pub(super) fn read(path: PathBuf, places: &mut Places) -> Result<File, ConfigError> {
    let bytes =
        std::fs::read(&path).map_err(|why| ConfigError::Unreadable { path: path.clone(), why })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error
            .as_bytes()
            .iter()
            .take(error.utf8_error().valid_up_to())
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        ConfigError::Malformed {
            path: path.clone(),
            line,
            what: "this is no UTF-8: save the file as UTF-8".to_owned(),
        }
    })?;
    parse(path, &text, places)
}

/// Reads a file's text.
pub(super) fn parse(path: PathBuf, text: &str, places: &mut Places) -> Result<File, ConfigError> {
    // A byte-order mark is what some editors put first.
    let text = bare::mended(text.trim_start_matches('\u{feff}').to_owned());
    let mut reader = Reader {
        path: &path,
        text: &text,
        places,
        given: Given::empty(),
        is_old: false,
        holds_a_secret: false,
    };
    reader.read()?;
    let Reader { given, is_old, holds_a_secret, .. } = reader;
    Ok(File { path, text, given, is_old, holds_a_secret })
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    places: &'a mut Places,
    given: Given,
    is_old: bool,
    holds_a_secret: bool,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<(), ConfigError> {
        let text = self.text;
        let spans = DeTable::parse(text).map_err(|error| self.malformed(&error))?;
        let values: Table = toml::from_str(text).map_err(|error| self.malformed(&error))?;
        for (name, value) in spans.get_ref() {
            let (written, at) = (name.get_ref().as_ref(), self.line(name.span().start));
            match value.get_ref() {
                DeValue::Table(keys) if names::is_section(written) => {
                    for key in keys.keys() {
                        let at = self.line(key.span().start);
                        let key = self.key(written, key.get_ref(), at)?;
                        self.take(&key, &values[written][key.name], at)?;
                    }
                }
                DeValue::Table(_) => {
                    return Err(self.unknown(
                        at,
                        written,
                        names::sections().map(|(name, _)| name.to_owned()),
                    ));
                }
                _ => {
                    let Some(key) = old_form::key(written) else {
                        return Err(self.unknown_flat(at, written));
                    };
                    self.is_old = true;
                    self.take(&key, &values[written], at)?;
                }
            }
        }
        Ok(())
    }

    fn key(&self, section: &str, name: &str, at: usize) -> Result<Key, ConfigError> {
        let found = names::all().into_iter().find(|key| key.section == section && key.name == name);
        // The key of another section, or by the name that it had before there were any. One that is
        // spelt nearly so in its own section was meant more likely.
        let own = names::all().into_iter().filter(|key| key.section == section);
        let near = names::hint(&format!("{section}.{name}"), own.map(|key| key.path()));
        let elsewhere: Vec<Key> =
            names::all().into_iter().filter(|key| key.flat() == name || key.name == name).collect();
        let is_near = near.contains(&format!(".{name}"));
        if let (None, false, [key, ..]) = (&found, is_near, elsewhere.as_slice()) {
            let sections: Vec<String> =
                elsewhere.iter().map(|key| format!("[{}]", key.section)).collect();
            let sections = sections.join(" or ");
            let hint = format!(" Did you mean “{}”, below {sections}?", key.name);
            let place = format!("{}:{at}", self.path.display());
            return Err(ConfigError::UnknownKey { place, key: format!("{section}.{name}"), hint });
        }
        found.ok_or_else(|| {
            self.unknown(at, &format!("{section}.{name}"), names::all().iter().map(Key::path))
        })
    }

    /// Takes one key over, or tells what is wrong with its value.
    fn take(&mut self, key: &Key, value: &Value, at: usize) -> Result<(), ConfigError> {
        let place = format!("{}:{at}", self.path.display());
        if let Some(before) = self
            .places
            .of(&key.path())
            .filter(|before| before.starts_with(&format!("{}:", self.path.display())))
        {
            let what = format!("{} is set twice, here and at {before}", key.path());
            return Err(self.wrong(at, what));
        }
        let taken = value::read(key, value, Form::File)
            .map_err(|what| self.wrong(at, format!("{}: {what}", key.path())))?;
        let before = std::mem::replace(&mut self.given, Given::empty());
        self.given = taken.with_fallback(before);
        let says_something = value.as_str().is_none_or(|text| !text.trim().is_empty());
        self.holds_a_secret |= key.is_secret() && says_something;
        self.places.note(key, place);
        Ok(())
    }

    fn unknown_flat(&self, at: usize, written: &str) -> ConfigError {
        if names::is_section(written) {
            return self.wrong(
                at,
                format!(
                    "“{written}” is a section: write [{written}] on a line of its own, and its \
                    keys below"
                ),
            );
        }
        let flat = names::all().into_iter().map(|key| (key.flat(), key));
        let hint = names::hint(written, flat.clone().map(|(flat, _)| flat));
        // Who remembers the old name is led to the new one.
        let (_, key) = flat
            .map(|(flat, key)| (hint.contains(&format!("“{flat}”")), key))
            .find(|(near, _)| *near)
            .unzip();
        let hint = key
            .map_or(hint, |key| format!(" Did you mean “{}”, below [{}]?", key.name, key.section));
        ConfigError::UnknownKey {
            place: format!("{}:{at}", self.path.display()),
            key: written.to_owned(),
            hint,
        }
    }

    fn unknown(
        &self,
        at: usize,
        written: &str,
        known: impl IntoIterator<Item = String>,
    ) -> ConfigError {
        let place = format!("{}:{at}", self.path.display());
        ConfigError::UnknownKey {
            place,
            key: written.to_owned(),
            hint: names::hint(written, known),
        }
    }

    fn wrong(&self, line: usize, what: String) -> ConfigError {
        ConfigError::Malformed { path: self.path.to_owned(), line, what }
    }

    /// What is no TOML, with its line. The parser's own words may quote it, which of a secret
    /// nobody may see.
    fn malformed(&self, error: &toml::de::Error) -> ConfigError {
        let line = self.line(error.span().map_or(0, |span| span.start));
        let written = self.text.lines().nth(line - 1).unwrap_or_default();
        if let Some(what) = bare::wrong(self.text, line - 1) {
            return self.wrong(line, what);
        }
        let key = written.split('=').next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        let secret = names::all()
            .into_iter()
            .any(|known| known.is_secret() && (key.ends_with(known.name) || key == known.flat()));
        let what = if secret || written.contains("password") {
            "this value cannot be read".to_owned()
        } else {
            bare::in_words(error.message())
        };
        self.wrong(line, what)
    }

    fn line(&self, start: usize) -> usize {
        bare::line_ends(self.text, start) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<File, ConfigError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("latchkey.toml");
        std::fs::write(&path, text).expect("written");
        read(path, &mut Places::default())
    }

    fn error(text: &str) -> String {
        let error = parse(text).expect_err(text).to_string();
        error[error.find("latchkey.toml").expect("the file is named")..].to_owned()
    }

    #[test]
    fn of_two_keys_that_may_be_meant_the_one_of_its_own_section_is() {
        let error = error("[ldap]\nurl = \"ldaps://ldap.example.edu\"\n");
        assert!(error.contains("“ldap.url”. Did you mean “ldap.urls”?"), "{error}");
        let error = self::error("[server]\nissuer = \"https://login.example.edu\"\n");
        assert!(error.contains("Did you mean “issuer”, below [oidc]?"), "{error}");
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest_one() {
        let error = error("[store]\nurl = \"mem://\"\n\n[server]\nlisten_on = \"x\"\n");
        assert!(
            error.starts_with(
                "latchkey.toml:5: there is no key “server.listen_on”. Did you mean “server.listen”?"
            ),
            "{error}"
        );
        let error = self::error("[servers]\nlisten = \"x\"\n");
        assert!(
            error.starts_with("latchkey.toml:1: there is no key “servers”. Did you mean “server”?"),
            "{error}"
        );
        let error = self::error("\nsession_hour = 1\n");
        let hint = "latchkey.toml:2: there is no key “session_hour”. Did you mean “hours”, below \
            [sessions]?";
        assert!(error.starts_with(hint), "{error}");
        let error = self::error("proxy = true\n");
        assert!(
            error.starts_with("latchkey.toml:1: “proxy” is a section: write [proxy]"),
            "{error}"
        );
    }

    #[test]
    fn a_key_of_another_section_and_one_by_its_old_name_are_led_to_their_place() {
        for (text, hint) in [
            ("[server]\ntrusted = []\n", "“trusted”, below [proxy]?"),
            ("[server]\ntrusted_proxies = []\n", "“trusted”, below [proxy]?"),
            ("[proxy]\nremote_user_header = \"x\"\n", "“user_header”, below [proxy]?"),
            ("[tokens]\nhours = 3\n", "“hours”, below [backup] or [sessions]?"),
        ] {
            let error = error(text);
            assert!(error.starts_with("latchkey.toml:2: ") && error.contains(hint), "{error}");
        }
    }

    #[test]
    fn what_is_no_toml_is_named_with_its_line() {
        let error = error("[store]\nurl = \"mem://\"\nuser = = 3\n");
        assert!(error.starts_with("latchkey.toml:3: "), "{error}");
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_named_with_its_line() {
        let error = error("# a comment\n[sessions]\nhours = \"long\"\n");
        assert!(
            error.starts_with("latchkey.toml:3: sessions.hours: ")
                && error.contains("“long” is not possible"),
            "{error}"
        );
        let error = self::error("session_hours = \"long\"\n");
        assert!(error.starts_with("latchkey.toml:1: sessions.hours: "), "{error}");
    }

    #[test]
    fn a_file_of_another_encoding_is_told_by_its_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("latchkey.toml");
        let utf_16: Vec<u8> = "\u{feff}[log]\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (bytes, line) in
            [(utf_16, 1), (b"[people]\nhelp_desk_contact = \"Caf\xE9\"\n".to_vec(), 2)]
        {
            std::fs::write(&path, bytes).expect("written");
            let error =
                read(path.clone(), &mut Places::default()).expect_err("no UTF-8").to_string();
            assert!(
                error.contains(&format!(
                    "latchkey.toml:{line}: this is no UTF-8: save the file as UTF-8."
                )),
                "{error}"
            );
        }
    }

    #[test]
    fn a_key_set_in_both_forms_is_set_twice() {
        let error = error("session_hours = 3\n[sessions]\nhours = 4\n");
        assert!(
            error.starts_with("latchkey.toml:3: sessions.hours is set twice")
                && error.contains("latchkey.toml:1"),
            "{error}"
        );
    }

    #[test]
    fn a_malformed_secret_is_not_shown() {
        for text in [
            "store_password = hunter2-hunter2\n",
            "store_password = 1234567\n",
            "store_password = \"hunter2\nx",
            "scim_token = hunter2\n",
            "oidc_client_secret = hunter2\n",
            "[store]\npassword = hunter2\n",
            "[store]\npassword = 1234567\n",
            "[scim]\ntoken = 1234567\n",
            "[scim]\ntoken = hunter2\n",
            "[audit]\nkey = 1234567\n",
            "[audit]\nkey = hunter2\n",
            "scim.token = hunter2\n",
        ] {
            let error = error(text);
            assert!(!error.contains("hunter2") && !error.contains("1234567"), "{error}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_key() {
        let file = parse("\u{feff}[sessions]\nhours = 3\n").expect("read");
        assert_eq!(file.given.sessions.hours, Some(3));
    }
}
