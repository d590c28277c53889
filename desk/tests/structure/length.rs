//! No file of Rust, of another language that is compiled or run, or of a style has more than 400
//! lines, sources and tests alike, wherever it stands, and no function of Rust more than 80.

use std::fs;
use std::path::Path;

use crate::shown;
use crate::tokens::{Kind, Token, tokens};
use crate::width::files_of_kinds;

/// A file that is longer does more than one thing.
pub(crate) const MAX_LINES: usize = 400;

/// A function that is longer is read in pieces anyway.
pub(crate) const MAX_LINES_OF_A_FUNCTION: usize = 80;

/// By what the names of such files end.
const KINDS: [&str; 15] = [
    "rs", "ts", "mts", "cts", "tsx", "js", "mjs", "cjs", "jsx", "py", "pl", "pm", "sh", "lua",
    "css",
];

pub(crate) fn too_long(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in files_of_kinds(project, &KINDS) {
        let lines = fs::read_to_string(&path).unwrap_or_default().lines().count();
        if lines > MAX_LINES {
            let file = shown(project, &path);
            found.push(format!("{file}:{lines}: {lines} lines, {MAX_LINES} at most"));
        }
    }
    found
}

pub(crate) fn too_long_functions(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in files_of_kinds(project, &["rs"]) {
        let tokens = tokens(&fs::read_to_string(&path).unwrap_or_default());
        for (line, name, length) in functions(&tokens) {
            if length > MAX_LINES_OF_A_FUNCTION {
                found.push(format!(
                    "{}:{line}: {name} has {length} lines, {MAX_LINES_OF_A_FUNCTION} at most",
                    shown(project, &path)
                ));
            }
        }
    }
    found
}

/// The functions of a source, those within macros too: the line of the name, the name, and how many
/// lines its head and body take.
fn functions(tokens: &[Token]) -> Vec<(usize, &str, usize)> {
    let mut found = Vec::new();
    for at in (0..tokens.len()).filter(|at| tokens[*at].is_word("fn")) {
        // `fn $name` in a macro; `fn(u8)` is a type, and has none.
        let name = at + 1 + usize::from(tokens.get(at + 1).is_some_and(|next| next.is('$')));
        let Some(word) = tokens.get(name).and_then(Token::word) else { continue };
        let Some(last) = end_of_body(&tokens[name..]) else { continue };
        found.push((tokens[at].line, word, last - tokens[at].line + 1));
    }
    found
}

/// The line of the brace that closes a function's body, where it has one.
fn end_of_body(tokens: &[Token]) -> Option<usize> {
    let (mut depth, mut is_body) = (0, false);
    for token in tokens {
        is_body |= depth == 0 && token.is('{');
        depth += token.depth();
        let is_over = depth < 0 || depth == 0 && token.kind == Kind::Mark(';');
        if is_over && !is_body {
            return None;
        }
        if is_body && depth == 0 {
            return Some(token.line);
        }
    }
    None
}
