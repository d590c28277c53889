//! What `docs/security.md` names: files and tests that are there, and each requirement of the
//! chapters that it goes through, once. And the files that any document or comment names.

use std::fs;
use std::path::Path;

use super::documents::NOT_OURS;
use super::sentences;
use super::width::files_without;
use crate::scripts;
use crate::tokens::{self, Kind, Token};

/// The document.
pub(crate) const DOCUMENT: &str = "docs/security.md";

/// The requirements of levels 1 and 2 of ASVS 5.0.0 in chapters 3, 6, 7, 8, 11, 13, 14 and 16:
/// section, and the numbers in it.
#[rustfmt::skip]
const REQUIREMENTS: &[(&str, &[u8])] = &[
    ("3.2", &[1, 2]), ("3.3", &[1, 2, 3, 4]), ("3.4", &[1, 2, 3, 4, 5, 6]),
    ("3.5", &[1, 2, 3, 4, 5]), ("3.7", &[1, 2]),
    ("6.1", &[1, 2, 3]), ("6.2", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), ("6.3", &[1, 2, 3, 4]),
    ("6.4", &[1, 2, 3, 4]), ("6.5", &[1, 2, 3, 4, 5]), ("6.6", &[1, 2, 3]), ("6.8", &[1, 2, 3, 4]),
    ("7.1", &[1, 2, 3]), ("7.2", &[1, 2, 3, 4]), ("7.3", &[1, 2]), ("7.4", &[1, 2, 3, 4, 5]),
    ("7.5", &[1, 2]), ("7.6", &[1, 2]),
    ("8.1", &[1, 2]), ("8.2", &[1, 2, 3]), ("8.3", &[1]), ("8.4", &[1]),
    ("11.1", &[1, 2]), ("11.2", &[1, 2, 3]), ("11.3", &[1, 2, 3]), ("11.4", &[1, 2, 3, 4]),
    ("11.5", &[1]), ("11.6", &[1]),
    ("13.1", &[1]), ("13.2", &[1, 2, 3, 4, 5]), ("13.3", &[1, 2]), ("13.4", &[1, 2, 3, 4, 5]),
    ("14.1", &[1, 2]), ("14.2", &[1, 2, 3, 4]), ("14.3", &[1, 2, 3]),
    ("16.1", &[1]), ("16.2", &[1, 2, 3, 4, 5]), ("16.3", &[1, 2, 3, 4]), ("16.4", &[1, 2, 3]),
    ("16.5", &[1, 2, 3]),
];

/// What begins a name of a file of ours.
const FOLDERS: [&str; 13] = [
    ".ci/",
    "app/",
    "deploy/",
    "desk/",
    "docs/",
    "end2end/",
    "frontend/",
    "integrations/",
    "server/",
    "style/",
    "testkit/",
    "tools/",
    "xtask/",
];

/// Names of files that are not there, and of tests that are not in them.
pub(crate) fn without_their_test(project: &Path) -> Vec<String> {
    let text = fs::read_to_string(project.join(DOCUMENT)).unwrap_or_default();
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let mut last = "";
        for name in line.split('`').skip(1).step_by(2) {
            let (file, test) = match name.split_once("::") {
                // `::test` is in the file that the line names before it.
                Some(("", test)) => (last, Some(test)),
                Some((file, test)) => (file, Some(test)),
                None => (name, None),
            };
            let is_ours = FOLDERS.iter().any(|folder| file.starts_with(folder));
            // A test is in a file of ours, or its folder has another name.
            if !is_ours && (test.is_none() || !file.contains('/')) {
                continue;
            }
            last = file;
            if !is_ours || !holds(&project.join(file), test) {
                found.push(format!("{DOCUMENT}:{}: {name}", at + 1));
            }
        }
    }
    found
}

/// Files that documents and comments name, and that are not there.
pub(crate) fn without_their_file(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in files_without(project, &NOT_OURS) {
        let shown = path.strip_prefix(project).unwrap_or(&path).display().to_string();
        let extension = path.extension().and_then(|extension| extension.to_str());
        let is_text = |line: &str| match extension {
            Some("md") => true,
            Some("rs") => line.trim_start().starts_with("//"),
            _ => false,
        };
        if shown == sentences::LIST || !matches!(extension, Some("md" | "rs")) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| is_text(line)) {
            let names = line.split('`').skip(1).step_by(2);
            let gone = names.flat_map(|name| spread(name.split("::").next().unwrap_or(name)));
            let gone = gone.filter(|name| is_file_of_ours(name) && !project.join(name).exists());
            found.extend(gone.map(|name| format!("{shown}:{}: {name}", at + 1)));
        }
    }
    found
}

fn is_file_of_ours(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    FOLDERS.iter().any(|folder| name.starts_with(folder)) && name.chars().all(plain)
}

/// `a/{b,c}.rs` names `a/b.rs` and `a/c.rs`.
fn spread(name: &str) -> Vec<String> {
    let braces = name.split_once('{').and_then(|(before, rest)| {
        rest.split_once('}').map(|(within, after)| (before, within, after))
    });
    match braces {
        Some((before, within, after)) => {
            within.split(',').flat_map(|one| spread(&format!("{before}{one}{after}"))).collect()
        }
        None => vec![name.to_owned()],
    }
}

fn holds(path: &Path, test: Option<&str>) -> bool {
    let Some(test) = test else { return path.exists() };
    let Ok(source) = fs::read_to_string(path) else { return false };
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("rs") => is_run(&tokens::tokens(&source), test),
        Some("py") => {
            let lines: Vec<&str> = source.lines().map(str::trim_start).collect();
            let defines = |line: &str| {
                let line = line.strip_prefix("async ").unwrap_or(line);
                line.starts_with(&format!("def {test}("))
            };
            lines.iter().position(|line| defines(line)).is_some_and(|at| {
                let mut decorators =
                    lines[..at].iter().rev().take_while(|line| line.starts_with('@'));
                !decorators.any(|line| line.contains("skip"))
            })
        }
        // The title of a test in the browser.
        _ => is_titled(&scripts::tokens(&source), test),
    }
}

/// Whether a function of that name is a test, and none that is passed over.
fn is_run(tokens: &[Token], test: &str) -> bool {
    (1..tokens.len()).filter(|at| tokens[at - 1].is_word("fn") && tokens[*at].is_word(test)).any(
        |at| {
            let mut before = tokens[..at].rsplit(|it| it.is(';') || it.is('{') || it.is('}'));
            let attributes = before.next().unwrap_or_default();
            attributes.iter().any(|it| it.is_word("test"))
                && !attributes.iter().any(|it| it.is_word("ignore"))
        },
    )
}

/// Whether a test that is run is called so, or a part of its name is that.
fn is_titled(tokens: &[Token], title: &str) -> bool {
    tokens.iter().enumerate().any(|(at, token)| {
        let passed_over = ["skip", "fixme"];
        let is_passed_over = at > 1
            && tokens[at - 1].is('(')
            && passed_over.iter().any(|word| tokens[at - 2].is_word(word));
        matches!(&token.kind, Kind::Text(text) if text.contains(title)) && !is_passed_over
    })
}

/// Requirements that have no row of a table, or more than one; rows of none.
pub(crate) fn without_their_row(project: &Path) -> Vec<String> {
    let text = fs::read_to_string(project.join(DOCUMENT)).unwrap_or_default();
    let is_number = |cell: &str| {
        cell.split('.').count() == 3 && cell.split('.').all(|part| part.parse::<u8>().is_ok())
    };
    let rows: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next())
        .filter(|cell| is_number(cell))
        .collect();
    let required: Vec<String> = REQUIREMENTS
        .iter()
        .flat_map(|(section, numbers)| {
            numbers.iter().map(move |number| format!("{section}.{number}"))
        })
        .collect();
    let count = |number: &str| rows.iter().filter(|row| **row == number).count();
    let amiss = required
        .iter()
        .filter(|number| count(number) != 1)
        .map(|number| format!("{number}: {} rows", count(number)));
    let foreign = rows
        .iter()
        .filter(|row| !required.iter().any(|number| number == *row))
        .map(|row| format!("{row}: not of these levels"));
    amiss.chain(foreign).collect()
}
