//! Secrets as files: where `$CREDENTIALS_DIRECTORY` names a folder, as systemd does it
//! (`LoadCredential=`) and containers can (`/run/secrets`), each of its files that is called after
//! a key holds that key's value: `latchkey_ldap.bind_password`, or `latchkey.ldap.bind_password`.
//! Other files there are not ours, and a folder that is not there holds none: an image names one
//! before anybody has put a secret into it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::Path;

use confique::Layer as _;
use toml::Value;

use super::ConfigError;
use super::environment::says_something;
use super::names::{self, Key};
use super::places::Places;
use super::sections::Given;
use super::value::{self, Form};

/// Names the folder.
const FOLDER: &str = "CREDENTIALS_DIRECTORY";

/// What the name of a file begins with that is meant for us: systemd puts an underscore between the
/// name of a folder and that of each of its files.
const PREFIXES: [&str; 2] = ["latchkey_", "latchkey."];

/// Where the package has them, and what the folders' names begin with where they are copied to:
/// `deploy/latchkey-service`, and `LoadCredential=` in `deploy/systemd/latchkey.service`.
const ORIGINALS: &str = "/etc/latchkey/credentials";
const COPIES: [&str; 2] = ["/run/latchkey-credentials.", "/run/credentials/latchkey.service/"];

/// The keys that are set there.
pub(super) fn read(places: &mut Places) -> Result<Given, ConfigError> {
    match std::env::var_os(FOLDER).filter(|folder| says_something(folder)) {
        Some(folder) => of_folder(Path::new(&folder), places),
        None => Ok(Given::empty()),
    }
}

fn of_folder(folder: &Path, places: &mut Places) -> Result<Given, ConfigError> {
    let unreadable = |path: &Path, why| ConfigError::Unreadable { path: path.to_owned(), why };
    let mut files = BTreeSet::new();
    let found = match std::fs::read_dir(folder) {
        Ok(found) => found,
        Err(why) if why.kind() == ErrorKind::NotFound => return Ok(Given::empty()),
        Err(why) => return Err(unreadable(folder, why)),
    };
    for file in found {
        files.insert(file.map_err(|why| unreadable(folder, why))?.path());
    }
    let (mut given, mut seen) = (Given::empty(), BTreeSet::new());
    for path in files {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        let Some(written) = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)) else {
            continue;
        };
        let place = shown(&path, written);
        let key = named(written, &place)?;
        let wrong = |what: String| ConfigError::Environment {
            what: format!("{place} ({}): {what}", key.path()),
        };
        let bytes = std::fs::read(&path).map_err(|why| unreadable(&path, why))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| wrong("it is no UTF-8: write it anew".to_owned()))?;
        // An editor ends the line.
        let text = text.trim_end_matches(['\r', '\n']);
        if text.trim().is_empty() {
            continue;
        }
        if !seen.insert(key.path()) {
            return Err(wrong("another file here sets it too: take one of them away".to_owned()));
        }
        let value = Value::String(text.to_owned());
        given = value::read(&key, &value, Form::Variable).map_err(wrong)?.with_fallback(given);
        places.note(&key, place.as_str());
    }
    Ok(given)
}

/// Where a file is, and of a copy by the package's unit or `latchkey-service`, which is gone when
/// somebody looks, what it was made of.
fn shown(path: &Path, written: &str) -> String {
    let copy = path.display();
    let is_copy = COPIES.iter().any(|folder| copy.to_string().starts_with(folder));
    if is_copy { format!("{copy} (a copy of {ORIGINALS}/{written})") } else { copy.to_string() }
}

/// The key that a file is called after.
fn named(written: &str, place: &str) -> Result<Key, ConfigError> {
    let known = names::all();
    known.iter().find(|key| key.path() == written).copied().ok_or_else(|| ConfigError::UnknownKey {
        place: place.to_owned(),
        key: written.to_owned(),
        hint: names::hint(written, known.iter().map(Key::path)),
    })
}

#[cfg(test)]
mod tests {
    use super::super::sections::Sections;
    use super::*;

    /// What a folder with these files sets, and what is said of where.
    fn taken(files: &[(&str, &str)]) -> Result<(Sections, Places), String> {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("written");
        }
        let mut places = Places::default();
        let given = of_folder(folder.path(), &mut places).map_err(|error| error.to_string())?;
        Ok((Sections::over_defaults(given), places))
    }

    #[test]
    fn each_file_sets_the_key_that_it_is_called_after() {
        let (sections, places) = taken(&[
            ("latchkey_ldap.bind_password", "hunter2 \n"),
            ("latchkey.sessions.hours", "3\r\n"),
            ("latchkey_store.password", "\n"),
            ("another-service", "not ours"),
            ("latchkey", "nor this"),
        ])
        .expect("good");
        let shown = serde_json::to_string(&sections.ldap.bind_password).expect("shown");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(sections.ldap.bind_password.is_some());
        assert!(sections.store.password.is_none(), "an empty one sets nothing");
        assert_eq!(sections.sessions.hours, 3);
        assert!(places.of("ldap.bind_password").is_some_and(|place| place.contains("latchkey_")));
    }

    #[test]
    fn of_a_copy_it_is_said_what_it_was_made_of() {
        let name = "latchkey_ldap.bind_pasword";
        for folder in ["/run/latchkey-credentials.x7Kq2a", "/run/credentials/latchkey.service"] {
            let place = shown(&Path::new(folder).join(name), "ldap.bind_pasword");
            let error = named("ldap.bind_pasword", &place).map(|_| ()).expect_err("no key");
            let message = error.to_string();
            assert!(message.starts_with(&format!("{folder}/{name} (a copy of")), "{message}");
            let original = "/etc/latchkey/credentials/ldap.bind_pasword): there is no key";
            assert!(message.contains(original), "{message}");
        }
        let elsewhere = shown(Path::new("/run/secrets/latchkey_x"), "x");
        assert_eq!(elsewhere, "/run/secrets/latchkey_x");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_file_and_without_its_value() {
        for (files, message) in [
            (
                &[("latchkey_ldap.bind_pasword", "hunter2")][..],
                "there is no key “ldap.bind_pasword”. Did you mean “ldap.bind_password”?",
            ),
            (&[("latchkey.sessions.hours", "long")], "latchkey.sessions.hours (sessions.hours): "),
            (
                &[("latchkey.scim.token", "hunter2"), ("latchkey_scim.token", "hunter2")],
                "another file here sets it too",
            ),
        ] {
            let error = taken(files).map(|_| ()).expect_err(message);
            assert!(error.contains(message) && !error.contains("hunter2"), "{error}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        std::fs::write(&file, "").expect("written");
        let missing = of_folder(&folder.path().join("missing"), &mut Places::default());
        assert!(missing.is_ok(), "{missing:?}");
        let no_folder = of_folder(&file, &mut Places::default()).expect_err("a file").to_string();
        assert!(no_folder.contains(&file.display().to_string()), "{no_folder}");
    }
}
