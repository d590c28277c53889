//! Request Tracker's people and tokens, one JSON object a line, as its database or a file gives
//! them: one reader for both. Numbers may be texts, as some databases write them; times are UTC,
//! and the first second of 1970 is none. What a line holds is never repeated: it may be a password.
//! Tests: below.

use std::io::{self, BufRead as _, BufReader, Read};

use desk::{Moment, RtPerson, RtToken, Secret};
use serde_json::{Map, Value};

use crate::cli::exit::Failure;
use crate::cli::spreadsheet::LineError;
use crate::cli::terminal::framing::CHUNK;

/// What RT has in the place of a password where there is none.
const NO_PASSWORD: &str = "*NO-PASSWORD*";

/// RT's times that are none.
const NO_TIMES: [&str; 3] = ["", "1970-01-01 00:00:00", "0000-00-00 00:00:00"];

/// How many wrong lines are told.
const SHOWN: usize = 20;

/// One line's object.
struct Line(Map<String, Value>);

impl Line {
    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = str::from_utf8(bytes).map_err(|_| NOT_UTF_8.to_owned())?;
        match serde_json::from_str(text) {
            Ok(Value::Object(object)) => Ok(Self(object)),
            Ok(_) => Err(NO_OBJECT.to_owned()),
            Err(error) if error.is_eof() => Err(CUT.to_owned()),
            Err(_) => Err(NO_JSON.to_owned()),
        }
    }

    fn value(&self, field: &str) -> Result<&Value, String> {
        let missing = || format!("There is no “{field}” in it. Write it as the guide has it.");
        self.0.get(field).ok_or_else(missing)
    }

    /// A number, or a text of digits.
    fn number(&self, field: &str) -> Result<u64, String> {
        let value = self.value(field)?;
        let number = match value {
            Value::String(text) => text.trim().parse().ok(),
            Value::Bool(yes) => Some(u64::from(*yes)),
            value => value.as_u64(),
        };
        number.ok_or_else(|| format!("“{field}” is no number there."))
    }

    fn is_set(&self, field: &str) -> Result<bool, String> {
        self.number(field).map(|number| number != 0)
    }

    /// A text; nothing where the database has none.
    fn text(&self, field: &str) -> Result<String, String> {
        match self.value(field)? {
            Value::String(text) => Ok(text.clone()),
            Value::Null => Ok(String::new()),
            // A name of digits.
            Value::Number(number) => Ok(number.to_string()),
            _ => Err(format!("“{field}” is no text there.")),
        }
    }

    fn time(&self, field: &str) -> Result<Option<Moment>, String> {
        let text = self.text(field)?;
        moment(&text).ok_or_else(|| format!("“{field}” is no time there: 2027-01-31 10:00:00."))
    }

    /// As [`Self::time`], of a column that not every version has.
    fn time_if_any(&self, field: &str) -> Result<Option<Moment>, String> {
        if self.0.contains_key(field) { self.time(field) } else { Ok(None) }
    }

    fn person(&self) -> Result<RtPerson, String> {
        if self.0.contains_key("hash") {
            return Err(OTHER_FILE.to_owned());
        }
        let password = self.text("password")?;
        let has_one = !password.is_empty() && password != NO_PASSWORD;
        Ok(RtPerson {
            id: self.number("id")?,
            name: self.text("name")?,
            real_name: self.text("real_name")?,
            email: self.text("email")?,
            password: has_one.then(|| Secret::new(password)),
            disabled: self.is_set("disabled")?,
            privileged: self.is_set("privileged")?,
            created: self.time("created")?,
        })
    }

    fn token(&self) -> Result<RtToken, String> {
        if self.0.contains_key("email") {
            return Err(OTHER_FILE.to_owned());
        }
        Ok(RtToken {
            id: self.number("id")?,
            owner: self.number("owner")?,
            hash: Secret::new(self.text("hash")?),
            description: self.text("description")?,
            created: self.time("created")?,
            created_by: self.number("created_by")?,
            last_used: self.time("last_used")?,
            expires: self.time_if_any("expires")?,
        })
    }
}

/// A time of RT's, with a blank or a `T` in it, and fractions of a second or none. None: it is none
/// of these; within: RT has none there.
fn moment(text: &str) -> Option<Option<Moment>> {
    let text = text.trim();
    let whole = text.strip_suffix('Z').unwrap_or(text).replace('T', " ");
    let whole = whole.split('.').next().unwrap_or_default();
    if NO_TIMES.contains(&whole) {
        return Some(None);
    }
    let (day, time) = whole.split_once(' ')?;
    Moment::parse_exact(&format!("{day}T{time}.000Z")).map(Some)
}

const NOT_UTF_8: &str = "There are bytes that are not UTF-8. With MySQL’s own client add \
    --default-character-set=utf8mb4.";

/// The same of a row.
const NOT_UTF_8_ROW: &str = "There are bytes in its texts that are not UTF-8: a name, an address \
    or a description in another encoding.";

const NO_OBJECT: &str = "A line is one JSON object, in { }.";

const NO_JSON: &str = "This is no JSON. A line is one object, as the guide writes it; with MySQL’s \
    own client add --raw.";

const CUT: &str = "The line ends in the middle: the file is cut. Write it again.";

const OTHER_FILE: &str = "This is of the other file of the two: people are given by --people, \
    tokens by --tokens.";

/// People, a line each.
pub(super) fn people(name: &str, source: impl Read) -> Result<Vec<RtPerson>, Failure> {
    each(name, source, Line::person)
}

/// Tokens, a line each.
pub(super) fn tokens(name: &str, source: impl Read) -> Result<Vec<RtToken>, Failure> {
    each(name, source, Line::token)
}

/// People of the database, a row each.
pub(super) fn people_of_database(source: impl Read) -> Result<Vec<RtPerson>, Failure> {
    each_row("user", source, Line::person)
}

/// Tokens of the database, a row each.
pub(super) fn tokens_of_database(source: impl Read) -> Result<Vec<RtToken>, Failure> {
    each_row("token", source, Line::token)
}

/// Everything, or what is wrong with the first lines that are.
fn each<T>(
    name: &str,
    source: impl Read,
    read: impl Fn(&Line) -> Result<T, String>,
) -> Result<Vec<T>, Failure> {
    let (found, wrong) = read_all(name, source, |line, _| line, read)?;
    if wrong.is_empty() { Ok(found) } else { Err(refused(name, &wrong)) }
}

/// As [`each`], of the database: what is wrong is told by the number that Request Tracker has.
fn each_row<T>(
    kind: &str,
    source: impl Read,
    read: impl Fn(&Line) -> Result<T, String>,
) -> Result<Vec<T>, Failure> {
    let number = |_, row: &[u8]| row_number(row).unwrap_or_default();
    let (found, wrong) = read_all("Request Tracker’s database", source, number, read)?;
    if wrong.is_empty() { Ok(found) } else { Err(odd_rows(kind, &wrong)) }
}

/// The number of a row, which the texts of `sql/` write first: also where the rest is odd.
fn row_number(row: &[u8]) -> Option<u64> {
    let rest = row.strip_prefix(b"{")?.trim_ascii_start().strip_prefix(b"\"id\"")?;
    let rest = rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    str::from_utf8(&rest[..length]).ok()?.parse().ok()
}

/// What is read, and what is wrong by its number.
fn read_all<T>(
    name: &str,
    source: impl Read,
    number: impl Fn(u64, &[u8]) -> u64,
    read: impl Fn(&Line) -> Result<T, String>,
) -> Result<(Vec<T>, Vec<LineError>), Failure> {
    let mut source = BufReader::with_capacity(CHUNK, source);
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    let (mut bytes, mut line) = (Vec::new(), 0);
    loop {
        bytes.clear();
        let length =
            source.read_until(b'\n', &mut bytes).map_err(|error| unreadable(name, &error))?;
        if length == 0 {
            break;
        }
        line += 1;
        let text = if line == 1 { without_mark(&bytes) } else { &bytes[..] };
        let text = text.trim_ascii();
        if text.is_empty() {
            continue;
        }
        match Line::parse(text).and_then(|line| read(&line)) {
            Ok(one) => found.push(one),
            Err(what) => wrong.push(LineError { line: number(line, text), what }),
        }
    }
    Ok((found, wrong))
}

/// Without the mark of UTF-8 that some programs write before the first line.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(bytes)
}

/// Why a file is not read.
pub(super) fn unreadable(name: &str, error: &io::Error) -> Failure {
    Failure::Other(match error.kind() {
        io::ErrorKind::IsADirectory => format!("{name} is a folder: name a file in it."),
        _ => format!("{name} cannot be read: {error}."),
    })
}

/// What is wrong with a file's lines.
pub(super) fn refused(name: &str, wrong: &[LineError]) -> Failure {
    let listed = wrong.iter().take(SHOWN);
    let mut words: String =
        listed.map(|error| format!("{name}:{}: {}\n", error.line, error.what)).collect();
    if wrong.len() > SHOWN {
        words.push_str(&format!("… and {} more.\n", wrong.len() - SHOWN));
    }
    Failure::Other(format!("nothing was brought in.\n{words}Correct the file and try again."))
}

/// What is wrong with the database's rows: there is no file to correct.
fn odd_rows(kind: &str, wrong: &[LineError]) -> Failure {
    let listed = wrong.iter().take(SHOWN);
    let mut words: String = listed
        .map(|error| {
            let what = if error.what == NOT_UTF_8 { NOT_UTF_8_ROW } else { error.what.as_str() };
            format!("Request Tracker’s {kind} {}: {what}\n", error.line)
        })
        .collect();
    if wrong.len() > SHOWN {
        words.push_str(&format!("… and {} more.\n", wrong.len() - SHOWN));
    }
    Failure::Other(format!(
        "nothing was brought in.\n{words}Correct it in Request Tracker and try again. Or write \
         files as docs/integrations/request-tracker-import.md says, correct or leave out these \
         lines there, and give them by --people and --tokens."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: &str = r#"{"id":"22","name":"Zoë","real_name":null,"email":"zoe@example.org",
        "password":"!bcrypt!04!x","disabled":0,"privileged":"1","created":"2024-02-29 10:00:01"}"#;
    const TOKEN: &str = r#"{"id":7,"owner":22,"hash":"!bcrypt!04!x","description":"backup",
        "created":"2024-02-29T10:00:01.5","created_by":"22","last_used":null}"#;

    fn line(text: &str) -> String {
        text.replace('\n', "")
    }

    fn wrong(text: &[u8]) -> String {
        people("people", text).expect_err("wrong").to_string()
    }

    #[test]
    fn a_person_is_read_as_each_database_writes_them() {
        let text = format!("\u{FEFF}{}\r\n\n", line(ALICE));
        let found = people("people", text.as_bytes()).expect("read");
        let [alice] = found.as_slice() else { panic!("{}", found.len()) };
        assert_eq!((alice.id, alice.name.as_str(), alice.real_name.as_str()), (22, "Zoë", ""));
        assert_eq!((alice.disabled, alice.privileged), (false, true));
        let password = alice.password.as_ref().map(Secret::expose);
        assert_eq!(password, Some("!bcrypt!04!x"));
        assert_eq!(alice.created.map(Moment::rfc3339).as_deref(), Some("2024-02-29T10:00:01Z"));
        for none in ["\"\"", "null", "\"*NO-PASSWORD*\""] {
            let text = line(ALICE).replace("\"!bcrypt!04!x\"", none);
            let found = people("people", text.as_bytes()).expect("read");
            assert!(found[0].password.is_none(), "{none}");
        }
    }

    #[test]
    fn a_token_has_an_end_where_there_is_the_column() {
        let found = tokens("tokens", line(TOKEN).as_bytes()).expect("read");
        assert_eq!((found[0].id, found[0].owner, found[0].created_by), (7, 22, 22));
        assert_eq!((found[0].last_used, found[0].expires), (None, None));
        assert_eq!(found[0].created.map(Moment::rfc3339).as_deref(), Some("2024-02-29T10:00:01Z"));
        for (written, expected) in [
            ("\"2027-01-31 23:59:59\"", Some("2027-01-31T23:59:59Z")),
            ("\"1970-01-01 00:00:00\"", None),
            ("null", None),
        ] {
            let text = line(TOKEN)
                .replace("\"last_used\"", &format!("\"expires\":{written},\"last_used\""));
            let found = tokens("tokens", text.as_bytes()).expect("read");
            assert_eq!(found[0].expires.map(Moment::rfc3339).as_deref(), expected, "{written}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_by_its_line_and_nothing_of_it_is_repeated() {
        let good = line(ALICE);
        for (bad, expected) in [
            (&good[..60], "the file is cut"),
            ("[1]", "one JSON object"),
            ("id name", "no JSON"),
            (&good.replace("\"email\"", "\"mail\""), "There is no “email” in it."),
            (&good.replace("\"22\"", "\"x\""), "“id” is no number there."),
            (&good.replace("2024-02-29", "2023-02-29"), "“created” is no time there"),
            (&good.replace("null", "[]"), "“real_name” is no text there."),
            (&line(TOKEN), "given by --people, tokens"),
        ] {
            let words = wrong(format!("{good}\n{bad}\n{good}\n").as_bytes());
            assert!(words.contains("people:2: ") && words.contains(expected), "{words}");
            assert!(!words.contains("people:1: ") && !words.contains("people:3: "), "{words}");
            assert!(!words.contains("bcrypt"), "{words}");
        }
        let words = tokens("tokens", good.as_bytes()).expect_err("wrong").to_string();
        assert!(words.contains("tokens:1: ") && words.contains("the other file"), "{words}");
        assert!(wrong(b"\xFF{}").contains("not UTF-8"));
        let words = wrong("x\n".repeat(SHOWN + 3).as_bytes());
        assert!(words.contains("… and 3 more."), "{words}");
    }

    #[test]
    fn an_odd_row_of_the_database_is_told_by_its_number_there() {
        let latin = line(ALICE).replace("\"22\"", "22").into_bytes();
        let at = latin.windows(3).position(|bytes| bytes == b"Zo\xC3").expect("a name");
        let latin = [&latin[..at + 2], b"\xEB", &latin[at + 4..]].concat();
        let spaced =
            line(ALICE).replace("{\"id\":\"22\"", "{\"id\" : 23").replace("02-29", "02-30");
        let source = [&latin[..], b"\n", spaced.as_bytes()].concat();
        let words = people_of_database(&source[..]).expect_err("wrong").to_string();
        assert!(words.contains("user 22: There are bytes in its texts"), "{words}");
        assert!(words.contains("user 23: “created” is no time there"), "{words}");
        assert!(words.contains("--people") && !words.contains("Correct the file"), "{words}");
        assert!(!words.contains("bcrypt") && !words.contains("--default-character-set"), "{words}");
        let odd = line(TOKEN).replace("\"created_by\":\"22\"", "\"created_by\":\"x\"");
        let words = tokens_of_database(odd.as_bytes()).expect_err("wrong").to_string();
        assert!(words.contains("token 7: “created_by” is no number there"), "{words}");
        let many = format!("{}\n", line(ALICE).replace("02-29", "02-30")).repeat(SHOWN + 2);
        let words = people_of_database(many.as_bytes()).expect_err("wrong").to_string();
        assert!(words.contains("… and 2 more."), "{words}");
    }
}
