//! Who starts the program in tests and tools: `testkit` alone, whatever language asks. Whoever else
//! waits for its port, or has `serve` in a command of its own, has written that once more.

use std::fs;
use std::path::{Path, PathBuf};

use crate::shown;

/// Where tests and tools stand.
const FOLDERS: [&str; 10] = [
    ".ci",
    ".github",
    "testkit/tests",
    "desk/tests",
    "desk/benches",
    "server/tests",
    "server/benches",
    "end2end",
    "integrations",
    "tools",
];

/// They start it for people, or speak of starting it.
const OTHERS: [&str; 2] = ["desk/tests/structure", "tools/dev"];

/// By what their names end; none is a script's.
const KINDS: [&str; 13] =
    ["rs", "ts", "mts", "tsx", "js", "mjs", "cjs", "py", "pl", "pm", "sh", "yml", ""];

/// Folders that hold no sources of ours.
const NOT_OURS: [&str; 4] = ["node_modules", "target", "results", "__pycache__"];

/// The lines that start it by hand, or wait for it.
pub(crate) fn by_hand(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in FOLDERS.iter().flat_map(|folder| files(&project.join(folder))) {
        let file = shown(project, &path);
        if OTHERS.iter().any(|other| file.starts_with(other)) {
            continue;
        }
        // In Rust a command that is refused, or ends, is no start.
        let is_rust = Path::new(&file).extension().is_some_and(|extension| extension == "rs");
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (at, line) in text.lines().enumerate() {
            let waits = ["listens on http", "listens on/", "listens on ("];
            let starts = ["'serve'", "\"serve\"", "[`serve`"];
            let has = |any: &[&str]| any.iter().any(|text| line.contains(text));
            if has(&waits) || !is_rust && (has(&starts) || is_command(line)) {
                found.push(format!("{file}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    found
}

/// A line of a shell that has `serve` of a program done: of one that a variable names, or by its
/// own name.
fn is_command(line: &str) -> bool {
    let comments = ["#", "//", "/*", "* "];
    let words: Vec<&str> = line.split_whitespace().take_while(|word| *word != "#").collect();
    let is_program = |word: &str| {
        let is_variable = word.starts_with('$') || word.starts_with("\"$");
        is_variable || word == "latchkey" || word.ends_with("/latchkey") && !word.starts_with('\'')
    };
    words.windows(2).any(|pair| is_program(pair[0]) && pair[1] == "serve")
        && !comments.iter().any(|begin| line.trim_start().starts_with(begin))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            if !NOT_OURS.iter().any(|other| name == *other) {
                found.extend(files(&path));
            }
        } else {
            let kind = path.extension().unwrap_or_default();
            if KINDS.iter().any(|ours| kind == *ours) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
