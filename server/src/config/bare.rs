//! Values that the file has without quotes, so that it is no TOML: what one plainly means is taken,
//! and of any other it is said how it is written. Tests: below.

use toml::de::DeTable;

use super::names::{self, Key};
use super::sections::says_yes;
use super::value::ValueKind;

/// The text with `starttls = yes` as TOML writes it: what a bare word means is plain where only
/// true and false can be meant.
pub(super) fn mended(mut text: String) -> String {
    // As often as there are such lines.
    while let Some((line, better)) =
        not_toml(&text).and_then(|line| Some((line, yes_or_no(&text, line)?)))
    {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let end =
            lines.get(line).map_or("", |line| &line[line.trim_end_matches(['\r', '\n']).len()..]);
        let (before, after) =
            (lines[..line].concat(), lines.get(line + 1..).unwrap_or_default().concat());
        text = format!("{before}{better}{end}{after}");
    }
    text
}

/// The line, from 0, at which a text stops to be TOML.
fn not_toml(text: &str) -> Option<usize> {
    let at = DeTable::parse(text).err()?.span().map_or(0, |span| span.start);
    Some(line_ends(text, at))
}

/// How many lines end before that place.
#[expect(clippy::naive_bytecount, reason = "once, of a file of some kilobytes")]
pub(super) fn line_ends(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count()
}

/// A line that sets a key to a word for yes or no, as TOML writes it.
fn yes_or_no(text: &str, at: usize) -> Option<String> {
    let (key, word) = bare(text, at)?;
    let line = text.lines().nth(at)?;
    let yes = says_yes(word).filter(|_| ValueKind::of(&key) == ValueKind::YesOrNo)?;
    let (before, after) = line.split_once('=')?;
    Some(format!("{before}={}", after.replacen(word, if yes { "true" } else { "false" }, 1)))
        .filter(|better| better != line)
}

/// The section that a line, counted from 0, is in.
fn section(text: &str, at: usize) -> Option<&str> {
    let lines = text.lines().take(at);
    let headings = lines.filter_map(|line| line.trim().strip_prefix('[')?.split(']').next());
    headings.last().map(str::trim)
}

/// The key that a line, counted from 0, sets, by any of its names, and what it has for a value,
/// without a comment. Of several keys of a name it is the one of its section; where there is none,
/// one that is a secret before others.
fn bare(text: &str, at: usize) -> Option<(Key, &str)> {
    let (name, value) = text.lines().nth(at)?.split_once('=')?;
    let name = name.trim().trim_matches(['"', '\'']);
    let section = section(text, at);
    let is_called = |key: &Key| key.name == name || key.flat() == name || key.path() == name;
    let key = names::all().into_iter().filter(is_called).max_by_key(|key| {
        let is_whole = key.flat() == name || key.path() == name;
        (is_whole, section == Some(key.section), key.is_secret())
    })?;
    let value = value.split(" #").next().unwrap_or_default().trim();
    Some((key, value)).filter(|(_, value)| !value.is_empty())
}

/// What is said of a line at which the file stops to be TOML, where a value lacks its quotes or is
/// no number; none: it is something else.
pub(super) fn wrong(text: &str, at: usize) -> Option<String> {
    let (key, value) =
        bare(text, at).filter(|(_, value)| !value.starts_with(['"', '\'', '[', '{', '=']))?;
    Some(ValueKind::of(&key).wrong_bare(&key, value))
}

/// What the parser says of a text that is no TOML, in words for whoever wrote it.
pub(super) fn in_words(message: &str) -> String {
    // What it would rather have is told in its own terms.
    let message = message
        .split(", expected")
        .next()
        .unwrap_or(message)
        .trim_end_matches('.')
        .replace('\n', " ");
    let is = |begins: &[&str]| begins.iter().any(|begins| message.starts_with(begins));
    let words = if is(&[
        "string values must be quoted",
        "invalid float",
        "invalid integer",
        "invalid value",
        "invalid datetime",
    ]) {
        "a text is written in quotes, each of a list too"
    } else if is(&["invalid basic string", "invalid literal string", "invalid multi-line"]) {
        "a quotation mark is missing, or a line end is in a text"
    } else if is(&["missing comma between array elements"]) {
        "a comma or a quotation mark is missing in this list"
    } else if is(&["unclosed array", "unclosed table"]) {
        "a bracket is not closed: ] is missing"
    } else if is(&["key with no value"]) {
        "there is a key without = and a value"
    } else if is(&["duplicate key"]) {
        "this key, or this section, is there already"
    } else {
        return format!("this is no TOML: {message}");
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::file::{File, parse};
    use super::super::places::Places;

    fn read(text: &str) -> Result<File, String> {
        parse(PathBuf::from("latchkey.toml"), text, &mut Places::default())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_word_for_yes_or_no_is_taken_without_quotes_too() {
        for (text, starttls, groups) in [
            ("[ldap]\nstarttls = no\n[scim]\ngroups = yes # by them\n", false, true),
            ("[ldap]\r\nstarttls = Off\r\n[scim]\r\ngroups = TRUE\r\n", false, true),
            ("ldap_starttls = no\nscim_groups=on", false, true),
        ] {
            let file = read(text).expect(text);
            assert_eq!(
                (file.given.ldap.starttls, file.given.scim.groups),
                (Some(starttls), Some(groups)),
                "{text}"
            );
            assert_eq!(
                file.text.lines().count(),
                text.lines().count(),
                "lines stay where they are"
            );
        }
        let error = read("[ldap]\nstarttls = perhaps\n").map(|_| ()).expect_err("no word");
        assert!(
            error.starts_with("latchkey.toml:2: “perhaps” is neither true nor false"),
            "{error}"
        );
    }

    #[test]
    fn what_else_is_no_toml_is_told_in_words_with_its_line() {
        for (text, message) in [
            (
                "[proxy]\ntrusted = [\n  \"10.0.0.1\",\n  127.0.0.1\n]\n",
                "4: a text is written in quotes, each of a list too.",
            ),
            (
                "[proxy]\ntrusted = [\n  \"10.0.0.1\"\n  \"127.0.0.1\"\n]\n",
                "4: a comma or a quotation mark is missing in this list.",
            ),
            (
                "[server]\nnode = \"a\n",
                "2: a quotation mark is missing, or a line end is in a text.",
            ),
            (
                "[server]\nnode = \"a\"\nnode = \"b\"\n",
                "3: this key, or this section, is there already.",
            ),
            ("[log]\n[server]\n[log]\n", "3: this key, or this section, is there already."),
            ("[log]\ngarbage\n", "2: there is a key without = and a value."),
        ] {
            let error = read(text).map(|_| ()).expect_err(text);
            assert!(error.starts_with(&format!("latchkey.toml:{message}")), "{text}: {error}");
        }
    }

    #[test]
    fn a_text_without_quotes_is_told_how_it_is_written() {
        for (text, message) in [
            (
                "[store]\n\nurl = rocksdb://data # here\n",
                "3: a text is written in quotes: url = \"rocksdb://data\".",
            ),
            (
                "[server]\nlisten = 127.0.0.1:3000\n",
                "2: a text is written in quotes: listen = \"127.0.0.1:3000\".",
            ),
            (
                "listen = 127.0.0.1:3000\n",
                "1: a text is written in quotes: listen = \"127.0.0.1:3000\".",
            ),
            (
                "[proxy]\ntrusted = 10.0.0.0/8\n",
                "2: a list of texts is written trusted = [\"10.0.0.0/8\"].",
            ),
            (
                "[sessions]\nidle_minutes = 5\nhours = eight\n",
                "3: “eight” is not possible: write a whole number from 0 on, such as hours = 8.",
            ),
            (
                "[sessions]\nhours = 8h\n",
                "2: “8h” is not possible: write a whole number from 0 on, such as hours = 8.",
            ),
            ("[store]\npassword = hunter2\n", "2: a text is written in quotes: password = \"…\"."),
        ] {
            let error = read(text).map(|_| ()).expect_err(text);
            assert!(error.starts_with(&format!("latchkey.toml:{message}")), "{error}");
        }
    }
}
