//! What a cell says, as people and spreadsheets write it. An empty one says nothing. A password is
//! never repeated. Tests: `../import_tests.rs`.

use desk::{PASSWORD_MAX, Role, Secret};

/// A text of one line; line ends within it are spaces. Where what follows one looks like the file's
/// next line, it is taken for that.
pub(super) fn text(raw: &str, delimiter: char) -> Result<Option<String>, String> {
    if raw.trim().split(['\n', '\r']).skip(1).any(|line| line.contains(delimiter)) {
        return Err("there is a line end in it. Is a quotation mark missing?".to_owned());
    }
    let words: Vec<&str> = raw.split(['\n', '\r', '\t']).map(str::trim).filter(|part| !part.is_empty()).collect();
    let text = words.join(" ");
    if text.chars().count() > 255 {
        Err("use at most 255 characters.".to_owned())
    } else if text.chars().any(char::is_control) {
        Err("there are control characters in it.".to_owned())
    } else {
        Ok(Some(text).filter(|text| !text.is_empty()))
    }
}

/// A password, as it is; one of nothing but spaces says nothing.
pub(super) fn password(raw: &str) -> Result<Option<Secret>, String> {
    if raw.trim().is_empty() {
        Ok(None)
    } else if raw.contains(['\n', '\r']) {
        Err("there is a line end in it. Is a quotation mark missing?".to_owned())
    } else if raw.chars().any(char::is_control) {
        Err("there are control characters in it.".to_owned())
    } else if raw.chars().count() > PASSWORD_MAX {
        Err(format!("use at most {PASSWORD_MAX} characters."))
    } else {
        Ok(Some(Secret::new(raw.to_owned())))
    }
}

/// An e-mail address.
pub(super) fn email(raw: &str, delimiter: char) -> Result<Option<String>, String> {
    match text(raw, delimiter)? {
        Some(email) if !email.contains('@') || email.contains(char::is_whitespace) => Err("that is not an e-mail address.".to_owned()),
        said => Ok(said),
    }
}

/// A role, by its word or as the pages write it.
pub(super) fn role(raw: &str) -> Result<Option<Role>, String> {
    let said = letters(raw);
    if said.is_empty() && raw.trim().is_empty() {
        return Ok(None);
    }
    let is_meant = |role: &Role| said == letters(role.word()) || said == letters(role.title());
    let role = Role::ALL.into_iter().find(is_meant);
    role.map(Some).ok_or_else(|| {
        let roles = Role::ALL.map(|role| format!("{} ({})", role.word(), role.title()));
        format!("there is no such role. The roles are {}.", roles.join(", "))
    })
}

/// A word without whatever is no letter or digit, in small letters.
pub(super) fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How people write yes, and how spreadsheets in their languages write what is true.
const YES: &[&str] = &[
    "yes",
    "y",
    "true",
    "t",
    "1",
    "x",
    "on",
    "✓",
    "✔",
    "☑",
    "✅",
    "ja",
    "oui",
    "si",
    "sí",
    "sì",
    "sim",
    "tak",
    "да",
    "wahr",
    "vrai",
    "verdadero",
    "verdadeiro",
    "vero",
    "waar",
    "prawda",
    "sant",
    "sand",
    "tosi",
    "истина",
    "doğru",
    "真",
    "はい",
];

/// And no.
const NO: &[&str] = &[
    "no",
    "n",
    "false",
    "f",
    "0",
    "off",
    "☐",
    "✗",
    "✘",
    "❌",
    "nein",
    "non",
    "nee",
    "não",
    "nej",
    "nie",
    "нет",
    "falsch",
    "faux",
    "falso",
    "onwaar",
    "fałsz",
    "falskt",
    "falsk",
    "usann",
    "epätosi",
    "ложь",
    "yanlış",
    "假",
    "いいえ",
];

/// Yes or no.
pub(super) fn yes_or_no(raw: &str) -> Result<Option<bool>, String> {
    let said = raw.trim().to_lowercase();
    match said.as_str() {
        "" => Ok(None),
        said if YES.contains(&said) => Ok(Some(true)),
        said if NO.contains(&said) => Ok(Some(false)),
        _ => Err("write yes or no.".to_owned()),
    }
}
