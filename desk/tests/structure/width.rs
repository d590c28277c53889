//! No line is wider than 100 columns, in whatever language: code, comments, prose. What of it is an
//! address does not count; tables of Markdown files, data, and what is made or taken over from
//! elsewhere may be wider.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// The most columns.
const COLUMNS: usize = 100;

/// From so many characters on a word is wider than what stands around it leaves room for.
const LONG_WORD: usize = 60;

/// Data and pictures, by what their names end: what nobody reads line by line. All else is read.
const DATA: [&str; 14] = [
    "json", "snap", "svg", "lock", "sql", "gz", "txt", "png", "webm", "ldif", "pem", "jsonl",
    "log", "csv",
];

/// Made by programs, or of others.
const NOT_WRITTEN: [&str; 11] = [
    "docs/reference/audit.md",
    "docs/reference/commands.md",
    "docs/reference/configuration.md",
    "docs/reference/latchkey.toml",
    "docs/reference/openapi.json",
    "docs/reference/routes.md",
    "docs/SUMMARY.md",
    "docs/development/sentences.md",
    "end2end/results",
    "server/tests/server/people/sign_on/providers/",
    "target/",
];

/// Folders that hold no sources of ours.
pub(crate) const NOT_OURS: [&str; 7] =
    ["node_modules", "target", ".git", "demo-data", "results", "__pycache__", ".hypothesis"];

pub(crate) fn wide_lines(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in files_without(project, &NOT_OURS).into_iter().filter(|path| is_source(path)) {
        let shown = path.strip_prefix(project).unwrap_or(&path).display().to_string();
        if NOT_WRITTEN.iter().any(|made| shown.starts_with(made)) {
            continue;
        }
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let is_prose = path.extension().is_some_and(|extension| extension == "md");
        for (at, line) in text.lines().enumerate() {
            let columns = line.chars().count();
            let is_table = is_prose && (line.starts_with('|') || line.starts_with("!["));
            if columns - in_addresses(line) > COLUMNS && !is_table && !is_data(line) {
                found.push(format!("{shown}:{}: {columns} columns, {COLUMNS} at most", at + 1));
            }
        }
    }
    found
}

/// How many of a line's columns are addresses and the like: they cannot be broken.
fn in_addresses(line: &str) -> usize {
    let words = line.split_whitespace();
    words
        .filter(|word| word.contains("://") || is_long(word))
        .map(|word| word.chars().count())
        .sum()
}

fn is_long(word: &str) -> bool {
    word.chars().count() > LONG_WORD
}

/// What cannot be broken either: keys, expressions, pictures in a style. A comment can.
fn is_data(line: &str) -> bool {
    let is_comment = ["//", "#"].iter().any(|begin| line.trim_start().starts_with(begin));
    let is_picture = line.contains("url(\"data:");
    !is_comment && (is_picture || line.split_whitespace().any(is_long))
}

/// All files of the project but those in folders of these names. Below a folder `src` each is one
/// of ours, whatever it is called.
pub(crate) fn files_without(project: &Path, others: &[&str]) -> Vec<PathBuf> {
    let is_other = |path: &Path, name: &OsStr| {
        let within = path.strip_prefix(project).unwrap_or(path);
        let is_source = within.iter().any(|part| part == "src") && name != "node_modules";
        !is_source && others.iter().any(|other| name == *other)
    };
    let mut found = Vec::new();
    let mut folders = vec![project.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            if !path.is_dir() {
                found.push(path);
            } else if !is_other(&path, &name) {
                folders.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The files of the project whose names end so, wherever they stand.
pub(crate) fn files_of_kinds(project: &Path, kinds: &[&str]) -> Vec<PathBuf> {
    let mut found = files_without(project, &NOT_OURS);
    found.retain(|path| {
        path.extension().and_then(OsStr::to_str).is_some_and(|kind| kinds.contains(&kind))
    });
    found
}

/// By its name's end; what has none is a script, a Makefile or another program's configuration.
fn is_source(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str);
    extension.is_none_or(|extension| !DATA.contains(&extension))
}
