//! A key's value as it is given: in the file by its kind, in the environment as a text. What is
//! plainly meant is taken, alike from both; of what is not it is said what was given, what is
//! expected, and how to write that. The parser's own words reach nobody. Tests: below, and
//! `server/tests/server/command_line/configuration.rs`, `variables.rs`.

use confique::meta::Expr;
use toml::{Table, Value};

use super::names::Key;
use super::sections::{Given, says_yes};
use crate::quoted::{quoted, shown};

/// What a key's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueKind {
    /// True or false.
    YesOrNo,
    /// A whole number.
    Number,
    /// Texts.
    List,
    /// A text that nobody may see.
    Secret,
    /// A text; of some keys an address, or one of a few words.
    Text,
}

/// Where a value is given, and so how one is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// In the configuration file, as TOML.
    File,
    /// As a variable of the environment.
    Variable,
}

/// The key with this value.
///
/// # Errors
/// What is wrong with the value, without a full stop, and without it where it is a secret.
pub(super) fn read(key: &Key, value: &Value, form: Form) -> Result<Given, String> {
    let kind = ValueKind::of(key);
    let meant = kind.meant(value).ok_or_else(|| kind.wrong(key, &written(value), form))?;
    alone(key, meant).map_err(|why| match kind {
        ValueKind::Number => format!("{} is too large a number", written(value)),
        ValueKind::Secret => kind.wrong(key, "", form),
        // Said by whoever reads that kind of text.
        ValueKind::YesOrNo | ValueKind::List | ValueKind::Text => {
            why.trim_end_matches('.').replace('\n', " ")
        }
    })
}

fn alone(key: &Key, value: Value) -> Result<Given, String> {
    let section = Table::from_iter([(key.name.to_owned(), value)]);
    let file = Table::from_iter([(key.section.to_owned(), Value::Table(section))]);
    file.try_into().map_err(|error: toml::de::Error| error.message().to_owned())
}

/// What was given, as a message says it.
fn written(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        other => shown(&other.to_string()),
    }
}

impl ValueKind {
    /// By what the key's own type takes.
    pub(super) fn of(key: &Key) -> Self {
        let takes = |value: Value| alone(key, value).is_ok();
        if key.is_secret() {
            Self::Secret
        } else if takes(Value::Boolean(true)) {
            Self::YesOrNo
        } else if takes(Value::Integer(1)) {
            Self::Number
        } else if takes(Value::Array(Vec::new())) {
            Self::List
        } else {
            Self::Text
        }
    }

    /// What is plainly meant.
    fn meant(self, value: &Value) -> Option<Value> {
        let number = |number: i64| (number >= 0).then_some(number);
        match (self, value) {
            (Self::YesOrNo, Value::Integer(number)) => {
                says_yes(&number.to_string()).map(Value::Boolean)
            }
            (Self::YesOrNo, Value::String(text)) => says_yes(text).map(Value::Boolean),
            (Self::Number, Value::Integer(given)) => number(*given).map(Value::Integer),
            (Self::Number, Value::String(text)) => {
                text.trim().parse().ok().and_then(number).map(Value::Integer)
            }
            (Self::Text, Value::Integer(given)) => {
                number(*given).map(|given| Value::String(given.to_string()))
            }
            (Self::List, Value::Array(list)) => {
                list.iter().all(Value::is_str).then(|| value.clone())
            }
            (Self::YesOrNo, Value::Boolean(_))
            | (Self::List | Self::Secret | Self::Text, Value::String(_)) => Some(value.clone()),
            _ => None,
        }
    }

    /// What is said of a value of another kind.
    fn wrong(self, key: &Key, given: &str, form: Form) -> String {
        let example = self.example(key, form);
        match self {
            Self::YesOrNo => {
                format!("{given} is neither true nor false: write one of them, such as {example}")
            }
            Self::Number => format!(
                "{given} is not possible: write a whole number from 0 on, such as {example}"
            ),
            Self::List => format!("{given} is no list of texts: write one, such as {example}"),
            Self::Secret => format!("this value cannot be read: write a text in quotes, {example}"),
            Self::Text => format!("{given} is no text: write one in quotes, such as {example}"),
        }
    }

    /// What is said of a value that is no TOML; `text` is what the line has for it.
    pub(super) fn wrong_bare(self, key: &Key, text: &str) -> String {
        match self {
            Self::YesOrNo | Self::Number => self.wrong(key, &quoted(text), Form::File),
            Self::Secret => {
                format!("a text is written in quotes: {}", self.example(key, Form::File))
            }
            Self::List if !text.contains(['"', '\'', '[']) => {
                format!("a list of texts is written {} = [\"{}\"]", key.name, shown(text))
            }
            Self::Text if !text.contains(['"', '\'']) => {
                format!("a text is written in quotes: {} = \"{}\"", key.name, shown(text))
            }
            Self::List | Self::Text => {
                format!(
                    "its quotes or brackets are not closed, or not opened: write it like {}",
                    self.example(key, Form::File)
                )
            }
        }
    }

    /// How a value is written.
    fn example(self, key: &Key, form: Form) -> String {
        let default =
            key.default.filter(|default| !matches!(default, Expr::Array([]) | Expr::Str("")));
        let default = default.and_then(|default| serde_json::to_string(&default).ok());
        let usual = match self {
            Self::YesOrNo => "true",
            Self::Number => "8",
            Self::List => "[\"one\", \"another\"]",
            Self::Secret | Self::Text => "\"…\"",
        };
        let value =
            default.map_or_else(|| usual.to_owned(), |text| text.replace("\",\"", "\", \""));
        match form {
            Form::File => format!("{} = {value}", key.name),
            Form::Variable => format!("{}={}", key.variable, value.trim_matches('"')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::names;
    use super::super::sections::Sections;
    use super::*;

    fn key(path: &str) -> Key {
        names::all().into_iter().find(|key| key.path() == path).expect(path)
    }

    fn taken(path: &str, value: impl Into<Value>) -> Result<Sections, String> {
        read(&key(path), &value.into(), Form::File).map(Sections::over_defaults)
    }

    #[test]
    fn what_is_plainly_meant_is_taken() {
        for yes in
            [Value::from("yes"), "On".into(), " TRUE ".into(), "1".into(), 1.into(), true.into()]
        {
            assert!(taken("scim.groups", yes.clone()).expect("yes").scim.groups, "{yes}");
        }
        for no in
            [Value::from("no"), "off".into(), "False".into(), "0".into(), 0.into(), false.into()]
        {
            assert!(!taken("ldap.starttls", no.clone()).expect("no").ldap.starttls, "{no}");
        }
        for number in [Value::from(9), "9".into(), " 9 ".into()] {
            assert_eq!(
                taken("sessions.hours", number.clone()).expect("a number").sessions.hours,
                9,
                "{number}"
            );
        }
        assert_eq!(taken("server.node", 7).expect("a text").server.node, "7");
        assert_eq!(
            taken("scim.max_leavers_per_hour", 12).expect("a text").scim.max_leavers_per_hour,
            "12"
        );
        for list in [
            Value::from("127.0.0.1/32, 10.0.0.0/8"),
            vec!["127.0.0.1/32, 10.0.0.0/8"].into(),
            vec!["127.0.0.1/32", "10.0.0.0/8"].into(),
        ] {
            assert_eq!(
                taken("proxy.trusted", list.clone()).expect("a list").proxy.trusted,
                ["127.0.0.1/32", "10.0.0.0/8"],
                "{list}"
            );
        }
        let exact = taken("groups.admin", vec!["cn=a,ou=x; cn=b"]).expect("a list").groups.admin;
        assert_eq!(exact, ["cn=a,ou=x; cn=b"], "a group's name may have both");
        let word =
            taken("people.first_password", "Self-Service").expect("a word").people.first_password;
        assert_eq!(word, crate::config::FirstPassword::SelfService);
    }

    #[test]
    fn of_what_is_not_it_is_said_what_was_given_and_what_to_write() {
        for (path, value, expected) in [
            (
                "sessions.hours",
                Value::from("long"),
                "“long” is not possible: write a whole number from 0 on, such as hours = 8",
            ),
            ("sessions.hours", "".into(), "“” is not possible"),
            ("sessions.hours", Value::from(8.5), "8.5 is not possible"),
            ("sessions.hours", Value::from(-1), "-1 is not possible"),
            ("sessions.hours", true.into(), "true is not possible"),
            ("sessions.hours", 99_999_999_999_i64.into(), "99999999999 is too large a number"),
            (
                "ldap.starttls",
                "maybe".into(),
                "“maybe” is neither true nor false: write one of them, such as starttls = true",
            ),
            ("ldap.starttls", 2.into(), "2 is neither true nor false"),
            (
                "proxy.trusted",
                7.into(),
                "7 is no list of texts: write one, such as trusted = [\"one\", \"another\"]",
            ),
            ("proxy.trusted", vec![7].into(), "[7] is no list of texts"),
            (
                "people.reserved_netids",
                true.into(),
                "such as reserved_netids = [\"root\", \"nobody\"",
            ),
            (
                "server.node",
                vec!["a"].into(),
                "[\"a\"] is no text: write one in quotes, such as node = \"main\"",
            ),
            (
                "server.public_url",
                true.into(),
                "true is no text: write one in quotes, such as public_url = \"…\"",
            ),
            (
                "server.listen",
                "3000".into(),
                "“3000” is no address with a port: write one like 127.0.0.1:3000",
            ),
            ("log.format", "xml".into(), "“xml” is none of “text”, “json”: write one of them"),
            (
                "people.first_password",
                "nobody".into(),
                "“nobody” is none of “help-desk”, “self-service”",
            ),
        ] {
            let error = taken(path, value).map(|_| ()).expect_err(path);
            assert!(
                error.starts_with(expected)
                    || (expected.starts_with("such") && error.contains(expected)),
                "{path}: {error}"
            );
        }
        let error = read(&key("sessions.hours"), &"long".into(), Form::Variable)
            .map(|_| ())
            .expect_err("long");
        assert_eq!(
            error,
            "“long” is not possible: write a whole number from 0 on, such as \
             LATCHKEY_SESSION_HOURS=8"
        );
    }

    #[test]
    fn of_no_key_the_parser_s_own_words_are_told() {
        let others = [
            Value::from(-7),
            7.7.into(),
            true.into(),
            "nonsense \u{1b}".into(),
            vec![7].into(),
            Value::Table(Table::new()),
            vec![""].into(),
        ];
        for key in names::all() {
            for value in &others {
                for form in [Form::File, Form::Variable] {
                    let Err(error) = read(&key, value, form) else { continue };
                    for word in [
                        "invalid type",
                        "expected",
                        "deserialize",
                        "u32",
                        "usize",
                        "unknown variant",
                        "integer `",
                        "\u{1b}",
                    ] {
                        assert!(!error.contains(word), "{}: {error}", key.path());
                    }
                }
            }
        }
    }

    #[test]
    fn a_secret_is_never_told() {
        for key in names::all().into_iter().filter(Key::is_secret) {
            for value in [Value::from(1_234_567), vec!["1234567"].into(), 1_234_567.5.into()] {
                let error = read(&key, &value, Form::File).map(|_| ()).expect_err("no text");
                assert!(
                    !error.contains("1234567") && error.contains("a text in quotes"),
                    "{error}"
                );
            }
        }
    }
}
