//! The documents: every link leads to a file, and to a heading where it names one; the book's table
//! of contents has every page; README is one that people read to its end.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
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
            if file.starts_with('/') {
                found.push(format!("{}:{line}: {target}", path.display()));
                continue;
            }
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
    let is_document = |kind: &OsStr| kind == "md" || kind == "markdown";
    all.retain(|path| path.extension().is_some_and(is_document));
    let read = |path: PathBuf| {
        let within = path.strip_prefix(project).unwrap_or(&path).to_owned();
        (within, fs::read_to_string(&path).unwrap_or_default())
    };
    all.into_iter().map(read).collect()
}

/// What is linked to within the project, with the line. Code holds no links.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    // Every second piece between backticks is code, which may go on in the next line.
    let (mut is_code, mut last) = (false, 0);
    for (at, line) in prose(text) {
        is_code &= at == last + 1 && !line.trim().is_empty() && !line.starts_with('|');
        last = at;
        // `[name]: target`
        let named = line.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
        found.extend(named.map(|(_, target)| (at, target.trim())));
        for (piece_at, piece) in line.split('`').enumerate() {
            is_code ^= piece_at > 0;
            if is_code {
                continue;
            }
            for (begin, end) in [("](", ')'), ("href=\"", '"'), ("src=\"", '"')] {
                found.extend(piece.match_indices(begin).map(|(before, _)| {
                    let rest = &piece[before + begin.len()..];
                    (at, rest.find(end).map_or(rest, |end| &rest[..end]))
                }));
            }
        }
    }
    found.retain(|(_, target)| !target.contains("://") && !target.starts_with("mailto:"));
    found
}

/// The lines that stand in no block of code.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    text.lines().enumerate().filter_map(move |(at, line)| {
        let is_fence = is_fence(line);
        is_code ^= is_fence;
        (!is_code && !is_fence).then_some((at + 1, line))
    })
}

fn is_fence(line: &str) -> bool {
    line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~")
}

/// The lines of blocks of code.
fn code(text: &str) -> Vec<(usize, &str)> {
    let prose: BTreeSet<usize> = prose(text).map(|(at, _)| at).collect();
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    lines.filter(|(at, line)| !prose.contains(at) && !is_fence(line)).collect()
}

/// What documents have typed that is not there: targets of `make`, in prose and in blocks, and
/// programs in `tools` in blocks.
pub(crate) fn commands_of_none(project: &Path) -> Vec<String> {
    let makefile = fs::read_to_string(project.join("Makefile")).unwrap_or_default();
    let targets: BTreeSet<&str> =
        makefile.lines().filter_map(|line| Some(line.split_once(':')?.0)).collect();
    let mut found = Vec::new();
    for (path, text) in documents(project) {
        let in_prose = prose(&text).flat_map(|(at, line)| {
            line.split('`').skip(1).step_by(2).map(move |piece| (at, piece))
        });
        for (at, line) in code(&text).into_iter().chain(in_prose) {
            // `NAME=value` before the program, and what it is told by dashes, are no names.
            let words = line.split_whitespace().skip_while(|word| word.contains('='));
            let mut words = words.filter(|word| !word.starts_with('-'));
            let gone = match (words.next(), words.next()) {
                (Some("make"), Some(target)) => {
                    let is_name = target.chars().all(|c| c.is_ascii_lowercase() || c == '-');
                    is_name && !targets.contains(target)
                }
                (Some(program), _) if program.starts_with("tools/") => {
                    program.ends_with(|c: char| c.is_ascii_alphanumeric())
                        && !project.join(program).exists()
                }
                _ => false,
            };
            if gone {
                found.push(format!("{}:{at}: {}", path.display(), line.trim()));
            }
        }
    }
    found
}

/// The headings' anchors, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text)
        .filter(|(_, line)| line.starts_with('#') && line.trim_start_matches('#').starts_with(' '))
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
pub(crate) fn plain(path: &Path) -> PathBuf {
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
