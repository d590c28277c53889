//! No file of Rust or TypeScript, sources and tests alike, has more than 400 lines.

use std::fs;
use std::path::{Path, PathBuf};

use crate::shown;

/// A file that is longer does more than one thing.
pub(crate) const MOST_LINES: usize = 400;

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
            if lines > MOST_LINES {
                let file = shown(project, &path);
                found.push(format!("{file}:{lines}: {lines} lines, {MOST_LINES} at most"));
            }
        }
    }
    found
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
