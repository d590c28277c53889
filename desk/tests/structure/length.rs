//! No file of Rust or TypeScript, sources and tests alike, has more than 400 lines, and no function
//! of Rust more than 80.

use std::fs;
use std::path::{Path, PathBuf};

use crate::shown;

/// A file that is longer does more than one thing.
pub(crate) const MAX_LINES: usize = 400;

/// A function that is longer is read in pieces anyway.
pub(crate) const MAX_LINES_OF_A_FUNCTION: usize = 80;

/// Where such files stand, and by what their names end.
const FOLDERS: [(&str, &str); 7] = [
    ("desk", "rs"),
    ("app", "rs"),
    ("server", "rs"),
    ("testkit", "rs"),
    ("xtask", "rs"),
    ("frontend", "rs"),
    ("end2end", "ts"),
];

/// Folders that hold no sources of ours.
const NOT_OURS: [&str; 2] = ["node_modules", "target"];

pub(crate) fn too_long(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for (folder, kind) in FOLDERS {
        for path in files(&project.join(folder), kind) {
            let lines = fs::read_to_string(&path).unwrap_or_default().lines().count();
            if lines > MAX_LINES {
                let file = shown(project, &path);
                found.push(format!("{file}:{lines}: {lines} lines, {MAX_LINES} at most"));
            }
        }
    }
    found
}

/// As rustfmt leaves it: a function's closing brace stands where its first line began.
pub(crate) fn too_long_functions(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for (folder, _) in FOLDERS.into_iter().filter(|(_, kind)| *kind == "rs") {
        for path in files(&project.join(folder), "rs") {
            let text = fs::read_to_string(&path).unwrap_or_default();
            for (line, name, length) in functions(&text) {
                if length > MAX_LINES_OF_A_FUNCTION {
                    found.push(format!(
                        "{}:{line}: {name} has {length} lines, {MAX_LINES_OF_A_FUNCTION} at most",
                        shown(project, &path)
                    ));
                }
            }
        }
    }
    found
}

/// The functions of a source: the line of the name, the name, and how many lines its head and body
/// take.
pub(crate) fn functions(text: &str) -> Vec<(usize, &str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let Some(name) = name_of(code) else { continue };
        let indent = &line[..line.len() - code.len()];
        let closes = |line: &str| line.strip_prefix(indent).is_some_and(|rest| rest == "}");
        let Some(length) = lines[at..].iter().position(|line| closes(line)) else { continue };
        found.push((at + 1, name, length + 1));
    }
    found
}

/// The name, where this line begins a function that has a body of several lines.
fn name_of(code: &str) -> Option<&str> {
    let (before, rest) = code.split_once("fn ")?;
    let words = ["pub", "const", "async", "unsafe", "extern"];
    let head = before.split_whitespace();
    let is_head = |word: &str| words.contains(&word) || word.starts_with("pub(") || word == "\"C\"";
    let declared = code.ends_with(';') || code.ends_with('}');
    if declared || !head.clone().all(is_head) {
        return None;
    }
    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().filter(|name| !name.is_empty())
}

fn files(folder: &Path, kind: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            if !NOT_OURS.iter().any(|other| name == *other) {
                found.extend(files(&path, kind));
            }
        } else if path.extension().is_some_and(|extension| extension == kind) {
            found.push(path);
        }
    }
    found.sort();
    found
}
