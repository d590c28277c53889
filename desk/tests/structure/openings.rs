//! What a file begins with: a line that says what it is for.

use std::fs;
use std::path::{Path, PathBuf};

use crate::shown;
use crate::width::{NOT_OURS, files_without};

pub(crate) fn without(project: &Path) -> Vec<String> {
    let opening = |path: &Path| match path.extension()?.to_str()? {
        "rs" => Some("//! "),
        "ts" | "mts" | "tsx" => Some("/"),
        "css" => Some("/* "),
        _ => None,
    };
    let offends = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap_or_default();
        opening(path).is_some_and(|opening| !text.starts_with(opening))
    };
    files_without(project, &NOT_OURS)
        .into_iter()
        .filter(offends)
        .map(|path| format!("{}:1", shown(project, &path)))
        .collect()
}
