//! Who tells what a request is for by its path: nobody, but for named places. It follows from the
//! group of its route (`server/src/web/routes.rs`).

use crate::modules::SourceFile;
use crate::tokens::{Kind, Token};

/// Files in which a path is told from another by its text, and why.
const NAMED: [&str; 1] = [
    // What an address leads to that somebody brings along, and not what is asked for.
    "app/src/paths.rs",
];

/// What looks whether a text is, begins with or holds another.
const COMPARING: [&str; 4] = ["starts_with", "strip_prefix", "contains", "ends_with"];

/// The lines of a file, `shown` so, that compare something with a path of this site.
pub(crate) fn compared(shown: &str, file: &SourceFile) -> Vec<(usize, String)> {
    if NAMED.contains(&shown) {
        return Vec::new();
    }
    let tokens = &file.tokens;
    let is_path = |at: usize| tokens.get(at).and_then(path);
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let is_called = tokens.get(at + 1).is_some_and(|next| next.is('('));
        let path = match token.word() {
            Some(word) if COMPARING.contains(&word) && is_called => is_path(at + 2),
            _ if is_comparison(tokens, at) => {
                is_path(at + 2).or_else(|| is_path(at.checked_sub(1)?))
            }
            _ => path(token).filter(|_| is_pattern(tokens, at)),
        };
        found.extend(path.map(|path| (token.line, format!("compared with {path}"))));
    }
    found
}

/// What stands before `=>`, or beside a `|`.
fn is_pattern(tokens: &[Token], at: usize) -> bool {
    let is =
        |at: Option<usize>, mark| at.and_then(|at| tokens.get(at)).is_some_and(|it| it.is(mark));
    let (before, after) = (at.checked_sub(1), Some(at + 1));
    is(before, '|') || is(after, '|') || is(after, '=') && is(Some(at + 2), '>')
}

/// `==` or `!=`.
fn is_comparison(tokens: &[Token], at: usize) -> bool {
    (tokens[at].is('=') || tokens[at].is('!')) && tokens.get(at + 1).is_some_and(|it| it.is('='))
}

/// A text that is a path: a slash, and a name behind it.
fn path(token: &Token) -> Option<&str> {
    match &token.kind {
        Kind::Text(text) => text
            .strip_prefix('/')
            .is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphanumeric()))
            .then_some(text),
        _ => None,
    }
}
