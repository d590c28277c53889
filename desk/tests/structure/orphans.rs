//! Files of Rust that nothing compiles: no `mod` declares them, and they are no crate's root. A
//! test in one is never run, and nobody is told. And modules that stand where their name does not
//! say: what looks at the sources goes by it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::documents::plain;
use crate::scan::without_tests;
use crate::tokens::{Kind, Token, tokens};
use crate::width::files_of_kinds;
use crate::{files, shown};

/// Where each file is a crate of its own.
const OF_CRATES: [&str; 4] = ["tests", "benches", "examples", "bin"];

pub(crate) fn compiled_by_nothing(project: &Path) -> Vec<String> {
    let files = files_of_kinds(project, &["rs"]);
    let declared: BTreeSet<PathBuf> = files.iter().flat_map(|path| declares(path)).collect();
    let orphans = files.iter().filter(|path| !is_root(path) && !declared.contains(*path));
    orphans.map(|path| shown(project, path)).collect()
}

fn is_root(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    matches!(name, "lib.rs" | "main.rs" | "build.rs")
        || folder.is_some_and(|folder| OF_CRATES.contains(&folder))
            && path.ancestors().skip(2).take(2).any(|above| above.join("Cargo.toml").exists())
}

/// Modules of the program that come by `#[path]`, and code that comes by `include!`.
pub(crate) fn by_another_path(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["app/src", "desk/src", "server/src"] {
        for file in files(&project.join(folder)) {
            let tokens = without_tests(&file.tokens);
            for four in tokens.windows(4) {
                let is_attribute = four[0].is('[') || four[0].is(',');
                let is_path = is_attribute && four[1].is_word("path") && four[2].is('=');
                // What a build makes comes by `concat!`.
                let is_file = matches!(&four[3].kind, Kind::Text(text) if text.contains('.'));
                let is_included = four[0].is_word("include") && four[2].is('(');
                if is_file && (is_path || is_included) {
                    found.push(format!("{}:{}", shown(project, &file.path), four[0].line));
                }
            }
        }
    }
    found
}

/// The files that a file's `mod` lines may mean, and those that it names by `#[path]` or
/// `include!`.
fn declares(path: &Path) -> Vec<PathBuf> {
    let tokens = tokens(&fs::read_to_string(path).unwrap_or_default());
    let folder = path.with_file_name("");
    let mut found = Vec::new();
    for (at, pair) in tokens.windows(2).enumerate() {
        let ends = tokens.get(at + 2).is_some_and(|end| end.is(';'));
        if let (true, Some(name)) = (pair[0].is_word("mod") && ends, pair[1].word()) {
            for below in [folder.clone(), path.with_extension("")] {
                found.push(below.join(format!("{name}.rs")));
                found.push(below.join(name).join("mod.rs"));
            }
        }
        let names_a_file = |token: &Token| token.is('=') || token.is('(');
        if let (true, Kind::Text(text)) = (names_a_file(&pair[0]), &pair[1].kind)
            && Path::new(text).extension().is_some_and(|end| end == "rs")
        {
            found.push(plain(&folder.join(text)));
        }
    }
    found
}
