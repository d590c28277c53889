//! SurrealQL in string literals, the store's client, and calls on a database's handle.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use crate::shown;
use crate::tokens::{self, Kind, Token};
use crate::width::files_of_kinds;

/// Where it stands, whoever writes it: the store; a server of SurrealDB's that tests start; what
/// looks for it (`structure`); tests that ask a store past the desk. And what is another
/// database's, Request Tracker's.
const ITS_PLACES: [&str; 7] = [
    "desk/src/store/",
    "tools/surreal/",
    "desk/tests/structure",
    "desk/tests/desk/store_users.rs",
    "desk/benches/seed.rs",
    "server/tests/server/command_line/request_tracker/",
    "server/tests/server/traces.rs",
];

/// The places outside, files of it too.
pub(crate) fn outside_the_store(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in files_of_kinds(project, &["rs", "surql"]) {
        let file = shown(project, &path);
        if ITS_PLACES.iter().any(|place| file.starts_with(place)) {
            continue;
        }
        if path.extension() == Some(OsStr::new("surql")) {
            found.push(format!("{file}:1: a file of SurrealQL"));
            continue;
        }
        let is_of_the_desk = file.starts_with("desk/src/");
        let queries = if is_of_the_desk { Queries::All } else { Queries::OnDatabases };
        let tokens = tokens::tokens(&fs::read_to_string(&path).unwrap_or_default());
        let places = places(&tokens, queries).into_iter();
        found.extend(places.map(|(line, what)| format!("{file}:{line}: {what}")));
    }
    found
}

/// A place in a file that speaks to the database: the line, and what stands there.
type Place = (usize, String);

/// Whether every `.query(…)` speaks to the database, or only one on what is called like a database:
/// requests have queries too.
#[derive(Clone, Copy)]
enum Queries {
    All,
    OnDatabases,
}

fn places(tokens: &[Token], queries: Queries) -> Vec<Place> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match &token.kind {
            Kind::Text(text) => {
                if let Some(start) = statement(text) {
                    let line = token.line + text[..start].matches('\n').count();
                    found.push((line, format!("SurrealQL: {}", excerpt(&text[start..]))));
                }
            }
            Kind::Word(word)
                if word == "surrealdb"
                    || word.starts_with("surrealdb_")
                        && (follows(tokens, at, Token::is_separator) || is_brought(tokens, at)) =>
            {
                found.push((token.line, format!("the store's client: `{word}`")));
            }
            Kind::Word(word)
                if word == "query"
                    && follows(tokens, at, |next| next.is('('))
                    && at > 0
                    && tokens[at - 1].is('.') =>
            {
                let on = at.checked_sub(2).and_then(|before| tokens[before].word()).unwrap_or("…");
                if matches!(queries, Queries::All)
                    || matches!(on, "db" | "database" | "store" | "surreal" | "connection")
                {
                    found.push((token.line, format!("a query on a database: `{on}.query(`")));
                }
            }
            _ => {}
        }
    }
    found
}

/// `use surrealdb_core as …` and `extern crate surrealdb_core`.
fn is_brought(tokens: &[Token], at: usize) -> bool {
    at.checked_sub(1).is_some_and(|at| tokens[at].is_word("use") || tokens[at].is_word("crate"))
}

fn follows(tokens: &[Token], at: usize, fits: impl Fn(&Token) -> bool) -> bool {
    tokens.get(at + 1).is_some_and(fits)
}

fn excerpt(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim_end();
    line.chars().take(80).collect()
}

/// Where the first statement, clause or function of SurrealQL in a text begins. Keywords are
/// capitals, as they are written here: "select one from the list" is English, and `"DELETE"` alone
/// is a method of HTTP.
fn statement(text: &str) -> Option<usize> {
    words(text).find(|(start, word)| speaks(text, *start, word)).map(|(start, _)| start)
}

/// The words of a text, and where each begins.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.split(move |c| !inside(c))
        .filter(|word| !word.is_empty())
        .map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

fn speaks(text: &str, start: usize, word: &str) -> bool {
    let before = text[..start].trim_end_matches(' ');
    let after = &text[start + word.len()..];
    let rest = after.trim_start();
    let spaced = rest.len() < after.len();
    let first = rest.chars().next().unwrap_or(' ');
    let next = words(rest).next().filter(|(at, _)| *at == 0).map_or("", |(_, word)| word);
    let operand = spaced && (first.is_ascii_lowercase() || "$({<`_".contains(first));
    match word {
        "SELECT" => operand || spaced && (first == '*' || next == "VALUE"),
        "CREATE" | "UPDATE" | "UPSERT" | "DELETE" | "RELATE" => {
            operand || next == "ONLY" || next == "FROM"
        }
        "WHERE" => operand || first == '!',
        // No English has a star there.
        "select" => spaced && (first == '*' || rest.starts_with("value ")),
        "INSERT" => matches!(next, "INTO" | "IGNORE" | "RELATION"),
        "DEFINE" | "REMOVE" | "ALTER" | "REBUILD" => {
            let kinds = [
                "ACCESS",
                "ANALYZER",
                "CONFIG",
                "DATABASE",
                "EVENT",
                "FIELD",
                "FUNCTION",
                "INDEX",
                "NAMESPACE",
                "PARAM",
                "SEQUENCE",
                "TABLE",
                "USER",
            ];
            kinds.contains(&next)
        }
        "INFO" => next == "FOR",
        "LIVE" => next == "SELECT",
        "BEGIN" | "COMMIT" | "CANCEL" => {
            let alone = text.trim() == word && word != "CANCEL";
            alone || next == "TRANSACTION" || first == ';'
        }
        "THROW" => "'\"${".contains(first) && !rest.is_empty(),
        "KILL" | "LET" | "FOR" | "LIMIT" | "START" | "IN" | "CONTAINS" | "MERGE" | "CONTENT" => {
            first == '$'
        }
        "RETURN" => first == '$' || matches!(next, "BEFORE" | "AFTER" | "DIFF" | "NONE" | "VALUE"),
        "ORDER" | "GROUP" => matches!(next, "BY" | "ALL"),
        "SET" => operand && rest[next.len()..].trim_start().starts_with(['=', '+', '-']),
        "IS" => next == "NONE" || rest.starts_with("NOT NONE"),
        "type" | "record" | "array" | "string" | "object" | "math" | "time" | "crypto" | "rand" => {
            let name_of_function = |name: &str| {
                name.split("::").all(|part| {
                    !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
                })
            };
            let call = after.strip_prefix("::").and_then(|call| call.split_once('('));
            !before.ends_with(':') && call.is_some_and(|(name, _)| name_of_function(name))
        }
        // `owner = $owner`: a shell's variables have capitals and no spaces before them.
        variable => {
            let named = variable
                .strip_prefix('$')
                .is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase()));
            named && before.len() < start && before.ends_with(['=', '<', '>'])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::statement;

    #[test]
    fn statements_clauses_and_functions_are_recognised() {
        for text in [
            "SELECT * FROM user",
            "select * from user",
            "select value loaded from only meta:demo",
            "SELECT VALUE loaded FROM ONLY meta:demo",
            "LIVE SELECT owner FROM token",
            "  \n UPDATE token SET revoked_at = $at",
            "UPSERT meta:demo SET loaded = true",
            "CREATE type::record('form', $form)",
            "DELETE session WHERE user = $netid",
            "DELETE type::record('session', $id)",
            "FOR $ended IN $sessions { DELETE $ended }",
            "INSERT INTO audit $rows",
            "RELATE $person->owns->$token",
            "DEFINE TABLE user SCHEMAFULL",
            "REMOVE FIELD given ON user",
            "BEGIN TRANSACTION",
            "BEGIN; ",
            "COMMIT",
            "IF $gone { THROW 'over' }",
            "LET $row = 1",
            " AND owner = $owner",
            " WHERE seq > 3",
            " ORDER BY id",
            "revoked_at IS NOT NONE",
            "record::id(id)",
            "RETURN BEFORE",
            "UPDATE {table} SET x = 1",
        ] {
            assert!(statement(text).is_some(), "not recognised: {text}");
        }
    }

    #[test]
    fn other_text_is_left_alone() {
        for text in [
            "DELETE",
            "CREATE",
            "POST, PUT, PATCH, DELETE, PROPFIND",
            "select a person from the list",
            "Update your password, or delete it.",
            "-----BEGIN CERTIFICATE-----",
            "UPDATE_OPENAPI=1",
            "surrealdb=warn,surrealdb::method::live=off,surrealdb_core::kvs::tasks=off",
            "curl -H \"Authorization: token $TOKEN\"",
            "token=$TOKEN",
            "std::any::type_name",
            "WHERE",
            "Set up for real",
            "https://example.edu/?next=/admin",
        ] {
            assert!(statement(text).is_none(), "taken for SurrealQL: {text}");
        }
    }
}
