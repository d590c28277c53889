//! What a cell says, as people and spreadsheets write it. An empty one says nothing. A password is
//! never repeated. Tests: `../import_tests.rs`, `refused_tests.rs`.

use desk::{NETID_MAX, NetId, PASSWORD_MAX, PASSWORD_MIN, Role, Secret};

use super::spoilt;

/// A NetID. What looks like something that a spreadsheet or a program has made is one only where
/// `any` may be.
pub(super) fn netid(raw: &str, any: bool) -> Result<NetId, String> {
    not_an_error(raw)?;
    let text = raw.trim();
    // Of what nobody sees as well.
    if desk::plain_line(text).is_empty() {
        return Err("the NetID is empty. Write it, or take the line out.".to_owned());
    }
    if text.chars().count() > NETID_MAX {
        return Err(format!("a NetID has at most {NETID_MAX} characters."));
    }
    match spoilt::netid_became(text).filter(|_| !any) {
        Some(what) => Err(format!(
            "{what}. Format the column as text and write the NetID again; where it is one as it \
             stands, import with --any-netid."
        )),
        None => NetId::parse(text).map_err(|refusal| refusal.to_string()),
    }
}

/// A name. Where what follows a line end looks like the file's next line, it is taken for that.
pub(super) fn name(raw: &str, delimiter: char) -> Result<Option<String>, String> {
    let name = text(raw, delimiter)?;
    match &name {
        Some(name) if name.starts_with(['=', '＝', '+', '-', '@']) => {
            Err("a name does not begin so. A formula? Save its value.".to_owned())
        }
        Some(name) if !name.chars().any(char::is_alphabetic) => {
            Err("there is no letter in it, as names have.".to_owned())
        }
        _ => Ok(name),
    }
}

/// An e-mail address.
pub(super) fn email(raw: &str, delimiter: char) -> Result<Option<String>, String> {
    match text(raw, delimiter)? {
        Some(email) if email.starts_with(['=', '＝']) => {
            Err("a formula and no e-mail address. Save its value.".to_owned())
        }
        Some(email) if !desk::is_email_address(&email) => {
            Err("not one e-mail address, and nothing else.".to_owned())
        }
        typed => Ok(typed),
    }
}

/// A text of one line; line ends within it are spaces, and what nobody sees in it is dropped.
fn text(raw: &str, delimiter: char) -> Result<Option<String>, String> {
    not_an_error(raw)?;
    nothing_is_lost(raw)?;
    if spoilt::is_nothing(raw.trim()) {
        return Err(format!("{}. Empty the cell.", spoilt::WRITTEN_FOR_NOTHING));
    }
    if raw.trim().split(['\n', '\r']).skip(1).any(|line| line.contains(delimiter)) {
        return Err("there is a line end in it. Is a quotation mark missing?".to_owned());
    }
    let words: Vec<&str> =
        raw.split(['\n', '\r', '\t']).map(str::trim).filter(|part| !part.is_empty()).collect();
    let text = words.join(" ");
    if text.chars().any(char::is_control) {
        return Err("there are control characters in it.".to_owned());
    }
    let text = desk::plain_line(&text);
    if text.chars().count() > MAX_TEXT {
        return Err(format!("use at most {MAX_TEXT} characters."));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// The most characters of a name or an address.
const MAX_TEXT: usize = 255;

/// Refuses what a spreadsheet writes where a formula failed, in any of its languages: `#NAME?`,
/// `#BEZUG!`, `#N/A`, `Err:502`, and `###` where a column was too narrow. Nothing that is read here
/// begins so.
fn not_an_error(raw: &str) -> Result<(), String> {
    let text = raw.trim();
    let numbered = |(word, number): (&str, &str)| {
        let number = number.trim();
        word.chars().all(char::is_alphabetic)
            && number.len() == 3
            && number.bytes().all(|digit| digit.is_ascii_digit())
    };
    if text.starts_with('#') || text.split_once(':').is_some_and(numbered) {
        Err(AN_ERROR.to_owned())
    } else {
        Ok(())
    }
}

/// Refuses what somebody has read in a wrong encoding, and saved.
fn nothing_is_lost(raw: &str) -> Result<(), String> {
    if raw.contains(char::REPLACEMENT_CHARACTER) {
        Err("a letter of it was lost when the file was made (�). Write it again.".to_owned())
    } else {
        Ok(())
    }
}

const AN_ERROR: &str =
    "a spreadsheet writes that where a formula failed. Correct it there, or empty the cell.";

/// A password, as it is; one of nothing but spaces says nothing.
pub(super) fn password(raw: &str) -> Result<Option<Secret>, String> {
    nothing_is_lost(raw)?;
    if raw.trim().is_empty() {
        Ok(None)
    } else if raw.contains(['\n', '\r']) {
        Err("there is a line end in it. Is a quotation mark missing?".to_owned())
    } else if raw.chars().any(char::is_control) {
        Err("there are control characters in it.".to_owned())
    } else if raw.chars().count() > PASSWORD_MAX {
        Err(format!("use at most {PASSWORD_MAX} characters."))
    } else if is_known_error(raw.trim()) {
        Err(AN_ERROR.to_owned())
    } else if spoilt::is_formula(raw.trim()) {
        Err("a formula and no password. Save its value.".to_owned())
    } else if spoilt::is_power(raw.trim()) {
        Err("a spreadsheet has made a number of it. Format the column as text, and write the \
            password again."
            .to_owned())
    } else {
        Ok(Some(Secret::new(raw.to_owned())))
    }
}

/// Whether a password is what a spreadsheet writes where a formula failed: `=…` that somebody typed
/// for a password becomes that. Passwords may begin like one; none is as short, or is nothing but
/// `###`.
fn is_known_error(text: &str) -> bool {
    let is_short = text.chars().count() < PASSWORD_MIN;
    let begins_so = text.starts_with('#');
    let ends_so = text.ends_with(['!', '?', '#']) || matches!(text, "#N/A" | "#NV" | "#N/D");
    (begins_so && ends_so && is_short) || (begins_so && text.chars().all(|c| c == '#'))
}

/// A role, by its word or as the pages write it.
pub(super) fn role(raw: &str) -> Result<Option<Role>, String> {
    not_an_error(raw)?;
    if raw.trim().is_empty() {
        return Ok(None);
    }
    let role = Role::ALL
        .into_iter()
        .find(|role| is_called(raw, role.word()) || is_called(raw, role.title()));
    role.map(Some).ok_or_else(|| {
        let roles = Role::ALL.map(|role| format!("{} ({})", role.word(), role.title()));
        format!("there is no such role. The roles are {}.", roles.join(", "))
    })
}

/// Whether a cell says this, capitals of ASCII and blanks around it aside; of several words, with a
/// blank of any kind, a hyphen, an underscore or nothing between them. Nothing else is let pass:
/// `a d m i n` is nobody's role.
pub(super) fn is_called(cell: &str, name: &str) -> bool {
    let is_between = |c: char| c.is_whitespace() || matches!(c, '-' | '_');
    let mut rest = cell.trim();
    for (at, word) in name.split(is_between).enumerate() {
        if at > 0 {
            rest = rest.strip_prefix(is_between).unwrap_or(rest);
        }
        match rest.split_at_checked(word.len()) {
            Some((typed, more)) if typed.eq_ignore_ascii_case(word) => rest = more,
            _ => return false,
        }
    }
    rest.is_empty()
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
    "evet",
    "igen",
    "ναι",
    "是",
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
    "sann",
    "tosi",
    "igaz",
    "pravda",
    "adevărat",
    "istina",
    "істина",
    "αληθής",
    "αληθησ",
    "истина",
    "doğru",
    "真",
    "はい",
];

/// What means no.
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
    "hayır",
    "nem",
    "όχι",
    "οχι",
    "否",
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
    "hamis",
    "nepravda",
    "fals",
    "laž",
    "хибність",
    "ψευδής",
    "ψευδησ",
    "假",
    "いいえ",
];

/// Yes or no as [`YES`] and [`NO`] have it, or 1 or 0; none: the cell is empty.
pub(super) fn yes_or_no(raw: &str) -> Result<Option<bool>, String> {
    not_an_error(raw)?;
    let typed = in_one_case(raw.trim());
    let is_one_of = |words: &[&str]| words.iter().any(|word| in_one_case(word) == typed);
    // 1.0, or with a comma, where the column has decimals.
    let number = typed.replace(',', ".").parse::<f64>().ok();
    if typed.is_empty() {
        Ok(None)
    } else if is_one_of(YES) || number == Some(1.0) {
        Ok(Some(true))
    } else if is_one_of(NO) || number == Some(0.0) {
        Ok(Some(false))
    } else {
        Err("write yes or no.".to_owned())
    }
}

/// A word in small letters, composed: an i without its dot, as Turkish has it, is one with it, and
/// a final sigma is any.
fn in_one_case(word: &str) -> String {
    let small = word.to_lowercase().replace('ı', "i").replace("i\u{307}", "i").replace('ς', "σ");
    desk::folded(&small)
}
