//! Files of the tree, for tests: those that are made from the program itself are held against what
//! they should be, and what documents write down is read as people would type it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The top of the tree, from where cargo runs tests.
const TOP: &str = "..";

/// Holds a file of the tree, named from its top, against what it should be. `UPDATE_REFERENCE=1`
/// writes it anew.
pub(crate) fn holds(file: &str, expected: &str) {
    let path = Path::new(TOP).join(file);
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(&path, expected).expect("written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "{file} is not what the program says: run this test with UPDATE_REFERENCE=1"
    );
}

/// Every document of the tree that people read.
pub(crate) fn documents() -> Vec<(PathBuf, String)> {
    let top = Path::new(TOP);
    let mut found = below(vec![top.join("docs"), top.join("integrations")], "md");
    found.push(read(top.join("README.md")));
    found
}

/// The files of these folders and of those below them whose names end so.
fn below(mut folders: Vec<PathBuf>, kind: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == kind) {
                found.push(read(path));
            }
        }
    }
    found
}

fn read(path: PathBuf) -> (PathBuf, String) {
    let text = std::fs::read_to_string(&path).expect("a file of text");
    (path, text)
}

/// Every source of the program.
pub(crate) fn sources() -> Vec<(PathBuf, String)> {
    let top = Path::new(TOP);
    below(["desk/src", "app/src", "server/src"].map(|folder| top.join(folder)).to_vec(), "rs")
}

/// The blocks of code in one language.
pub(crate) fn blocks<'a>(text: &'a str, language: &'a str) -> impl Iterator<Item = String> + 'a {
    let mut block: Option<(bool, String)> = None;
    text.lines().filter_map(move |line| {
        let bare = line.trim_start();
        match (bare.strip_prefix("```"), &mut block) {
            (Some(named), None) => block = Some((named.trim() == language, String::new())),
            (Some(_), Some(_)) => {
                return block.take().filter(|(wanted, _)| *wanted).map(|(_, text)| text);
            }
            (None, Some((_, text))) => _ = writeln!(text, "{line}"),
            (None, None) => {}
        }
        None
    })
}
