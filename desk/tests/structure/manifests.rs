//! The crates' manifests: each takes the workspace's lints, the desk's alone names the store's
//! client, and what the workspace lists is used by one of them.

use std::fs;
use std::path::Path;

use crate::shown;
use crate::width::files_of_kinds;

/// Those that may name SurrealDB: the workspace's, whose list all choose from, and the desk's.
const OF_THE_STORE: [&str; 2] = ["Cargo.toml", "desk/Cargo.toml"];

pub(crate) fn amiss(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut all = String::new();
    for path in files_of_kinds(project, &["toml"]) {
        let name = shown(project, &path);
        let text = fs::read_to_string(&path).unwrap_or_default();
        let is_of_the_workspace = path.file_name().is_some_and(|name| name == "Cargo.toml")
            && !text.lines().any(|line| line.trim() == "[workspace]");
        if !is_of_the_workspace {
            continue;
        }
        let mut lines = text.lines().map(str::trim).skip_while(|line| *line != "[lints]");
        if !(lines.next().is_some() && lines.next() == Some("workspace = true")) {
            found.push(format!("{name}: no [lints] with workspace = true"));
        }
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            if line.contains("surrealdb") && !OF_THE_STORE.contains(&name.as_str()) {
                found.push(format!("{name}:{}: surrealdb: {line}", at + 1));
            }
        }
        all.push_str(&text);
    }
    let root = fs::read_to_string(project.join("Cargo.toml")).unwrap_or_default();
    let dependencies = root.lines().skip_while(|line| *line != "[workspace.dependencies]").skip(1);
    for line in dependencies.take_while(|line| !line.starts_with('[')) {
        let name = line.split_once(" = ").map_or("", |(name, _)| name);
        let is_name = !name.is_empty() && !name.starts_with([' ', '#']);
        let uses = |line: &str| {
            let rest = line.trim().strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with(' ') || rest.starts_with(".workspace"))
        };
        if is_name && !all.lines().any(uses) {
            found.push(format!("Cargo.toml: {name} is used by no crate"));
        }
    }
    found
}
