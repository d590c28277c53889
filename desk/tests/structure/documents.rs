//! The documents: every link leads to a file, and to a heading where it names one; the book's table
//! of contents has every page; README is one that people read to its end.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::width::files_without;

/// The table of contents.
const SUMMARY: &str = "docs/SUMMARY.md";

/// The most lines that README has.
const README_LINES: usize = 120;

/// Folders that hold no documents of ours.
pub(crate) const NOT_OURS: [&str; 5] = ["node_modules", "target", ".git", "book", "demo-data"];

/// Links that lead nowhere.
pub(crate) fn dead_links(project: &Path) -> Vec<String> {
    let documents: BTreeMap<PathBuf, String> = documents(project);
    let headings: BTreeMap<&PathBuf, BTreeSet<String>> =
        documents.iter().map(|(path, text)| (path, anchors(text))).collect();
    let mut found = Vec::new();
    for (path, text) in &documents {
        for (line, target) in links(text) {
            let (file, anchor) = target
                .split_once('#')
                .map_or((target, None), |(file, anchor)| (file, Some(anchor)));
            let to = if file.is_empty() {
                path.clone()
            } else {
                plain(&path.with_file_name("").join(file))
            };
            let is_there = project.join(&to).exists()
                && anchor.is_none_or(|anchor| {
                    headings.get(&to).is_none_or(|there| there.contains(anchor))
                });
            if !is_there {
                found.push(format!("{}:{line}: {target}", path.display()));
            }
        }
    }
    found
}

/// Pages of the book that its table of contents has not, and links of its pages that lead out of
/// it: to another document, or to a folder. Other files it carries along (`tools/book`).
pub(crate) fn outside_the_book(project: &Path) -> Vec<String> {
    let documents = documents(project);
    let summary = documents.get(Path::new(SUMMARY)).map_or("", String::as_str);
    let listed: BTreeSet<PathBuf> =
        links(summary).into_iter().map(|(_, to)| plain(&Path::new("docs").join(to))).collect();
    let of_the_book = |page: &Path| page.starts_with("docs") || page.starts_with("integrations");
    let mut found: Vec<String> = documents
        .keys()
        .filter(|page| of_the_book(page) && *page != Path::new(SUMMARY) && !listed.contains(*page))
        .map(|page| page.display().to_string())
        .collect();
    for page in &listed {
        let text = documents.get(page).map_or("", String::as_str);
        for (line, target) in links(text) {
            let file = target.split_once('#').map_or(target, |(file, _)| file);
            let to = plain(&page.with_file_name("").join(file));
            let is_page = to.extension().is_some_and(|extension| extension == "md");
            if !file.is_empty() && (is_page && !listed.contains(&to) || project.join(&to).is_dir())
            {
                found.push(format!("{}:{line}: {target}", page.display()));
            }
        }
    }
    found
}

/// README, where it is too long.
pub(crate) fn long_readme(project: &Path) -> Vec<String> {
    let lines = fs::read_to_string(project.join("README.md")).unwrap_or_default().lines().count();
    if lines > README_LINES {
        vec![format!("README.md: {lines} lines, {README_LINES} at most")]
    } else {
        Vec::new()
    }
}

/// Every document, by its path within the project.
fn documents(project: &Path) -> BTreeMap<PathBuf, String> {
    let mut all = files_without(project, &NOT_OURS);
    all.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    let read = |path: PathBuf| {
        let within = path.strip_prefix(project).unwrap_or(&path).to_owned();
        (within, fs::read_to_string(&path).unwrap_or_default())
    };
    all.into_iter().map(read).collect()
}

/// What is linked to within the project, with the line. Code holds no links.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (at, line) in prose(text) {
        // Every second piece between backticks is code.
        for piece in line.split('`').step_by(2) {
            for (before, _) in piece.match_indices("](") {
                let rest = &piece[before + 2..];
                let target = rest.find(')').map_or(rest, |end| &rest[..end]);
                if !target.contains("://") && !target.starts_with("mailto:") {
                    found.push((at, target));
                }
            }
        }
    }
    found
}

/// The lines that stand in no block of code.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    text.lines().enumerate().filter_map(move |(at, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        (!is_code && !is_fence).then_some((at + 1, line))
    })
}

/// The headings' anchors, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text)
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(_, line)| line.trim_start_matches('#').trim());
    let anchor = |heading: &str| -> String {
        let kept = heading
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .collect::<String>();
        kept.replace(' ', "-")
    };
    headings.map(anchor).collect()
}

/// The same path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => _ = plain.pop(),
            other => plain.push(other),
        }
    }
    plain
}
