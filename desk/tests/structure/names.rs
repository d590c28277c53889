//! Names that once stood here for what the field calls otherwise, in Rust and in scripts of
//! whatever language: they do not come back.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::tokens::{self, Token};
use crate::{languages, shown, width};

/// Old names of types and constants, and what is written instead.
const OLD: [(&str, &str); 23] = [
    ("Here", "RequestContext"),
    ("Fault", "ApiError"),
    ("Told", "PageData"),
    ("Around", "Layout"),
    ("Visit", "PageContext"),
    ("FrameView", "LayoutData"),
    ("News", "Event or LiveEvent"),
    ("Shared", "AppState"),
    ("SignOnError", "OidcError"),
    ("Begun", "LoginState"),
    ("Published", "Discovery"),
    ("Arrival", "LoginContext"),
    ("Vouched", "ExternalIdentity"),
    ("Fate", "Outcome"),
    ("Pass", "Principal"),
    ("Turns", "KeyedLocks"),
    ("Asked", "QueryParams"),
    ("AskedFor", "FilterField"),
    ("Arrived", "CompletedLogin"),
    ("Said", "what it is: Assertion, ClaimedUser, RecordedFields"),
    ("Fresh", "Reveal"),
    ("MOST", "what it is the most of: MAX_FORM_BYTES"),
    ("PATIENCE", "what it is the time of: STORE_TIMEOUT"),
];

/// Old names of functions, fields and variables, and what is written instead; of parts of a name,
/// too: `is_told`, `NotBegun`. A test is called by a sentence, which has any word.
const OLD_WORDS: [(&str, &str); 9] = [
    ("told", "what it is: outcome, reply, message, listed"),
    ("said", "what it is: claimed, message, value, announced"),
    ("asked", "what it is: request, query, wanted"),
    ("begun", "login, or started"),
    ("arrived", "completed, or signed_in"),
    ("arrival", "login_context"),
    ("arrive", "sign_in_from_proxy, complete"),
    ("sweep", "clean_up"),
    ("swept", "removed"),
];

/// Old names of types that may be one of several kinds: a row is known, or it is not.
const OLD_TYPES: [(&str, &str); 3] = [
    ("Known", "CachedToken, or who is known: KnownPerson"),
    ("Parts", "what they are of: AppStateInner"),
    ("Reading", "ReadStart"),
];

/// Those of others, and what is no old name where it stands: `tracing` calls so what a line of its
/// log is told to; a test's proxy lets what comes pass; a folder of tests is of a page's words,
/// **Single sign-on**.
const OF_OTHERS: [(&str, &str); 4] = [
    ("desk/tests/desk/outcomes.rs", "Pass"),
    ("desk/tests/desk/proxy.rs", "Pass"),
    ("server/src/logging/format.rs", "Visit"),
    ("server/tests/server/people/mod.rs", "sign_on"),
];

/// Old names of modules.
const OLD_MODULES: [&str; 15] = [
    "told",
    "here",
    "frame",
    "parts",
    "fault",
    "ask",
    "sign_on",
    "begun",
    "published",
    "snip",
    "plain_forms",
    "refuse",
    "asked",
    "said",
    "sweep",
];

/// What a type begins with.
const TYPES: [&str; 6] = ["struct", "enum", "trait", "type", "class", "interface"];

pub(crate) fn old_names(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in width::files_of_kinds(project, &["rs"]) {
        let file = shown(project, &path);
        let tokens = tokens::tokens(&fs::read_to_string(&path).unwrap_or_default());
        found.extend(words(&file, &tokens, &names_of_tests(&tokens)));
        for pair in tokens.windows(2).filter(|pair| pair[0].is_word("mod")) {
            let module = pair[1].word().filter(|name| is_old_module(&file, name));
            found.extend(module.map(|name| format!("{file}:{}: mod {name}", pair[1].line)));
        }
    }
    let scripts = width::files_without(project, &width::NOT_OURS);
    let read = |path: PathBuf| Some((languages::tokens_of_script(&path)?, path));
    let scripts: Vec<_> = scripts.into_iter().filter_map(read).collect();
    let tests = scripts.iter().flat_map(|(tokens, _)| tests_by_their_names(tokens)).collect();
    for (tokens, path) in &scripts {
        let file = shown(project, path);
        found.extend(words(&file, tokens, &tests));
        let module = path.file_stem().and_then(|stem| stem.to_str());
        let module = module.filter(|name| is_old_module(&file, name));
        found.extend(module.map(|name| format!("{file}:1: a file called {name}")));
    }
    found
}

/// Old words and old types among these tokens, names of tests aside. What a name begins with to
/// say that it is a file's or a class's own is no part of it.
fn words(file: &str, tokens: &[Token], tests: &BTreeSet<&str>) -> Vec<String> {
    let mut found = Vec::new();
    for token in tokens {
        let new = token.word().and_then(|word| {
            let part = || in_parts(word).filter(|_| !tests.contains(word));
            instead(file, word.trim_start_matches('_')).or_else(part).map(|new| (word, new))
        });
        found.extend(new.map(|(old, new)| format!("{file}:{}: {old}: {new}", token.line)));
    }
    for pair in tokens.windows(2) {
        let is_type = TYPES.iter().any(|keyword| pair[0].is_word(keyword));
        let name = pair[1].word().filter(|_| is_type).unwrap_or_default();
        let old = OLD_TYPES.iter().find(|(old, _)| *old == name);
        found.extend(old.map(|(old, new)| format!("{file}:{}: {old}: {new}", pair[1].line)));
    }
    found
}

fn is_old_module(file: &str, name: &str) -> bool {
    OLD_MODULES.contains(&name) && !OF_OTHERS.contains(&(file, name))
}

/// What is written instead of an old word that a longer name has in it.
fn in_parts(name: &str) -> Option<&'static str> {
    let mut parts: Vec<String> = Vec::new();
    let pieces = name.split(|c: char| c == '_' || c.is_ascii_digit());
    for piece in pieces.filter(|piece| !piece.is_empty()) {
        let is_constant = !piece.contains(char::is_lowercase);
        for (at, c) in piece.chars().enumerate() {
            if at == 0 || c.is_uppercase() && !is_constant {
                parts.push(String::new());
            }
            parts.last_mut()?.extend(c.to_lowercase());
        }
    }
    let is_compound = parts.len() > 1 || name.contains(|c: char| c.is_ascii_digit());
    let old = OLD_WORDS.iter().find(|(old, _)| is_compound && parts.iter().any(|it| it == old));
    old.map(|(_, new)| *new)
}

/// The functions that an attribute makes tests of.
fn names_of_tests(tokens: &[Token]) -> BTreeSet<&str> {
    let is_test = |at: usize| {
        let attributes = tokens[..at].rsplit(|it| it.is(';') || it.is('{') || it.is('}')).next();
        // `#[test]`, `#[tokio::test(…)]`, and not `#[cfg(test)]`.
        attributes.is_some_and(|of| {
            of.windows(2).any(|it| (it[0].is('[') || it[0].is_separator()) && it[1].is_word("test"))
        })
    };
    let functions = (1..tokens.len()).filter(|at| tokens[at - 1].is_word("fn") && is_test(at - 1));
    functions.filter_map(|at| tokens[at].word()).collect()
}

/// Python's tests, which are called so; a file may have those of another.
fn tests_by_their_names(tokens: &[Token]) -> impl Iterator<Item = &str> {
    let functions = tokens.windows(2).filter(|pair| pair[0].is_word("def"));
    functions.filter_map(|pair| pair[1].word()).filter(|name| name.starts_with("test_"))
}

/// What is written instead of an old name.
fn instead(file: &str, word: &str) -> Option<&'static str> {
    if OF_OTHERS.contains(&(file, word)) {
        return None;
    }
    if word.starts_with("MOST_") || word.ends_with("_MOST") {
        return Some("MAX_");
    }
    let is_constant = |old: &str| old.to_uppercase() == word;
    let is_old = |old: &str| old == word || is_constant(old);
    let of_words = OLD_WORDS.iter().find(|(old, _)| is_old(old));
    OLD.iter().find(|(old, _)| *old == word).or(of_words).map(|(_, new)| *new)
}
