//! Who starts the program in tests and tools: `testkit` alone, whatever language asks. Whoever else
//! waits for its port, or has `serve` in a command of its own, has written that once more.

use std::fs;
use std::path::{Path, PathBuf};

use crate::shown;

/// Where tests and tools stand.
const FOLDERS: [&str; 7] = [
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
const KINDS: [&str; 6] = ["rs", "ts", "mjs", "py", "sh", ""];

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
            let waits = line.contains("listens on http") || line.contains("listens on/");
            let starts = ["'serve'", "\"serve\"", "\" serve --"];
            if waits || (!is_rust && starts.iter().any(|start| line.contains(start))) {
                found.push(format!("{file}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    found
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
