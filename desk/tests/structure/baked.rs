//! Paths of the machine that compiles, which a program would carry. Checkouts share a target
//! folder, and cargo takes a crate for the same wherever it lies: a test would read another one's
//! files.

use std::fs;
use std::path::Path;

use crate::shown;
use crate::tokens::{Kind, Token, tokens};
use crate::width::files_of_kinds;

/// What cargo tells the compiler of where the checkout is.
const PLACES: [&str; 2] = ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"];

pub(crate) fn places(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in files_of_kinds(project, &["rs"]) {
        let all = tokens(&fs::read_to_string(&path).unwrap_or_default());
        let lines = all.windows(4).filter(|four| is_place(four)).map(|four| four[0].line);
        found.extend(lines.map(|line| format!("{}:{line}", shown(project, &path))));
    }
    found
}

/// `env!("…")`; what is asked for when the program runs has no `!`.
fn is_place(four: &[Token]) -> bool {
    let [asks, mark, _, Token { kind: Kind::Text(name), .. }] = four else { return false };
    (asks.is_word("env") || asks.is_word("option_env"))
        && mark.is('!')
        && PLACES.contains(&name.as_str())
}
