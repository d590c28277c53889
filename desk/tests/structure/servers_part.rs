//! What of `app` is for the server alone stands in `app/src/server`. Beside a page are its `mod`
//! and `use` lines and what the page is told (`impl … PageRoute for …`), which call what is there.

use std::path::Path;

use crate::tokens::{Kind, Token};
use crate::{files, shown};

/// The room of it, and the places beside it: a set of pages has an entry of each for the server,
/// and a form's key is made in both builds, of other numbers.
const NAMED: [&str; 3] = ["app/src/server/", "app/src/page_set.rs", "app/src/forms/key.rs"];

pub(crate) fn outside_its_room(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for file in files(&project.join("app/src")) {
        let shown = shown(project, &file.path);
        if NAMED.iter().any(|place| shown.starts_with(place)) {
            continue;
        }
        for (at, token) in file.tokens.iter().enumerate() {
            let is_condition = token.kind == Kind::Text("ssr".to_owned())
                && at > 1
                && file.tokens[at - 2].is_word("feature");
            if is_condition && !leads_there(&file.tokens[at..]) {
                found.push(format!("{shown}:{}: feature = \"ssr\"", token.line));
            }
        }
    }
    found
}

/// Whether what follows the attribute, after it has closed, is one of those.
fn leads_there(tokens: &[Token]) -> bool {
    let Some(end) = tokens.iter().position(|token| token.is(']')) else { return false };
    let item = &tokens[end + 1..];
    let words: Vec<&str> =
        item.iter().take_while(|it| !it.is('{') && !it.is(';')).filter_map(Token::word).collect();
    let first = words.iter().find(|word| !matches!(**word, "pub" | "crate"));
    match first {
        Some(&"mod") => {
            !item.iter().find(|it| it.is('{') || it.is(';')).is_some_and(|it| it.is('{'))
        }
        Some(&"use") => true,
        Some(&"impl") => words.contains(&"PageRoute"),
        _ => false,
    }
}
